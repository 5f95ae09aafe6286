// Leases: the cache itself grants one request at a time the right to make a key's value, as it
// answers the get; while it is held the others look again and again. Nishtala et al., "Scaling
// Memcache at Facebook", NSDI 2013. Unlike there a fill is not refused when its lease is no longer
// the one held.
#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {
namespace {

class Lease final : public GuardPart {
 public:
  explicit Lease(const Spec& spec)
      : lease_ns_(positive_ns(spec, "ttl", 10'000'000'000)),
        poll_ns_(positive_ns(spec, "poll", 5'000'000)),
        wait_ns_(positive_ns(spec, "wait", 30'000'000'000)) {}

  CommandKind look() const override { return CommandKind::kLease; }
  int64_t lease_ns() const override { return lease_ns_; }

  bool recovers() const override { return true; }
  Task<Served> recover(GuardedRequest& request) override {
    const int64_t give_up_ns = request.now_ns() + wait_ns_;
    while (!request.found().granted) {
      request.note(GuardEvent::kLockBusy);
      if (request.now_ns() + poll_ns_ > give_up_ns) co_return Served::kFailed;
      co_await request.sleep(poll_ns_);
      request.note(GuardEvent::kPolled);
      co_await request.look();
      if (request.found().has_value) co_return Served::kWaited;
    }
    request.note(GuardEvent::kLocked);
    const Served served = co_await request.load_and_fill();
    co_await request.drop_lock();
    co_return served;
  }

 private:
  const int64_t lease_ns_, poll_ns_, wait_ns_;
};

}  // namespace

void add_lease(const Spec& spec, Guard& guard) { guard.add(std::make_unique<Lease>(spec)); }

}  // namespace cachegauge
