// One request under a guard: what the guard's coroutines can do for it. Every step is an awaitable
// that suspends only where there is something to wait for, under either scheduler, and tells the
// process' log what happened.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/coroutine.h"
#include "harness/core/random.h"
#include "harness/replay/guards/guard.h"
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
  SessionPool& cache;
  SessionPool& origin;
  GuardLog& log;
  std::span<const GuardedKey> keys;
  int64_t ttl_ns;
  SplitMix64 random;
  Guard guard;
  uint32_t number = 0;  // among all processes
};

// What a look at the cache came to that was taken before its request was one.
struct FirstLook {
  bool taken = false;
  Found found;
  GuardVerdict verdict = GuardVerdict::kRefresh;
};

class GuardedRequest {
 public:
  static constexpr size_t kValueBytes = 100;

  GuardedRequest(GuardProcess& process, uint32_t key, const FirstLook& look = {});
  GuardedRequest(const GuardedRequest&) = delete;

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

  // True if the lock of the key is now held, by `token`, for `ttl_ns` at the most.
  Task<bool> try_lock(std::string_view token, int64_t ttl_ns);
  // Whoever holds it.
  Task<bool> drop_lock();
  // If `token` still holds it; false if it does not.
  Task<bool> release_lock(std::string_view token);

  // Deletes the key and its lock.
  Task<bool> erase();

  SleepUntil sleep(int64_t ns) {
    return SleepUntil(process_.scheduler, now_ns() + ns, process_.number);
  }

  int64_t now_ns() const { return process_.scheduler.now_ns(); }
  uint32_t key() const { return key_; }
  SplitMix64& random() { return process_.random; }
  void note(GuardEvent event, int64_t detail = 0) {
    process_.log.note(event, key_, now_ns(), detail);
  }

 private:
  SessionPool::Call command(CommandKind kind, std::string_view value = {}, int64_t ttl_ns = 0);
  SessionPool::Call lock_command(CommandKind kind, std::string_view token, int64_t ttl_ns = 0);
  void prepare_look();
  void note_first_look();
  // The outcome of a command that the cache has completed, with a note if it failed.
  Outcome noted(const Completion& completion);
  void take_look(const Completion& completion);
  const GuardedKey& names() const { return process_.keys[key_]; }

  GuardProcess& process_;
  const uint32_t key_;
  Found found_;
  GuardVerdict verdict_ = GuardVerdict::kRefresh;
  bool has_looked_ = false;
  int64_t first_read_ns_ = INT64_MIN;  // of the value that the first look found
  SessionPool::Order order_;
  std::array<char, kValueBytes> value_;
};

}  // namespace cachegauge
