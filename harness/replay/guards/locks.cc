// Locks in the cache:
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
#include "harness/replay/guards/locks.h"

#include <fmt/format.h>

#include <algorithm>

namespace cachegauge {
namespace {

LockRules read_lock_rules(const Spec& spec, int64_t poll_ns) {
  LockRules rules;
  rules.ttl_ns = positive_ns(spec, "ttl", 10'000'000'000);
  rules.wait_ns = positive_ns(spec, "wait", 30'000'000'000);
  rules.poll_ns = rules.most_poll_ns = positive_ns(spec, "poll", poll_ns);
  return rules;
}

}  // namespace

Task<Served> KeyLock::recover(GuardedRequest& request) {
  const int64_t give_up_ns = request.now_ns() + rules_.wait_ns;
  std::string token = "1";
  if (rules_.token) token = fmt::format("{:016x}", request.random().next());
  for (int64_t longest_ns = rules_.poll_ns;;
       longest_ns = std::min(2 * longest_ns, rules_.most_poll_ns)) {
    const bool locked = co_await take(request, token);
    if (locked) co_return co_await hold(request, token);
    // Who has a value serves it, and leaves making the next one to the holder.
    if (request.found().has_value) co_return request.serve_found();
    if (request.now_ns() + longest_ns > give_up_ns) co_return Served::kFailed;
    co_await request.sleep(pause_ns(longest_ns, request.random()));
    request.note(GuardEvent::kPolled);
    co_await request.look();
    if (request.is_renewed()) co_return Served::kWaited;
  }
}

Task<bool> KeyLock::take(GuardedRequest& request, const std::string& token) {
  return request.try_lock(token, rules_.ttl_ns);
}

Task<bool> KeyLock::give_up(GuardedRequest& request, const std::string& token) {
  return rules_.token ? request.release_lock(token) : request.drop_lock();
}

Task<Served> KeyLock::hold(GuardedRequest& request, const std::string& token) {
  if (rules_.second_look) co_await request.look();
  Served served = Served::kWaited;
  if (!request.is_renewed()) served = co_await request.load_and_fill();
  co_await give_up(request, token);
  co_return served;
}

// Half of it at the least, so that those who wait do not come back together.
int64_t KeyLock::pause_ns(int64_t longest_ns, SplitMix64& random) const {
  if (!rules_.random_pauses) return longest_ns;
  return longest_ns / 2 + static_cast<int64_t>(random.below(longest_ns / 2 + 1));
}

LockRules read_careful_lock_rules(const Spec& spec) {
  constexpr int64_t kFirstPollNs = 5'000'000, kMostDoublings = 16;
  LockRules rules = read_lock_rules(spec, kFirstPollNs);
  rules.most_poll_ns = kMostDoublings * rules.poll_ns;
  rules.second_look = rules.random_pauses = true;
  return rules;
}

void add_lock(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<KeyLock>(read_lock_rules(spec, 50'000'000)));
}

void add_token_lock(const Spec& spec, Guard& guard) {
  LockRules rules = read_careful_lock_rules(spec);
  rules.token = true;
  guard.add(std::make_unique<KeyLock>(rules));
}

void add_add_lock(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<KeyLock>(read_careful_lock_rules(spec)));
}

}  // namespace cachegauge
