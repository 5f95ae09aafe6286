// One request under a guard: what the guard's coroutines can do for it. Every step is an awaitable
// that suspends only where there is something to wait for, under either scheduler, and tells the
// process' log what happened.
//
// By itself it asks for a key of the process and stores a value that is nothing but an envelope and
// padding: what `stampede` needs. A request of a trace (harness/replay/guarded_get.h) has a key,
// values, sessions and accounts of its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/coroutine.h"
#include "harness/core/random.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/guards/holder_fault.h"
#include "harness/replay/session_pool.h"

namespace cachegauge {

// What happens to a key, in the order of time.
enum class GuardEvent : uint8_t {
  kMissed,      // a request found no value, or set out to make a new one; detail: 1 if there
                // was one
  kLoadBegan,   // a call of the origin
  kLoaded,      // it answered
  kLoadFailed,  // it did not
  kFilled,      // the cache acknowledged the value; detail: when the origin was asked for it
  kFillFailed,
  kLocked,       // a lock or a lease was got
  kLockBusy,     // another has it
  kUnlocked,     // its holder gave it up
  kPolled,       // a look at the cache while waiting
  kServedStale,  // a request is answered with a stale value; detail: how far past its lifetime
  kCacheFailed,  // a command of any kind, fills included, that the cache did not answer
  kFinished,     // a request that missed is over, or a refresh in the background
  kFaulted,      // what goes wrong with the load that begins was brought about
};

class GuardLog {
 public:
  virtual void note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) = 0;

 protected:
  ~GuardLog() = default;
};

// A key that requests ask for, and the key of its lock. The texts outlive every request.
struct GuardedKey {
  std::string key, lock_key;
  uint64_t hash = 0, lock_hash = 0;
};
GuardedKey make_guarded_key(std::string key);

// What the requests of one process share.
struct GuardProcess {
  Scheduler& scheduler;
  // Null, and none: each request has its own.
  SessionPool* cache = nullptr;
  SessionPool* origin = nullptr;
  GuardLog& log;
  std::span<const GuardedKey> keys = {};
  int64_t ttl_ns = 0;  // 0: values do not expire
  SplitMix64 random;
  Guard guard;
  uint32_t number = 0;  // among all processes
  std::span<const std::unique_ptr<SessionPool>> lock_pools = {};
  FaultLedger* faults = nullptr;  // null: nothing goes wrong on purpose
};

// The commands that a request sends.
enum class GuardStep : uint8_t { kLook, kLoad, kFill, kLock };

// What a look at the cache came to that was taken before its request was one.
struct FirstLook {
  bool taken = false;
  Found found;
  GuardVerdict verdict = GuardVerdict::kRefresh;
};

class GuardedRequest {
 public:
  static constexpr size_t kValueBytes = 100;

  // For a key of the process.
  GuardedRequest(GuardProcess& process, uint32_t key, const FirstLook& look = {});
  GuardedRequest(const GuardedRequest&) = delete;
  virtual ~GuardedRequest() = default;

  // Looks at the cache; the guard's judgement of what is there is then in verdict().
  Task<bool> look();
  // The same where the cache answers at once.
  FirstLook look_now();
  const Found& found() const { return found_; }
  GuardVerdict verdict() const { return verdict_; }
  // True if what the last look found was made since the first.
  bool is_renewed() const { return found_.has_value && found_.envelope.read_ns > first_read_ns_; }
  // Of the value that was found.
  Served serve_found() const;
  // How far past its lifetime that is.
  int64_t stale_ns() const { return now_ns() - found_.envelope.fresh_until_ns; }

  // Asks the origin, and stores what it answers.
  Task<Served> load_and_fill();
  // Stores a value for which the origin was asked at `asked_ns`, and answers now. False if the
  // cache did not take it.
  Task<bool> store(int64_t asked_ns);
  // What the latest one carried.
  const Envelope& filled() const { return storing_.envelope; }

  // True if the lock of the key is now held, by `token`, for `ttl_ns` at the most.
  Task<bool> try_lock(std::string_view token, int64_t ttl_ns);
  // Whoever holds it.
  Task<bool> drop_lock();
  // If `token` still holds it; false if it does not.
  Task<bool> release_lock(std::string_view token);

  // The same at one of the lock servers.
  Task<bool> lock_at(uint32_t server, std::string_view token, int64_t ttl_ns);
  Task<bool> unlock_at(uint32_t server, std::string_view token);

  // Of a lease that was granted with the value found last.
  Task<bool> give_up_lease();

  // Deletes the key and its lock.
  Task<bool> erase();

  SleepUntil sleep(int64_t ns) {
    return SleepUntil(process_.scheduler, now_ns() + ns, process_.number);
  }

  int64_t now_ns() const { return process_.scheduler.now_ns(); }
  uint32_t key() const { return target_.key; }
  SplitMix64& random() { return process_.random; }
  void note(GuardEvent event, int64_t detail = 0);

 protected:
  struct Target {
    uint32_t key;  // tells keys apart
    std::string_view name;
    uint64_t hash;
    int64_t ttl_ns;
    SessionPool& cache;
    SessionPool* origin;  // null: a load takes no time and does not fail
  };
  GuardedRequest(GuardProcess& process, const Target& target, const FirstLook& look);

  // Before a command is sent: gives a fill its value. kLoad is told of without an origin, too.
  virtual void prepare(GuardStep step, SessionPool::Order& order);
  // Of one that was sent. The completion's value is valid within the call.
  virtual void took(GuardStep, const Completion&) {}
  virtual const GuardedKey& names() { return process_.keys[target_.key]; }

  // A look brought a value: a hit's, or the stale one of a lease.
  bool brings_value(const Completion& look) const;

 private:
  void command(CommandKind kind, std::string_view value = {}, int64_t ttl_ns = 0);
  SessionPool::Call lock_command(CommandKind kind, std::string_view token, int64_t ttl_ns = 0);
  SessionPool::Call send(GuardStep step);
  Task<Outcome> ask_lock_server(uint32_t server, CommandKind kind, std::string_view token,
                                int64_t ttl_ns);
  void prepare_look();
  void note_first_look();
  // The outcome of a command that the cache has completed, with a note if it failed.
  Outcome noted(GuardStep step, const Completion& completion);
  void take_look(const Completion& completion);
  Task<bool> load(const HolderFault* fault, int64_t asked_ns);
  Served die();

  GuardProcess& process_;
  const Target target_;
  Found found_;
  GuardVerdict verdict_ = GuardVerdict::kRefresh;
  bool has_looked_ = false;
  int64_t first_read_ns_ = INT64_MIN;  // of the value that the first look found
  bool holds_ = false;                 // a lock or a lease
  bool is_dead_ = false;               // and will give up nothing
  Storing storing_;                    // by the latest store()
  SessionPool::Order order_;
  std::array<char, kValueBytes> value_;
};

}  // namespace cachegauge
