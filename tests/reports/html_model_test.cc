#include "reports/html_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

// 1 to 1,000 ns, all in buckets of their own below 256.
Histogram thousand() {
  Histogram histogram;
  for (int64_t ns = 1; ns <= 1000; ++ns) histogram.record(ns);
  return histogram;
}

TEST(PercentileCurve, HasThePercentilesAtItsLevelsAndEndsAtTheMaximum) {
  const Histogram histogram = thousand();
  const Json curve = percentile_curve(histogram);
  const auto& levels = curve_levels();
  EXPECT_EQ(curve["count"], 1000);
  ASSERT_EQ(curve["ns"].size(), 31u);  // ten for each decade below 1,000, and the maximum
  for (const auto& [level, q] : {std::pair(2.0, 0.5), {10.0, 0.9}, {100.0, 0.99}}) {
    const auto at = std::find(levels.begin(), levels.end(), level) - levels.begin();
    EXPECT_EQ(curve["ns"][at], histogram.percentile(q)) << level;
  }
  EXPECT_EQ(curve["ns"][0], 1);
  EXPECT_EQ(curve["ns"][30], 1000);
}

TEST(PercentileCurve, OneValueIsOnePoint) {
  Histogram histogram;
  histogram.record(7);
  EXPECT_EQ(percentile_curve(histogram), Json::parse(R"({"count": 1, "ns": [7]})"));
}

TEST(HtmlModel, RanksCellsAndKeepsWhatThePageShows) {
  RunReport report;
  report.cells = {sample_cell("lru", 700), sample_cell("fifo", 600), sample_cell("lfu", 750)};
  const Json model = html_model(report);
  ASSERT_EQ(model["workloads"].size(), 1u);
  const Json& workload = model["workloads"][0];
  EXPECT_EQ(workload["label"], "t.csv");
  EXPECT_EQ(workload["requests"], 1000);
  EXPECT_EQ(workload["best"]["hit_ratio"], report.cells[2].label.id());
  EXPECT_EQ(workload["worst"]["hit_ratio"], report.cells[1].label.id());
  EXPECT_FALSE(workload["best"].contains("service_time_ns.get.p50"));  // one repetition
  ASSERT_EQ(workload["cells"].size(), 3u);
  const Json& first = workload["cells"][0];
  EXPECT_EQ(first["name"], "lfu");
  EXPECT_EQ(first["state"], "complete");
  EXPECT_EQ(first["metrics"]["hit_ratio"]["median"], 0.75);
  EXPECT_EQ(first["metrics"]["memory.payload_bytes_per_item"]["median"], 100);
  EXPECT_EQ(first["metrics"]["memory.overhead_bytes_per_item"]["median"], 50);
  EXPECT_EQ(first["curves"]["response_time_ns.get"]["count"], 1000);
}

TEST(HtmlModel, AFailedCellHasItsReasonAndNoFigures) {
  const Json model = html_model(failed_report());
  const Json& cell = model["workloads"][0]["cells"][0];
  EXPECT_EQ(cell["state"], "failed");
  EXPECT_FALSE(cell["failure"].get<std::string>().empty());
  EXPECT_TRUE(cell["metrics"].empty());
  EXPECT_TRUE(cell["curves"].empty());
  EXPECT_EQ(model["hazards"][0]["kind"], "failed");
}

TEST(HtmlModel, TakesAReportWithoutResults) {
  const Json model = html_model(RunReport());
  EXPECT_TRUE(model["workloads"].empty());
  EXPECT_EQ(model["finding"], Json::parse(R"(["Nothing was measured."])"));
}

}  // namespace
}  // namespace cachegauge
