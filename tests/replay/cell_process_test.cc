#include "harness/replay/cell_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "harness/core/metrics.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"

namespace cachegauge {
namespace {

class CellProcess : public ::testing::Test {
 protected:
  CellProcess() : workload(InMemoryWorkload::gets({1, 2, 1})) {
    summary = summarize_workload(workload, {});
    plan.workload = &workload;
    plan.summary = &summary;
    plan.pattern = &pattern_kinds()[0];
    plan.driver.virtual_time = true;
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
  }
  RunResult run() {
    return run_cell_in_child(plan, {}, [](CellControl&) {});
  }

  InMemoryWorkload workload;
  WorkloadSummary summary;
  Script script;
  CellPlan plan;
};

TEST_F(CellProcess, HandsItsResultOver) {
  const RunResult result = run();
  EXPECT_EQ(result.counters.gets, 3u);
  EXPECT_EQ(result.counters.hits, 1u);
  EXPECT_EQ(result.adapter.items, 2u);
  EXPECT_TRUE(script.commands.empty()) << "it ran in another process";
}

TEST_F(CellProcess, ACrashIsAFailedCell) {
  script.bend = [](const Command&, Outcome&, std::string&) { kill(getpid(), SIGKILL); };
  const RunResult result = run();
  EXPECT_EQ(result.failure, "the cell's process was ended by signal 9 (Killed)");
  EXPECT_FALSE(is_counted(result));
}

TEST_F(CellProcess, AnErrorComesThroughWithItsCode) {
  plan.make_adapter = [](const AdapterSettings&) -> std::unique_ptr<Adapter> {
    throw Error::usage("two\nlines");
  };
  try {
    run();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_STREQ(error.what(), "two\nlines");
  }
}

}  // namespace
}  // namespace cachegauge
