// Issues the requests of a scenario on one scheduler, for one process or for many simulated ones.
//
// Open loop: requests start on a schedule, whatever has become of those before. Of P simulated
// processes each gets every request with the same chance, so that each sees Poisson arrivals at
// rate / P, from one event queue. Closed loop: N clients that think for N / rate on average between
// two requests (not at all without a rate), and wait for the answer of each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/virtual_scheduler.h"
#include "harness/replay/guards/guarded_request.h"
#include "harness/replay/guards/lock_pools.h"
#include "harness/stampede/episodes.h"

namespace cachegauge {

struct StampedeLoad {
  double rate = 0;  // requests per second, of all processes; 0: clients that never think
  bool poisson = true;
  uint32_t clients = 0;  // 0: an open loop
};

struct DriverPlan {
  StampedeLoad load;
  std::vector<Spec> guard;
  int64_t ttl_ns = 0;
  uint64_t seed = 42;
  std::vector<GuardedKey> keys;
  uint32_t first_process = 0, processes = 1;  // those of this driver
  uint32_t connections = 1;
  int64_t timeout_ns = 0;
  std::optional<HolderFault> fault;
  std::span<const std::unique_ptr<Adapter>> lock_servers;  // as many as the guard wants
  std::function<bool()> finished;                          // no request is started any more
};

class StampedeDriver {
 public:
  // `loop` is the scheduler in real time, and null in virtual time. Opens the sessions.
  StampedeDriver(const DriverPlan& plan, Scheduler& scheduler, EventLoop* loop, Adapter& adapter,
                 Origin& origin, StampedeLog& log);
  StampedeDriver(const StampedeDriver&) = delete;

  // From `start_ns` on, until the plan says that it is finished and the last request is answered.
  void run(int64_t start_ns);
  // Deletes the keys and their locks.
  void clean_up();

 private:
  static ClientTask arrive(Scheduler& scheduler, StampedeDriver& driver, int64_t start_ns);
  static ClientTask carry_out(Scheduler& scheduler, StampedeDriver& driver, GuardProcess& process,
                              int64_t intended_ns, FirstLook look);
  static ClientTask refresh(Scheduler& scheduler, StampedeDriver& driver, GuardProcess& process,
                            uint32_t key, FirstLook look);
  static ClientTask work(Scheduler& scheduler, StampedeDriver& driver, GuardProcess& process,
                         uint32_t client, int64_t start_ns);

  static ClientTask keep_warm(Scheduler& scheduler, StampedeDriver& driver, GuardProcess& process,
                              uint32_t key);

  static ClientTask erase_keys(Scheduler& scheduler, GuardProcess& process);

  Task<bool> serve(GuardProcess& process, int64_t intended_ns, FirstLook look);
  void start(int64_t intended_ns);
  void open_sessions(Adapter& adapter, Origin& origin);
  bool reach(int64_t time_ns);
  int64_t gap_ns(double mean_ns);
  GuardProcess& next_process();

  const DriverPlan& plan_;
  Scheduler& scheduler_;
  EventLoop* const loop_;
  VirtualScheduler* const virtual_scheduler_;
  StampedeLog& log_;
  const bool immediate_;
  SessionPool cache_, origin_;
  LockPools locks_;
  std::optional<FaultLedger> faults_;
  std::vector<GuardProcess> processes_;
  SplitMix64 random_;
  double due_ns_ = 0;
  uint64_t started_ = 0;
};

}  // namespace cachegauge
