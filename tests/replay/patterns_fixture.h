// Patterns that write to the origin, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/origins/origins.h"
#include "harness/core/registry.h"
#include "harness/replay/cell.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {

inline constexpr int64_t kLatencyNs = 40 * kMs;

class Patterns : public ::testing::Test {
 protected:
  Patterns() { plan.driver.virtual_time = true; }

  RunResult run(const std::string& pattern, const Workload& workload,
                const std::string& origin = "sleep:latency=40ms") {
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    plan.pattern_spec = Spec::parse(pattern);
    plan.pattern = &require_row(pattern_kinds(), plan.pattern_spec.kind(), "pattern");
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
    plan.make_origin = [origin] { return make_origin(Spec::parse(origin), 42); };
    return run_cell(plan, control, hooks);
  }

  Script script;
  CellPlan plan;
  CellControl control;
  CellHooks hooks;
};

}  // namespace cachegauge
