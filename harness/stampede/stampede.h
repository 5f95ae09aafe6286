// One stampede, measured or simulated: an adapter, an origin, a guard, a scenario and a load.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/stampede_result.h"
#include "harness/stampede/driver.h"

namespace cachegauge {

struct StampedePlan {
  std::function<std::unique_ptr<Adapter>(const AdapterSettings&)> make_adapter;
  std::function<std::unique_ptr<Origin>()> make_origin;
  AdapterSettings adapter_settings;
  std::vector<Spec> guard;
  std::optional<HolderFault> fault;  // of all processes together
  // One of those that the guard wants for its locks; in virtual time they are models.
  std::function<std::unique_ptr<Adapter>()> make_lock_server;
  StampedeLoad load;
  Timetable timetable;
  int64_t ttl_ns = 0;
  uint64_t episodes = 0;  // to be counted, after the cold start; or rounds of the timetable
  int64_t origin_ns = 0;  // how long it takes for a value that the timetable stores
  uint32_t processes = 1;
  uint64_t seed = 42;
  bool virtual_time = false;
  int64_t round_trip_ns = 0;  // of a command, in virtual time
  int64_t limit_ns = 0;       // of the scheduler's time: the run is ended then, with what it has
  std::string key_prefix;     // for an adapter that shares its keyspace; else unused
};

struct StampedeResult {
  StampedeCounts counts;
  std::string adapter_version;  // empty: of the model
  bool interrupted = false;
  std::vector<std::string> flags, warnings;
};

// In real time several processes are as many that are forked, each with connections and a guard of
// its own; in virtual time they are simulated. Call it while this process has one thread. Throws
// Error for a run that could not begin.
StampedeResult run_stampede(const StampedePlan& plan, const std::atomic<bool>& stop);

}  // namespace cachegauge
