// The contract between the replay loop and whatever answers requests: a cache, or an origin.
//
// A Session is one client's connection: a queue into which commands are submitted and from which
// completions are polled. Commands and completions are plain structs that carry the caller's tag,
// so the same shape serves in-process caches, network clients, plug-ins behind a C interface and
// workers in other languages.
//
//   session.submit({&command, 1});         // may complete some at once
//   n = session.poll(completions);         // takes what has completed, in any order
//
// An in-process session completes every command within submit(). A network session only queues
// there; it writes in one flush when the loop calls it, and posts its `ready` wakeup when replies
// have come. A session belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cachegauge {

// The first four every cache has, or counts as `rejected`. The others are optional operations, each
// behind a bit of Capabilities::commands.
enum class CommandKind : uint8_t {
  kGet,               // -> kHit with the value, or kMiss
  kSet,               // stores unconditionally -> kStored, or kNotStored if admission declines
  kAdd,               // stores if absent -> kStored or kNotStored
  kDelete,            // -> kDeleted or kNotFound
  kCompareAndDelete,  // deletes if the stored value equals `value` -> kDeleted or kNotFound
  kLease,             // a get that, on a miss or of a stale value, grants one caller the right to
                      // fill for `ttl_ns` -> kHit, kLeaseGranted or kMiss (another holds it); a
                      // stale value is attached to the latter two
};
inline constexpr int kCommandKindCount = 6;

constexpr uint32_t command_bit(CommandKind kind) { return 1u << static_cast<int>(kind); }
inline constexpr uint32_t kBasicCommands =
    command_bit(CommandKind::kGet) | command_bit(CommandKind::kSet) |
    command_bit(CommandKind::kAdd) | command_bit(CommandKind::kDelete);

enum class Outcome : uint8_t {
  kHit,
  kMiss,
  kStored,
  kNotStored,
  kDeleted,
  kNotFound,
  kLeaseGranted,
  kRejected,  // the backend cannot take this key or value (too long, too large); nothing was done
  kError,     // the connection broke or the backend refused
  kTimeout,   // given up after the timeout; whether the backend acted is unknown
};

constexpr bool is_failure(Outcome outcome) {
  return outcome == Outcome::kError || outcome == Outcome::kTimeout;
}

inline constexpr uint64_t kAnyLease = UINT64_MAX;

struct Command {
  CommandKind kind = CommandKind::kGet;
  uint32_t version = 0;  // of the value, for an origin's kSet; a cache has no use for it
  uint64_t tag = 0;
  std::string_view key;    // with prefix and padding; valid during submit() only
  uint64_t key_hash = 0;   // of the trace's key
  std::string_view value;  // valid during submit() only
  int64_t ttl_ns = 0;      // 0: does not expire
  int64_t now_ns = 0;      // the scheduler's time: what TTLs of in-process caches count from
  // Where there are leases. Of a set: stored while this lease is held alone, which it ends; else
  // kNotStored. Of a delete: gives the lease up, and the value stays -> kDeleted or kNotFound. Of a
  // lease: the token to be granted, where the cache makes none. 0: none is meant, and kAnyLease:
  // the write takes effect, and whoever holds a lease of the key does so no more.
  uint64_t lease = 0;
  // Of a lease: a value with no more than this left of its TTL is stale.
  int64_t stale_ns = 0;
  // What an origin's get answers for: it makes no bytes, the harness makes the value.
  uint64_t value_size_bytes = 0;
};

struct Completion {
  uint64_t tag = 0;
  Outcome outcome = Outcome::kError;
  // Of a hit, or the stale one of a lease; valid until the next poll() on this session.
  std::string_view value;
  // Actual start (handed to the kernel) and completion (reply read, and decoded where that is to be
  // done), on monotonic_ns(). 0: the session does not stamp, the caller does.
  int64_t started_ns = 0;
  int64_t completed_ns = 0;
  uint64_t lease = 0;  // the token of one that was granted
};

class Session {
 public:
  virtual ~Session() = default;
  virtual void submit(std::span<const Command> commands) = 0;
  // Moves up to out.size() completions out and returns how many.
  virtual size_t poll(std::span<Completion> out) = 0;

  // Of an in-process session with nothing outstanding: submit() and poll() of one command in one
  // call. The value is valid until the next call on this session. False if nothing has completed.
  virtual bool execute(const Command& command, Completion& completion) {
    submit({&command, 1});
    return poll({&completion, 1}) == 1;
  }
};

}  // namespace cachegauge
