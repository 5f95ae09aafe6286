// Locks in the cache: the request that adds the key's lock makes the value, the others look for it
// again and again.
//
//   lock        as tutorials write it: SET NX EX, a fixed pause between looks, no token, no second
//               look after the lock was got, a plain delete. It is kept as the bad example it is:
//               one who waited can get the lock just after the value came, and a holder that took
//               longer than the lock's TTL deletes the lock of the next one.
//   token-lock  the lock holds its owner's token and is deleted on condition that it still does;
//               a second look once the lock is got; pauses that double and are drawn at random; a
//               wait that ends.
//   add-lock    the same without a token, for caches that cannot delete on a condition: memcached's
//               add and delete.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "harness/replay/guards/guarded_request.h"

namespace cachegauge {
namespace {

struct LockRules {
  int64_t ttl_ns = 0;
  int64_t poll_ns = 0;       // the pause before the first look
  int64_t most_poll_ns = 0;  // which later ones double up to
  int64_t wait_ns = 0;       // after which a request that waits fails
  bool second_look = false;
  bool token = false;
  bool random_pauses = false;
};

class Lock final : public GuardPart {
 public:
  explicit Lock(const LockRules& rules) : rules_(rules) {}
  bool recovers() const override { return true; }

  Task<Served> recover(GuardedRequest& request) override {
    const int64_t give_up_ns = request.now_ns() + rules_.wait_ns;
    std::string token = "1";
    if (rules_.token) token = fmt::format("{:016x}", request.random().next());
    for (int64_t pause_ns = rules_.poll_ns;;
         pause_ns = std::min(2 * pause_ns, rules_.most_poll_ns)) {
      const bool locked = co_await request.try_lock(token, rules_.ttl_ns);
      if (locked) co_return co_await hold(request, token);
      // Who has a value serves it, and leaves making the next one to the holder.
      if (request.found().has_value) co_return request.serve_found();
      if (request.now_ns() + pause_ns > give_up_ns) co_return Served::kFailed;
      co_await request.sleep(pause(pause_ns, request.random()));
      request.note(GuardEvent::kPolled);
      co_await request.look();
      if (request.is_renewed()) co_return Served::kWaited;
    }
  }

 private:
  Task<Served> hold(GuardedRequest& request, const std::string& token) {
    if (rules_.second_look) co_await request.look();
    Served served = Served::kWaited;
    if (!request.is_renewed()) served = co_await request.load_and_fill();
    if (rules_.token) {
      co_await request.release_lock(token);
    } else {
      co_await request.drop_lock();
    }
    co_return served;
  }

  // Half of it at the least, so that those who wait do not come back together.
  int64_t pause(int64_t longest_ns, SplitMix64& random) const {
    if (!rules_.random_pauses) return longest_ns;
    return longest_ns / 2 + static_cast<int64_t>(random.below(longest_ns / 2 + 1));
  }

  const LockRules rules_;
};

LockRules read_rules(const Spec& spec, int64_t poll_ns) {
  LockRules rules;
  rules.ttl_ns = positive_ns(spec, "ttl", 10'000'000'000);
  rules.wait_ns = positive_ns(spec, "wait", 30'000'000'000);
  rules.poll_ns = rules.most_poll_ns = positive_ns(spec, "poll", poll_ns);
  return rules;
}

LockRules read_careful_rules(const Spec& spec) {
  constexpr int64_t kFirstPollNs = 5'000'000, kMostDoublings = 16;
  LockRules rules = read_rules(spec, kFirstPollNs);
  rules.most_poll_ns = kMostDoublings * rules.poll_ns;
  rules.second_look = rules.random_pauses = true;
  return rules;
}

}  // namespace

void add_lock(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<Lock>(read_rules(spec, 50'000'000)));
}

void add_token_lock(const Spec& spec, Guard& guard) {
  LockRules rules = read_careful_rules(spec);
  rules.token = true;
  guard.add(std::make_unique<Lock>(rules));
}

void add_add_lock(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<Lock>(read_careful_rules(spec)));
}

}  // namespace cachegauge
