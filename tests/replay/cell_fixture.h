// Cells whose adapter does as a test says.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/replay/cell.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"

namespace cachegauge {

// A cell over the scripted adapter, in virtual time with one client unless a test says otherwise.
class CellTest : public ::testing::Test {
 protected:
  RunResult run(const Workload& workload) {
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
    return run_cell(plan, control, hooks);
  }
  void use_origin(const std::string& latency) {
    plan.make_origin = [latency] { return make_origin(Spec("sleep", {{"latency", latency}}), 42); };
  }

  CellTest() { plan.driver.virtual_time = true; }
  Script script;
  CellPlan plan;
  CellControl control;
  CellHooks hooks;
};

// get a, get a, get b, set a, get a, add b, add c, delete a, get a, by hand:
//   miss+fill, hit, miss+fill, set, hit, not stored, stored, deleted, miss+fill.
inline std::vector<Request> nine_requests() {
  constexpr uint64_t kA = 1, kB = 2, kC = 3;
  std::vector<Request> requests;
  for (auto [op, key] : std::initializer_list<std::pair<Op, uint64_t>>{{Op::kGet, kA},
                                                                       {Op::kGet, kA},
                                                                       {Op::kGet, kB},
                                                                       {Op::kSet, kA},
                                                                       {Op::kGet, kA},
                                                                       {Op::kAdd, kB},
                                                                       {Op::kAdd, kC},
                                                                       {Op::kDelete, kA},
                                                                       {Op::kGet, kA}}) {
    requests.push_back(InMemoryWorkload::request(op, key));
  }
  return requests;
}

}  // namespace cachegauge
