#include "reports/run_comparison.h"

#include <gtest/gtest.h>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

using Names = std::vector<std::string>;
constexpr std::string_view kP50 = "service_time_ns.get.p50";

Names names(const std::vector<const ComparedCell*>& cells) {
  Names out;
  for (const ComparedCell* cell : cells) out.push_back(cell->name);
  return out;
}

// All service times of the cell are `ns`.
CellReport timed_cell(const std::string& adapter, int repetition, int64_t ns) {
  CellReport cell = sample_cell(adapter, 700, repetition);
  Histogram& times = cell.result.timing(Timing::kServiceGet);
  times = Histogram();
  times.record(ns);
  return cell;
}

TEST(RunComparison, OrdersByHitRatioWhateverTheOrderOfTheRuns) {
  const RunReport report = report_of({sample_cell("fifo", 600), sample_cell("lru", 700),
                                      sample_cell("clock", 700), sample_cell("lfu", 750)});
  const auto workloads = compare_run(report);
  ASSERT_EQ(workloads.size(), 1u);
  Names order;
  for (const ComparedCell& cell : workloads[0].cells) order.push_back(cell.name);
  EXPECT_EQ(order, (Names{"lfu", "clock", "lru", "fifo"}));
}

TEST(RunComparison, KeepsWorkloadsApart) {
  CellReport other = sample_cell("lru", 100);
  other.label.workload = "u.csv";
  const RunReport report = report_of({sample_cell("lru", 700), other});
  const auto workloads = compare_run(report);
  ASSERT_EQ(workloads.size(), 2u);
  EXPECT_EQ(workloads[1].cells[0].find("hits")->median, 100);
}

TEST(RunComparison, NamesWhatTellsCellsApart) {
  CellReport more = sample_cell("lru", 700);
  more.label.driver = "closed:clients=8";
  const RunReport report = report_of({sample_cell("lru", 700), more});
  const auto workloads = compare_run(report);
  EXPECT_EQ(workloads[0].cells[0].name, "lru closed:clients=1");
  EXPECT_EQ(workloads[0].cells[1].name, "lru closed:clients=8");
}

TEST(RunComparison, ACeilingIsNoCandidateButAmongItsLike) {
  RunReport report = sample_report();
  auto workloads = compare_run(report);
  EXPECT_EQ(names(candidates(workloads[0], "hit_ratio")), (Names{"lfu", "lru", "redis"}));
  for (CellReport& cell : report.cells) cell.adapter_bounded = false;
  workloads = compare_run(report);
  EXPECT_EQ(names(candidates(workloads[0], "hit_ratio")),
            (Names{"unbounded", "lfu", "lru", "redis"}));
}

TEST(RunComparison, ACacheThatNeverHitsIsNoCandidate) {
  const RunReport report = report_of({sample_cell("null", 0), sample_cell("lru", 700)});
  EXPECT_EQ(names(candidates(compare_run(report)[0], kP50)), Names{"lru"});
}

TEST(RunComparison, NearHitRatiosTie) {
  CellReport near = sample_cell("clock", 700);
  near.result.counters.gets = 1'000'000;
  near.result.counters.hits = 700'400;
  near.result.counters.misses = 299'600;
  RunReport report = report_of({sample_cell("lru", 700), near, sample_cell("fifo", 600)});
  auto workloads = compare_run(report);
  EXPECT_EQ(names(best_of(workloads[0], "hit_ratio", Better::kHigher)), (Names{"clock", "lru"}));
  EXPECT_EQ(clear_best(workloads[0], "hit_ratio", Better::kHigher), nullptr);
  report.cells[1].result.counters.hits = 700'600;
  report.cells[1].result.counters.misses = 299'400;
  workloads = compare_run(report);
  EXPECT_EQ(clear_best(workloads[0], "hit_ratio", Better::kHigher)->name, "clock");
}

TEST(RunComparison, TimesNeedThreeRepetitionsAndRangesApart) {
  std::vector<CellReport> cells;
  for (int repetition = 1; repetition <= 3; ++repetition) {
    cells.push_back(timed_cell("fast", repetition, 100 + repetition));
    cells.push_back(timed_cell("slow", repetition, 150 + repetition));
    const RunReport report = report_of(cells);
    const auto workloads = compare_run(report);
    const ComparedCell* best = clear_best(workloads[0], kP50, Better::kLower);
    EXPECT_EQ(best ? best->name : "", repetition < 3 ? "" : "fast");
  }
  cells.back() = timed_cell("slow", 3, 103);
  const RunReport overlapping = report_of(cells);
  const auto workloads = compare_run(overlapping);
  EXPECT_EQ(clear_best(workloads[0], kP50, Better::kLower), nullptr);
  EXPECT_EQ(names(best_of(workloads[0], kP50, Better::kLower)), (Names{"fast", "slow"}));
}

TEST(RunComparison, NothingIsBestWhereNothingCanBeCompared) {
  const RunReport alone = report_of({sample_cell("lru", 700)});
  EXPECT_TRUE(best_of(compare_run(alone)[0], "hit_ratio", Better::kHigher).empty());

  RunReport interrupted = report_of({sample_cell("lru", 700), sample_cell("lfu", 750)});
  interrupted.cells[1].result.interrupted = true;
  EXPECT_TRUE(best_of(compare_run(interrupted)[0], "hit_ratio", Better::kHigher).empty());

  const RunReport two_times = sample_report();
  const auto workloads = compare_run(two_times);
  EXPECT_TRUE(best_of(workloads[0], "throughput_rps", Better::kHigher).empty());
}

TEST(RunComparison, AFailedRepetitionIsLeftOutAFailedCellIsShown) {
  CellReport failed = sample_cell("redis", 10, 2);
  failed.result.failure = "the server died";
  const RunReport mixed = report_of({sample_cell("redis", 690), failed});
  const ComparedCell cell = compare_run(mixed)[0].cells[0];
  EXPECT_TRUE(cell.has_figures());
  EXPECT_EQ(cell.failure, "the server died");
  EXPECT_EQ(cell.find("hits")->median, 690);
  const RunReport all_failed = report_of({failed});
  EXPECT_FALSE(compare_run(all_failed)[0].cells[0].has_figures());
}

TEST(RunFigures, AreShort) {
  EXPECT_EQ(format_percent(0.734782), "73.48%");
  EXPECT_EQ(format_whole(734'782), "734,782");
  EXPECT_EQ(format_rate(0), "0");
  EXPECT_EQ(format_rate(7.25), "7.25");
  EXPECT_EQ(format_rate(312), "312");
  EXPECT_EQ(format_rate(999.7), "1.00k");
  EXPECT_EQ(format_rate(45'120), "45.1k");
  EXPECT_EQ(format_rate(12'345'678), "12.3M");
}

TEST(RunFigures, RangesNameASharedUnitOnce) {
  auto range = [](double low, double median, double high, FigureFormat format) {
    return format_range({median, low, high, 3, false}, format);
  };
  EXPECT_EQ(range(170, 180, 210, format_duration), "170-210 ns");
  EXPECT_EQ(range(900, 950, 1100, format_duration), "900 ns-1.10 us");
  EXPECT_EQ(range(0.7, 0.71, 0.72, format_percent), "70.00-72.00%");
  EXPECT_EQ(range(769e3, 800e3, 909e3, format_rate), "769k-909k");
  EXPECT_EQ(range(180.1, 180.2, 180.3, format_duration), "");
}

TEST(RunComparison, TheWorstIsTheBestFromTheOtherEnd) {
  const RunReport report =
      report_of({sample_cell("fifo", 600), sample_cell("lru", 700), sample_cell("lfu", 750)});
  const auto workloads = compare_run(report);
  EXPECT_EQ(clear_worst(workloads[0], "hit_ratio", Better::kHigher)->name, "fifo");
  EXPECT_EQ(clear_worst(workloads[0], "misses", Better::kLower)->name, "fifo");
  EXPECT_EQ(clear_worst(workloads[0], kP50, Better::kLower), nullptr);  // one repetition
}

}  // namespace
}  // namespace cachegauge
