// One cell, run in this process: the adapter is started, threads and clients are made, the phases
// (preload, warm-up, measured, clean-up) follow each other, and the threads' results are merged.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/fault.h"
#include "harness/core/run_result.h"
#include "harness/replay/capacity.h"
#include "harness/replay/cell_control.h"
#include "harness/replay/key_classes.h"
#include "harness/replay/layers/layers.h"
#include "harness/replay/patterns.h"
#include "harness/replay/patterns/acknowledged_log.h"
#include "harness/replay/request_feed.h"
#include "harness/replay/workload_summary.h"

namespace cachegauge {

// Of an open loop: how the feed's schedule becomes time.
struct OpenLoopOptions {
  Arrivals arrivals = Arrivals::kNone;
  double rate = 0;   // requests per second, of constant and Poisson arrivals
  double speed = 1;  // of the trace's own times: 2 replays them in half the time
  double ns_per_unit() const { return arrivals == Arrivals::kTrace ? 1 / speed : 1e9 / rate; }
};

struct DriverOptions {
  OpenLoopOptions open;  // arrivals kNone: a closed loop
  Slo slo;               // if set, the search for the highest rate that keeps it
  TimingMode timing = TimingMode::kSampled;
  uint32_t clients = 1;
  uint32_t threads = 1;
  uint32_t pipeline = 1;
  int64_t duration_ns = 0;       // 0: until the workload ends
  uint64_t warmup_requests = 0;  // carried out first, and not counted
  bool preload = false;          // every key of the workload is set once before anything else
  uint64_t seed = 42;
  int64_t timeout_ns = 5'000'000'000;
  bool virtual_time = false;
  std::string log;                    // the path of the log of requests; empty: none is kept
  std::vector<int> client_cpus = {};  // thread i runs on the i-th, in turn; empty: on any
  int64_t interval_ns = 100'000'000;  // of the series, before it doubles
  // SIGKILL for the cell's own process, so long after the measured interval began; 0: none.
  int64_t kill_at_ns = 0;
};

struct CellPlan {
  const Workload* workload = nullptr;
  const WorkloadSummary* summary = nullptr;
  RequestRules rules;
  std::function<std::unique_ptr<Adapter>(const AdapterSettings&)> make_adapter;
  std::function<std::unique_ptr<Origin>()> make_origin;  // empty: no origin
  const PatternKind* pattern = nullptr;
  Spec pattern_spec = Spec("cache-aside");                     // of that kind
  std::vector<ClassLabel> classes;                             // as label_classes() makes them
  std::vector<Spec> guard;                                     // its parts; empty: none
  std::function<std::unique_ptr<Adapter>()> make_lock_server;  // one of those that it wants
  LayerOptions layers;
  Fills fills = Fills::kOnMiss;  // resolved: never kAuto
  std::vector<Fault> faults;
  OnCacheError on_cache_error = OnCacheError::kFail;
  DriverOptions driver;
  AdapterSettings adapter_settings;  // threads, timeout and seed are taken from `driver`
  std::string key_prefix;            // for an adapter that shares its keyspace; else unused
  // Of a cell whose process will be killed: an origin that was started, and a log, which both
  // outlive it. Null: the cell has its own.
  Origin* started_origin = nullptr;
  AcknowledgedLog* acknowledged = nullptr;
};

struct CellHooks {
  // Around the time in which keys with the prefix may be on a server that is not ours alone.
  std::function<void()> before_first_key = [] {};
  std::function<void()> after_cleanup = [] {};
};

// Throws Error for a cell that could not begin. What goes wrong once it runs is in the result:
// counted errors, warnings, `failure`.
RunResult run_cell(const CellPlan& plan, CellControl& control, const CellHooks& hooks);

// Unlinks the keys of the plan's workload, under its prefix, and nothing else: what run_cell() does
// at its end, for a run that could not. Returns how many keys were deleted.
uint64_t clean_cell(const CellPlan& plan, CellControl& control);

}  // namespace cachegauge
