// Gets of a trace under a guard (guards/guard.h): the same parts and coroutines as `stampede` has,
// over a client's sessions, with the workload's keys, TTLs and values, and into its accounts.
//
// A get is a hit if it is answered with a value that it found in the cache, whatever its age, and a
// miss if it waited for the origin, its own call or another's. Each value that is served from the
// cache is checked, behind its envelope. A first look that the cache does not answer ends the get
// as an error; when a later command fails, the guard goes on as if nobody had answered.
//
// Locks are keys of their own beside the value's. They are given up with the load, and end by their
// TTL where that fails, so a clean-up has none to remove.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "harness/replay/client.h"
#include "harness/replay/guards/guarded_request.h"
#include "harness/replay/guards/lock_pools.h"

namespace cachegauge {

// What the lanes of one thread share under a guard. Keys belong to threads, so that what a guard
// keeps in memory is that of a process.
class Guarding final : private GuardLog {
 public:
  // The context is the thread's; the lock servers are as many as the guard wants.
  Guarding(const SessionContext& context, std::span<const std::unique_ptr<Adapter>> lock_servers,
           Recorder& recorder, std::span<const Spec> guard, uint64_t seed);
  Guarding(const Guarding&) = delete;

  // The client's request is a get: carries it out.
  Task<bool> get(Client& client);
  // The client's request is no get: what it writes gets an envelope.
  void envelop(Client& client);

  GuardProcess& process() { return process_; }
  // Where the measured interval is counted; what happens outside of it is counted nowhere else.
  GuardCounts& counts() { return recorder_.guard_counts(); }

 private:
  void note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) override;
  static ClientTask refresh_behind(Scheduler& scheduler, Guarding& guarding, const Client& front,
                                   FirstLook look);

  Recorder& recorder_;
  const LockPools locks_;
  GuardProcess process_;
};

// One get, or what is done behind it.
class GuardedGet final : public GuardedRequest {
 public:
  enum class Place : uint8_t { kInFront, kBehind };
  GuardedGet(Guarding& guarding, Client& client, Place place, const FirstLook& look = {});

  // The first look was not answered.
  bool failed() const { return failed_; }
  // The get is answered.
  void count(Served served);

 private:
  void prepare(GuardStep step, SessionPool::Order& order) override;
  void took(GuardStep step, const Completion& completion) override;
  const GuardedKey& names() override;
  void take_value(const Completion& completion);

  // What the latest look brought.
  struct Seen {
    ValueCheck check;
    uint64_t bytes;
  };

  Guarding& guarding_;
  Client& client_;
  const bool behind_;
  bool failed_ = false;
  std::optional<Seen> seen_;
  GuardedKey names_;  // made when a lock is first wanted
  CommandKind lock_command_ = CommandKind::kAdd;
};

}  // namespace cachegauge
