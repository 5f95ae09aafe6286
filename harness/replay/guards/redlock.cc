// Redlock: a lock that is held where a majority of N servers, which know nothing of each other, has
// granted it (Redis documentation, "Distributed Locks with Redis"). Each is asked, all at once, for
// a lock with the owner's token; it counts if more than half said yes and time is left of the TTL
// after what that took, and what clocks may drift: a hundredth of the TTL and two milliseconds. Who
// did not get it gives up what he got, and tries again after a pause drawn at random.
//
// It survives the death of fewer than half of the servers, and needs the cache for nothing but the
// value. It does not make a lock out of what is none: Kleppmann ("How to do distributed locking",
// 2016) showed that a holder that pauses beyond the TTL, or a server's clock that jumps, leaves two
// of them, as there is no token that grows and by which the late one's fill would be refused. A
// fault of `stampede`, pause, shows just that, and that a lease has such a token.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/replay/guards/locks.h"

namespace cachegauge {
namespace {

constexpr uint64_t kServers = 5, kMostServers = 99;
constexpr int64_t kServerTimeoutNs = 50'000'000;

int64_t drift_ns(int64_t ttl_ns) { return ttl_ns / 100 + 2'000'000; }

class Redlock final : public KeyLock {
 public:
  Redlock(const LockRules& rules, uint32_t servers, int64_t timeout_ns)
      : KeyLock(rules), servers_(servers), timeout_ns_(timeout_ns) {}

  LockServers lock_servers() const override { return {servers_, timeout_ns_}; }

 private:
  Task<bool> take(GuardedRequest& request, const std::string& token) override {
    const int64_t ttl_ns = rules().ttl_ns;
    const int64_t ends_ns = request.now_ns() + ttl_ns - drift_ns(ttl_ns);
    std::vector<Task<bool>> asked;
    asked.reserve(servers_);
    for (uint32_t i = 0; i < servers_; ++i) asked.push_back(request.lock_at(i, token, ttl_ns));
    uint32_t granted = 0;
    for (Task<bool>& one : asked) {
      const bool yes = co_await one;
      granted += yes ? 1 : 0;
    }
    const bool locked = 2 * granted > servers_ && request.now_ns() < ends_ns;
    if (!locked) co_await unlock_everywhere(request, token);
    request.note(locked ? GuardEvent::kLocked : GuardEvent::kLockBusy);
    co_return locked;
  }

  Task<bool> give_up(GuardedRequest& request, const std::string& token) override {
    request.note(GuardEvent::kUnlocked);
    return unlock_everywhere(request, token);
  }

  // Where the answer was lost, too.
  Task<bool> unlock_everywhere(GuardedRequest& request, const std::string& token) {
    std::vector<Task<bool>> asked;
    asked.reserve(servers_);
    for (uint32_t i = 0; i < servers_; ++i) asked.push_back(request.unlock_at(i, token));
    for (Task<bool>& one : asked) co_await one;
    co_return true;
  }

  const uint32_t servers_;
  const int64_t timeout_ns_;
};

}  // namespace

void add_redlock(const Spec& spec, Guard& guard) {
  LockRules rules = read_careful_lock_rules(spec);
  rules.token = true;
  const uint64_t servers = spec.count("servers", kServers);
  if (servers < 1 || servers > kMostServers) {
    throw Error::usage(fmt::format("redlock:servers: expected a number from 1 to {}, got \"{}\"",
                                   kMostServers, *spec.find("servers")));
  }
  if (rules.ttl_ns <= drift_ns(rules.ttl_ns)) {
    throw Error::usage(fmt::format(
        "redlock:ttl: expected a time above what clocks may drift, 2 ms and a hundredth, got "
        "\"{}\"",
        *spec.find("ttl")));
  }
  guard.add(std::make_unique<Redlock>(rules, static_cast<uint32_t>(servers),
                                      positive_ns(spec, "timeout", kServerTimeoutNs)));
}

}  // namespace cachegauge
