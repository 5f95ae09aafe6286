#include "harness/replay/guards/guard.h"

namespace cachegauge {
namespace {

constexpr uint32_t kAddAndDelete =
    command_bit(CommandKind::kAdd) | command_bit(CommandKind::kDelete);
constexpr uint32_t kOwnedLock =
    command_bit(CommandKind::kAdd) | command_bit(CommandKind::kCompareAndDelete);

constexpr ParamInfo kSingleFlightParams[] = {
    {"recheck", "no or yes = no", "look at the cache again before each load"},
};
constexpr ParamInfo kLockParams[] = {
    {"ttl", "time = 10s", "after which the lock of a holder that died is free again"},
    {"poll", "time = 50ms", "the pause between two looks of one who waits"},
    {"wait", "time = 30s", "after which one who waits fails"},
};
constexpr ParamInfo kCarefulLockParams[] = {
    {"ttl", "time = 10s", "after which the lock of a holder that died is free again"},
    {"poll", "time = 5ms",
     "the first pause of one who waits; later ones double, up to 16 times it"},
    {"wait", "time = 30s", "after which one who waits fails"},
};
constexpr ParamInfo kRedlockParams[] = {
    {"servers", "count = 5", "private Redis servers that hold the locks"},
    {"timeout", "time = 50ms", "after which a server that does not answer is passed over"},
    kCarefulLockParams[0],
    kCarefulLockParams[1],
    kCarefulLockParams[2],
};
constexpr ParamInfo kLeaseParams[] = {
    {"ttl", "time = 10s",
     "for how long a lease is held; a load that takes longer is not let into the cache"},
    {"poll", "time = 5ms", "the pause between two looks of one who waits"},
    {"wait", "time = 30s", "after which one who waits fails"},
    {"stale", "time = 0",
     "for how long a value past its lifetime is served while the lease is held"},
};
constexpr ParamInfo kBeta = {"beta", "number = 1", "above 1 recomputes earlier, below 1 later"};
constexpr ParamInfo kXFetchParams[] = {kBeta};
constexpr ParamInfo kXFetchLockParams[] = {kBeta, kCarefulLockParams[0], kCarefulLockParams[1],
                                           kCarefulLockParams[2]};
constexpr ParamInfo kJitterParams[] = {
    {"spread", "share = 10%", "TTLs lie within this share of the given one, on both sides"},
};
constexpr ParamInfo kStaleParams[] = {
    {"stale", "time = the TTL", "for how long a value is served past its lifetime"},
};
constexpr ParamInfo kAheadParams[] = {
    {"ahead", "time = 20% of the TTL", "how long before its end a value is made anew"},
};

constexpr GuardKind kGuards[] = {
    {"none", "every miss calls the origin", {}, 0, [](const Spec&, Guard&) {}},
    {"singleflight", "one load a key and process; the others wait for it and share it",
     kSingleFlightParams, 0, add_single_flight},
    {"lock", "a lock in the cache as tutorials write it: no owner, no second look (a bad example)",
     kLockParams, kAddAndDelete, add_lock},
    {"token-lock", "a lock in the cache with its owner's token, a second look, and back-off",
     kCarefulLockParams, kOwnedLock, add_token_lock},
    {"add-lock", "the same without a token, for caches that cannot delete on a condition",
     kCarefulLockParams, kAddAndDelete, add_add_lock},
    {"redlock", "a lock that a majority of several Redis servers has granted", kRedlockParams, 0,
     add_redlock},
    {"lease",
     "the cache grants one request the right to fill as it answers its get; the others wait",
     kLeaseParams, command_bit(CommandKind::kLease), add_lease},
    {"xfetch", "each request may recompute early, the likelier the nearer the end", kXFetchParams,
     0, add_xfetch, true},
    {"xfetch-lock", "the same, and the recomputation under a token-lock", kXFetchLockParams,
     kOwnedLock, add_xfetch_lock},
    {"jitter", "TTLs drawn at random, so that keys do not expire together", kJitterParams, 0,
     add_jitter, true},
    {"swr", "stale-while-revalidate: a value past its lifetime is served and made anew behind",
     kStaleParams, 0, add_swr, true},
    {"refresh-ahead", "a value near its end is served and made anew behind", kAheadParams, 0,
     add_refresh_ahead, true},
    {"prewarm",
     "a job of the application makes the value before it is asked for, and before its end",
     kAheadParams, 0, add_prewarm, true,
     "a trace has no job beside its requests; --preload sets each key before the first of them"},
};

}  // namespace

std::span<const GuardKind> guard_kinds() { return kGuards; }

}  // namespace cachegauge
