// The application's process is really killed in mid-run, at random moments; what is reported as
// lost is held against what the test itself saw: which values went into the cache, in a memory that
// outlives the process, and what stands in the database, by SQL of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/shared_memory.h"
#include "harness/replay/cell_process.h"
#include "tests/origins/running_postgres.h"
#include "tests/origins/stored_rows.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/sanitized.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

constexpr int kKills = kSanitized ? 5 : 20;
constexpr uint64_t kKeys = 300;

// Values that the cache was given, in order. A write of one client is in here before it is
// acknowledged, and the next one comes after that.
struct Given {
  static constexpr uint64_t kMost = 2'000'000;
  struct Value {
    uint64_t key_hash;
    uint32_t version;
  };
  std::atomic<uint64_t> count;
  std::array<Value, kMost> values;
};

InMemoryWorkload many_sets() {
  SplitMix64 random(11);
  std::vector<Request> requests(400'000);
  for (Request& request : requests) {
    request = InMemoryWorkload::request(Op::kSet, 1 + random.below(kKeys));
  }
  return InMemoryWorkload(std::move(requests));
}

class KilledWrites : public ::testing::Test {
 protected:
  KilledWrites() : workload(many_sets()), summary(summarize_workload(workload, {})) {
    plan.workload = &workload;
    plan.summary = &summary;
    plan.driver.timing = TimingMode::kAll;
    script.bend = [this](const Command& command, Outcome&, std::string&) {
      if (command.kind != CommandKind::kSet) return;
      Given::Value value{command.key_hash, 0};
      std::memcpy(&value.version, command.value.data() + 8, sizeof(value.version));
      const uint64_t at = given->count.load();
      if (at < Given::kMost) given->values[at] = value;
      given->count.store(at + 1);
    };
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
  }

  // Returns how many writes were lost.
  uint64_t kill_once(const std::string& pattern, const std::string& origin, int64_t kill_at_ns,
                     const std::function<Rows()>& read_rows) {
    Rows rows;
    plan.pattern_spec = Spec::parse(pattern);
    plan.pattern = &require_row(pattern_kinds(), plan.pattern_spec.kind(), "pattern");
    plan.driver.kill_at_ns = kill_at_ns;
    plan.make_origin = [&] {
      return std::make_unique<WatchedOrigin>(make_origin(Spec::parse(origin), OriginSettings{}),
                                             [&] { rows = read_rows(); });
    };
    given->count = 0;
    const RunResult result = run_cell_in_child(plan, {}, [](CellControl&) {});
    EXPECT_NE(result.failure.find("as --kill-at asked"), std::string::npos) << result.failure;
    if (!result.pattern || !result.pattern->lost_writes) {
      ADD_FAILURE() << "nothing was counted";
      return 0;
    }
    const PatternFigures& figures = *result.pattern;
    EXPECT_GE(figures.killed_at_ns, kill_at_ns);
    EXPECT_EQ(rows.size(), kKeys);
    // The last one may not have been acknowledged.
    EXPECT_LE(figures.acknowledged_writes, given->count);
    EXPECT_GE(figures.acknowledged_writes + 1, given->count);
    uint64_t lost = 0;
    for (uint64_t i = 0; i < figures.acknowledged_writes; ++i) {
      const Given::Value& value = given->values[i];
      if (value.version > rows[value.key_hash]) ++lost;
    }
    EXPECT_EQ(figures.lost_writes, lost) << "of " << figures.acknowledged_writes;
    return lost;
  }

  void kill_often(const std::string& origin, const std::function<Rows()>& read_rows) {
    SplitMix64 random(5);
    uint64_t lost = 0;
    for (int i = 0; i < kKills; ++i) {
      SCOPED_TRACE(i);
      const auto after_ns = static_cast<int64_t>(1 + random.below(120)) * kMs;
      lost += kill_once("write-behind:flush=5ms,batch=20,queue=60", origin, after_ns, read_rows);
    }
    EXPECT_GT(lost, 0u) << "a queue is lost with its process";
    EXPECT_EQ(kill_once("write-through", origin, 60 * kMs, read_rows), 0u);
  }

  InMemoryWorkload workload;
  WorkloadSummary summary;
  SharedMemory<Given> given;
  Script script;
  CellPlan plan;
};

TEST_F(KilledWrites, AreCountedAtSqlite) {
  const SqliteFile file;
  kill_often(file.spec(), [&file] { return rows_of(file); });
}

TEST_F(KilledWrites, AreCountedAtPostgres) {
  REQUIRE_POSTGRES();
  RunningPostgres postgres;
  kill_often(postgres.spec(), [&postgres] { return rows_of(postgres); });
}

TEST_F(KilledWrites, ARunThatIsOverBeforeSaysSo) {
  plan.rules.limit = 50;
  const WorkloadSummary fifty = summarize_workload(workload, plan.rules);
  plan.summary = &fifty;
  plan.pattern_spec = Spec("write-through");
  plan.pattern = &require_row(pattern_kinds(), "write-through", "pattern");
  plan.driver.kill_at_ns = 3600 * kSecond;
  plan.make_origin = [] { return make_origin(Spec("sqlite"), OriginSettings{}); };
  const RunResult result = run_cell_in_child(plan, {}, [](CellControl&) {});
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.counters.sets, 50u);
  EXPECT_EQ(result.pattern->lost_writes, 0u);
  EXPECT_EQ(result.pattern->drifted_keys, 0u);
  EXPECT_TRUE(std::ranges::any_of(result.warnings, [](const std::string& warning) {
    return warning.starts_with("the run was over before --kill-at");
  }));
}

}  // namespace
}  // namespace cachegauge
