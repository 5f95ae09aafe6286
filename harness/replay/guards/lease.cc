// Leases: the cache itself grants one request at a time the right to make a key's value, as it
// answers the get. While it is held the others are served the value that is past its lifetime, if
// it was kept (`stale`), or look again and again. A fill is refused when its lease is not held any
// more: because it ended, because it was granted to another, or because the key was written or
// deleted meanwhile. So what is slow can overwrite nothing that is newer; but a lease that ends
// before the origin answers lets no value in at all. Nishtala et al., "Scaling Memcache at
// Facebook", NSDI 2013.
#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {
namespace {

class Lease final : public GuardPart {
 public:
  explicit Lease(const Spec& spec)
      : lease_ns_(positive_ns(spec, "ttl", 10'000'000'000)),
        poll_ns_(positive_ns(spec, "poll", 5'000'000)),
        wait_ns_(positive_ns(spec, "wait", 30'000'000'000)),
        stale_ns_(spec.duration_ns("stale", 0)) {}

  CommandKind look() const override { return CommandKind::kLease; }
  int64_t lock_ttl_ns() const override { return lease_ns_; }
  int64_t stale_ns(int64_t) const override { return stale_ns_; }
  Lifetime lifetime(Lifetime so_far, SplitMix64&) const override {
    return {so_far.fresh_ns, so_far.kept_ns + stale_ns_};
  }
  // The cache says who makes it anew.
  GuardVerdict judge(GuardVerdict so_far, const Found& found, int64_t, SplitMix64&) const override {
    if (!found.granted) return GuardVerdict::kServe;
    return so_far == GuardVerdict::kServe ? GuardVerdict::kRefresh : so_far;
  }

  bool recovers() const override { return true; }
  Task<Served> recover(GuardedRequest& request) override {
    const int64_t give_up_ns = request.now_ns() + wait_ns_;
    while (!request.found().granted) {
      request.note(GuardEvent::kLockBusy);
      if (request.now_ns() + poll_ns_ > give_up_ns) co_return Served::kFailed;
      co_await request.sleep(poll_ns_);
      request.note(GuardEvent::kPolled);
      co_await request.look();
      if (request.found().has_value && !request.found().granted) co_return Served::kWaited;
    }
    request.note(GuardEvent::kLocked);
    const Served served = co_await request.load_and_fill();
    request.note(GuardEvent::kUnlocked);
    if (served == Served::kFailed) co_await request.give_up_lease();
    co_return served;
  }

 private:
  const int64_t lease_ns_, poll_ns_, wait_ns_, stale_ns_;
};

}  // namespace

void add_lease(const Spec& spec, Guard& guard) { guard.add(std::make_unique<Lease>(spec)); }

}  // namespace cachegauge
