// Issues the requests of a scenario on one scheduler, for one process or for many simulated ones.
//
// Open loop: requests start on a schedule, whatever has become of those before. Of P simulated
// processes each gets every request with the same chance, so that each sees Poisson arrivals at
// rate / P, from one event queue. Closed loop: N clients that think for N / rate on average between
// two requests (not at all without a rate), and wait for the answer of each.
//
// The driver of the first process is also the scenario's stage.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/virtual_scheduler.h"
#include "harness/replay/guards/guarded_request.h"
#include "harness/replay/guards/lock_pools.h"
#include "harness/stampede/episodes.h"
#include "harness/stampede/load.h"
#include "harness/stampede/scenario.h"

namespace cachegauge {

struct DriverPlan {
  StampedeLoad load;
  Timetable timetable;
  uint64_t rounds = 0;    // of the timetable
  int64_t origin_ns = 0;  // how long it takes for values that are there from the beginning
  std::vector<Spec> guard;
  int64_t ttl_ns = 0;
  uint64_t seed = 42;
  std::vector<GuardedKey> keys;
  uint32_t first_process = 0, processes = 1;  // those of this driver
  uint32_t driver = 0, drivers = 1;
  uint32_t connections = 1;
  int64_t timeout_ns = 0;
  std::optional<HolderFault> fault;
  std::span<std::atomic<uint32_t>> struck;                       // of the fault: for each key
  std::span<const std::unique_ptr<Adapter>> lock_servers;        // as many as the guard wants
  std::function<bool()> finished;                                // no request is started any more
  std::function<void(int64_t down_ns, int64_t now_ns)> restart;  // of the cache's server
};

class StampedeDriver final : private Stage {
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
  // The processes of the application from one deployment to the next.
  struct Generation {
    std::vector<GuardProcess> processes;
    uint64_t requests = 0;  // under way
  };
  struct Place {
    Generation& generation;
    GuardProcess& process;
  };

  static ClientTask direct(Scheduler& scheduler, StampedeDriver& driver, int64_t start_ns);
  static ClientTask arrive(Scheduler& scheduler, StampedeDriver& driver, int64_t start_ns);
  static ClientTask carry_out(Scheduler& scheduler, StampedeDriver& driver, Place place,
                              uint32_t key, int64_t intended_ns, FirstLook look);
  static ClientTask refresh(Scheduler& scheduler, StampedeDriver& driver, Place place, uint32_t key,
                            FirstLook look);
  static ClientTask work(Scheduler& scheduler, StampedeDriver& driver, uint32_t client,
                         int64_t start_ns);
  static ClientTask store_key(Scheduler& scheduler, StampedeDriver& driver, uint32_t key);
  static ClientTask erase_key(Scheduler& scheduler, StampedeDriver& driver, uint32_t key);

  static ClientTask keep_warm(Scheduler& scheduler, StampedeDriver& driver, Generation& generation,
                              uint32_t key);

  void warm() override;
  void erase() override;
  void restart(int64_t down_ns) override;
  void replace_processes() override;
  void watch(int64_t zero_ns) override;

  Task<bool> serve(Place place, uint32_t key, int64_t intended_ns, FirstLook look);
  Task<bool> sleep_until(int64_t time_ns);
  void start(int64_t intended_ns, uint32_t key);
  void answer(GuardedRequest& request, int64_t intended_ns, Served served, bool missed);
  void open_sessions(Adapter& adapter, Origin& origin);
  void begin_generation();
  void begin_to_keep_warm();
  bool reach(int64_t time_ns);
  Place place_of(uint32_t process);
  Place next_place();
  bool has_stage() const { return plan_.first_process == 0; }

  const DriverPlan& plan_;
  Scheduler& scheduler_;
  EventLoop* const loop_;
  VirtualScheduler* const virtual_scheduler_;
  StampedeLog& log_;
  const bool immediate_;
  SessionPool cache_, origin_;
  LockPools locks_;
  std::optional<FaultLedger> faults_;
  std::list<Generation> generations_;  // the last is the present one
  SplitMix64 random_;
  HotKeyArrivals arrivals_;
  uint64_t started_ = 0;
  uint64_t generations_made_ = 0;
};

}  // namespace cachegauge
