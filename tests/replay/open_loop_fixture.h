// Open loops over a server whose delays are known, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/replay/cell.h"
#include "tests/support/delayed_adapter.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {

inline InMemoryWorkload gets(uint64_t count) {
  std::vector<uint64_t> keys(count);
  for (uint64_t i = 0; i < count; ++i) keys[i] = i % 1000;
  return InMemoryWorkload::gets(keys);
}

class OpenLoopTest : public ::testing::Test {
 protected:
  OpenLoopTest() {
    plan.driver.virtual_time = true;
    plan.driver.timing = TimingMode::kAll;
    plan.fills = Fills::kNone;
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<DelayedAdapter>(delays);
    };
  }
  void open_loop(double rate, uint32_t clients, Arrivals arrivals = Arrivals::kPoisson) {
    plan.driver.open = {.arrivals = arrivals, .rate = rate};
    plan.driver.clients = clients;
  }
  void replay_trace(double speed, uint32_t clients) {
    plan.driver.open = {.arrivals = Arrivals::kTrace, .speed = speed};
    plan.driver.clients = clients;
  }
  RunResult run(const Workload& workload) {
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    return run_cell(plan, control, {});
  }
  std::vector<int64_t> starts() const {
    std::vector<int64_t> times;
    for (const Delays::Seen& seen : delays.seen) times.push_back(seen.at_ns);
    return times;
  }

  Delays delays;
  CellPlan plan;
  CellControl control;
};

}  // namespace cachegauge
