// Stampede protection: what an application does so that the end of a hot key's life does not send
// every request to the origin at once.
//
// A guard answers three questions, and its parts may each answer one or more of them:
//   lifetime   for how long a value that is stored now is fresh, and for how long it is kept
//   judge      whether a value that was found is served, or made anew before its time, or both
//   recover    who calls the origin, and what the others do meanwhile
// Parts are composed: `jitter+token-lock` spreads expiries and locks the recomputation. One part at
// most recovers; without one, each request that wants to calls the origin.
//
// A recovery is a coroutine over a GuardedRequest, the same for the real and the virtual scheduler.
// A Guard belongs to one process, which may be a simulated one, and to one thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/coroutine.h"
#include "harness/core/random.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"
#include "harness/core/stampede_result.h"
#include "harness/replay/guards/envelope.h"

namespace cachegauge {

class GuardedRequest;

// What a look at the cache came to.
struct Found {
  bool has_value = false;  // of whatever age
  bool granted = false;    // the lease: this request is to make the value
  uint64_t lease = 0;      // its token, if it was granted
  Envelope envelope;       // of the value
};

enum class GuardVerdict : uint8_t {
  kServe,          // as it is
  kRefresh,        // the request makes a new one, or waits for whoever does
  kRefreshBehind,  // it is served, and made anew in the background
};

struct Lifetime {
  int64_t fresh_ns = 0;  // after which the value is stale
  int64_t kept_ns = 0;   // its TTL in the cache, not below fresh_ns
};

// What a value that is stored carries, and its TTL in the cache (0: it does not expire).
struct Storing {
  Envelope envelope;
  int64_t kept_ns = 0;
};

// Servers apart from the cache, which hold locks and nothing else.
struct LockServers {
  uint32_t count = 0;
  int64_t timeout_ns = 0;  // after which one of them is given up
};

class GuardPart {
 public:
  virtual ~GuardPart() = default;
  // Each hands on what the parts before it said, changed or not.
  virtual Lifetime lifetime(Lifetime so_far, SplitMix64&) const { return so_far; }
  virtual GuardVerdict judge(GuardVerdict so_far, const Found&, int64_t /*now_ns*/,
                             SplitMix64&) const {
    return so_far;
  }
  // For how long values with this TTL are kept beyond their lifetime. Where no part does so, what
  // the cache has is fresh.
  virtual int64_t stale_ns(int64_t /*ttl_ns*/) const { return 0; }
  // judge() may say kRefreshBehind.
  virtual bool refreshes_behind() const { return false; }
  virtual bool recovers() const { return false; }
  // Of a request that found nothing to serve, or is to refresh what it found. Called if recovers().
  virtual Task<Served> recover(GuardedRequest& request);
  // The command with which it looks at the cache: kGet, or kLease.
  virtual CommandKind look() const { return CommandKind::kGet; }
  // For how long its lock or lease is held at the most; 0 if it has none.
  virtual int64_t lock_ttl_ns() const { return 0; }
  // Those that recover() asks for locks.
  virtual LockServers lock_servers() const { return {}; }
  // How long before the end of a value with this TTL the application makes it anew, asked or not;
  // 0: it does not.
  virtual int64_t warm_ns(int64_t /*ttl_ns*/) const { return 0; }
};

class Guard {
 public:
  void add(std::unique_ptr<GuardPart> part);

  // Of a value for which the origin was asked at `asked_ns` and which it gave at `now_ns`;
  // `ttl_ns` 0: it does not expire.
  Storing storing(uint64_t key_hash, int64_t ttl_ns, int64_t asked_ns, int64_t now_ns,
                  SplitMix64& random) const;
  // Of a value that was found.
  GuardVerdict judge(const Found& found, int64_t now_ns, SplitMix64& random) const;
  bool is_stale(const Found& found, int64_t now_ns) const {
    return keeps_stale_ && now_ns >= found.envelope.fresh_until_ns;
  }
  Task<Served> recover(GuardedRequest& request);
  CommandKind look() const;
  bool leases() const { return look() == CommandKind::kLease; }
  int64_t stale_ns(int64_t ttl_ns) const;
  int64_t lock_ttl_ns() const { return recovering_ ? recovering_->lock_ttl_ns() : 0; }
  LockServers lock_servers() const {
    return recovering_ ? recovering_->lock_servers() : LockServers();
  }
  int64_t warm_ns(int64_t ttl_ns) const;
  bool recovers() const { return recovering_ != nullptr; }
  bool refreshes_behind() const { return refreshes_behind_; }

 private:
  Lifetime lifetime(int64_t ttl_ns, SplitMix64& random) const;

  std::vector<std::unique_ptr<GuardPart>> parts_;
  GuardPart* recovering_ = nullptr;
  bool keeps_stale_ = false, refreshes_behind_ = false;
};

struct GuardKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  uint32_t commands;  // command_bit()s that the cache must have beside get and set
  // Adds its parts. Throws Error::usage for parameters that make no sense.
  void (*add)(const Spec& spec, Guard& guard);
  bool about_ttls = false;  // it acts on TTLs and their ends alone
  // Why a trace cannot be replayed under it, and what does the like.
  std::string_view not_in_run = {};
};

std::span<const GuardKind> guard_kinds();

// `name:param=value+name…`. Throws Error::usage for what is not known, what cannot be composed, and
// what the cache cannot carry out, with the reason and what would do.
std::vector<Spec> parse_guard(std::string_view text);
Guard make_guard(std::span<const Spec> parts);
void require_commands(std::span<const Spec> guard, std::string_view adapter,
                      const Capabilities& capabilities);

// Of a lock or a lease that ends before an origin of this latency answers: what that does. Empty if
// there is none.
std::string short_lock_warning(std::span<const Spec> parts, int64_t latency_ns);

// A parameter that is a time above 0. Throws Error::usage.
int64_t positive_ns(const Spec& spec, std::string_view name, int64_t fallback_ns);

// The rows' own functions, a file each.
void add_single_flight(const Spec& spec, Guard& guard);
void add_lock(const Spec& spec, Guard& guard);
void add_token_lock(const Spec& spec, Guard& guard);
void add_add_lock(const Spec& spec, Guard& guard);
void add_redlock(const Spec& spec, Guard& guard);
void add_lease(const Spec& spec, Guard& guard);
void add_xfetch(const Spec& spec, Guard& guard);
void add_xfetch_lock(const Spec& spec, Guard& guard);
void add_jitter(const Spec& spec, Guard& guard);
void add_swr(const Spec& spec, Guard& guard);
void add_refresh_ahead(const Spec& spec, Guard& guard);
void add_prewarm(const Spec& spec, Guard& guard);

}  // namespace cachegauge
