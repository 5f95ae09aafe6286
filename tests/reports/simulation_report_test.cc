#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/curve_report.h"
#include "reports/simulation_json.h"
#include "reports/simulation_series.h"
#include "reports/simulation_table.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

TEST(SimulationTable, HasARowAPolicyAndAColumnASize) {
  EXPECT_EQ(simulation_table(sample_simulation(), {}),
            R"(t.csv: 1,200 requests, 300 keys, footprint 35.2 KiB; fills on-miss

                1%    4KiB
hit ratio      = 3   bytes
lru        30.00%*  50.00%
fifo       20.00%   50.00%
unbounded  75.00%   75.00%

                     1%    4KiB
byte hit ratio      = 3   bytes
lru             15.00%*  25.00%
fifo            10.00%   25.00%
unbounded       37.50%   37.50%

read in 2.00 ms, keys numbered in 3.00 ms; 5 simulations in 60.0 us of CPU, 100M requests/s
warning: 3 bad rows skipped
)");
}

TEST(SimulationTable, TheFindingNamesTheBoundAndTheNextCommand) {
  EXPECT_EQ(simulation_finding(sample_simulation()),
            "no cache can do better than 75.00%: 250 of 1,000 gets are the first of their key\n"
            "not measured: latency, memory and the load of an origin (`cachegauge run` does)\n"
            "next: cachegauge run t.csv lru:capacity=4096\n");
}

TEST(SimulationTable, WhatKnowsTheFutureIsAYardstickAndNotAChoice) {
  SimulationReport report = sample_simulation();
  SimulationResult future = report.results[1];
  future.policy = future.kind = "belady";
  future.offline = true;
  future.counts.hits = 625;
  future.counts.misses = 375;
  report.results.push_back(future);
  const std::string table = simulation_table(report, {});
  EXPECT_NE(table.find("lru        30.00%*  50.00%\n"), table.npos) << table;
  EXPECT_NE(table.find("belady          -   62.50%\n"), table.npos) << table;
  EXPECT_EQ(simulation_finding(report),
            "no cache can do better than 75.00%: 250 of 1,000 gets are the first of their key\n"
            "lru at 4KiB has 80.00% of the hits of belady, which knows the future\n"
            "not measured: latency, memory and the load of an origin (`cachegauge run` does)\n"
            "next: cachegauge run t.csv lru:capacity=4096\n");
  EXPECT_TRUE(nlohmann::json::parse(simulation_report_json(report))["results"][5]["offline"]);
}

TEST(SimulationTable, AnInterruptedOneWithoutResultsSaysSo) {
  SimulationReport report = sample_simulation();
  report.interrupted = true;
  report.results.clear();
  EXPECT_EQ(simulation_table(report, {}),
            "interrupted: what was simulated until then\n\n"
            "t.csv: 1,200 requests, 300 keys, footprint 35.2 KiB; fills on-miss\n\n"
            "warning: 3 bad rows skipped\n");
  EXPECT_EQ(simulation_finding(report), "");
}

TEST(SimulationJson, WhatIsNotKnownIsNull) {
  SimulationReport report = sample_simulation();
  report.results[0].counts = {};
  const auto json = nlohmann::json::parse(simulation_report_json(report));
  EXPECT_TRUE(json["results"][0]["hit_ratio"].is_null());
  EXPECT_TRUE(json["results"][0]["byte_miss_ratio"].is_null());
  EXPECT_TRUE(json["results"][4]["size"].is_null());
  EXPECT_TRUE(json["results"][4]["capacity"]["objects"].is_null());
  EXPECT_EQ(json["results"][1]["capacity"]["bytes"], 4096);
  EXPECT_EQ(json["results"][1]["miss_ratio"], 0.5);
  EXPECT_EQ(json["results"][1]["byte_miss_ratio"], 0.75);
  EXPECT_EQ(json["results"][1]["requests_per_second"], 1e8);
}

TEST(SimulationJson, AnIdHasThreeParts) {
  SimulationReport report = sample_simulation();
  report.workload_label = "a/b";
  EXPECT_EQ(report.id(report.results[0]), "a_b/lru/1%");
  EXPECT_EQ(report.match_key(report.results[0]), "a_b/1%");
  EXPECT_EQ(report.id(report.results[4]), "a_b/unbounded/unlimited");
}

TEST(SimulationTable, AnEstimateShowsItsErrors) {
  const SimulationReport report = sample_estimate();
  const std::string table = simulation_table(report, {});
  EXPECT_NE(table.find("fills on-miss\nestimated from 60 requests of 15 keys, a sample of 5% (± "
                       "one standard error)\n\n"),
            table.npos)
      << table;
  const size_t row = table.find("30.00%*");
  ASSERT_NE(row, table.npos) << table;
  const size_t below = table.find('\n', row) + 1;
  EXPECT_NE(table.substr(below, table.find('\n', below) - below).find("± 1.25%"), table.npos)
      << table;
  EXPECT_NE(curve_lines(report, {.width = 50}).find("90.00% to 20.00%, ± 0.99% at most\n"),
            std::string::npos);
  const auto json = nlohmann::json::parse(simulation_report_json(report));
  EXPECT_EQ(json["sample"]["rate"], 0.05);
  EXPECT_EQ(json["results"][0]["miss_ratio_error"], 0.0125);
  EXPECT_EQ(json["curves"][0]["points"][2]["miss_ratio_error"], 0.005);
  EXPECT_TRUE(json["curves"][0]["points"][2]["byte_miss_ratio_error"].is_null());
}

TEST(SimulationTable, FillsThatTakeTimeHaveAMeanResponse) {
  SimulationReport report = sample_simulation();
  report.origin_ns = 50'000'000;
  report.cache_rtt_ns = 500'000;
  for (SimulationResult& result : report.results) {
    result.counts.delayed_hits = result.counts.misses / 5;
    result.counts.waited_ns = result.counts.misses * 45'000'000;
  }
  EXPECT_EQ(report.mean_response_ns(report.results[1]), 500'000 + 22'500'000);
  const std::string table = simulation_table(report, {});
  EXPECT_NE(table.find("mean response"), table.npos) << table;
  EXPECT_NE(table.find("lru            32.0 ms*  23.0 ms\n"), table.npos) << table;
  EXPECT_NE(simulation_finding(report).find("lru at 4KiB asks the origin 400 times: 100 of its 500 "
                                            "misses wait for one that is under way\n"),
            std::string::npos);
  const auto json = nlohmann::json::parse(simulation_report_json(report));
  EXPECT_EQ(json["results"][1]["delayed_hits"], 100);
  EXPECT_EQ(json["results"][1]["mean_response_ns"], 23e6);
  EXPECT_EQ(json["origin_ns"], 50'000'000);
}

TEST(SimulationTable, ASeriesIsARowOfBars) {
  SimulationReport report = sample_simulation();
  report.results.resize(2);
  report.results[0].series = {{.end_request = 700, .gets = 500, .hits = 100},
                              {.end_request = 1200, .gets = 500, .hits = 200}};
  report.results[1].series = {{.end_request = 700, .gets = 500, .hits = 500},
                              {.end_request = 1200, .gets = 0}};
  EXPECT_EQ(series_lines(report, {}),
            "miss ratio over 2 windows, to request 1,200\n"
            "  lru 1%    █▆  60.00% to 80.00%\n"
            "  lru 4KiB  ▁   0.00% to 0.00%\n\n");
  report.results[0].series[1].end_ns = 60'000'000'000;
  const auto json = nlohmann::json::parse(simulation_report_json(report));
  EXPECT_EQ(json["results"][0]["series"][1]["t_s"], 60.0);
  EXPECT_TRUE(json["results"][0]["series"][0]["t_s"].is_null());
  EXPECT_EQ(json["results"][0]["series"][0]["miss_ratio"], 0.8);
  EXPECT_TRUE(json["results"][1]["series"][1]["miss_ratio"].is_null());
  EXPECT_EQ(series_lines(sample_simulation(), {}), "");
}

TEST(CurveReport, BarsFallFromTheSmallestSizeToTheLargest) {
  SimulationReport report;
  report.curves = {sample_curve("lru"), sample_curve("s3fifo")};
  report.curves[1].exact = false;
  const std::string lines = curve_lines(report, {.width = 50});
  EXPECT_EQ(
      lines,
      "miss ratio from 1 to 1,000 entries, each bar a step of the same factor\n"
      "  lru     ▇▇▇▇▇▇▇▅▅▅▅▅▅▅▄▄▄▄▄▄▄▂  90.00% to 20.00%\n"
      "  s3fifo  ▇▇▇▇▇▇▇▅▅▅▅▅▅▅▄▄▄▄▄▄▄▂  90.00% to 20.00%\n"
      "of the hits of the largest size\n"
      "  lru     50 % at 10, 80 % at 1,000, 90 % at 1,000, 95 % at 1,000\n"
      "  s3fifo  50 % at 10, 80 % at 1,000, 90 % at 1,000, 95 % at 1,000 (about: it has TTLs, "
      "adds or sizes that change)\n\n");
  EXPECT_EQ(curve_lines(SimulationReport(), {}), "");
}

// Of which neither a double nor a logarithm has the last digits.
TEST(CurveReport, HasItsLargestSizeHoweverLargeThatIs) {
  for (const uint64_t size : {uint64_t{1} << 20, (uint64_t{1} << 53) + 1, UINT64_MAX}) {
    SimulationReport report;
    report.curves = {{.policy = "lru",
                      .in_bytes = true,
                      .holds_from = 100,
                      .gets = 10,
                      .points = {{.size = size, .misses = 4}}}};
    EXPECT_NE(curve_lines(report, {.width = 50}).find("40.00% to 40.00%\n"), std::string::npos)
        << size;
  }
}

TEST(CurveReport, TheSizeForAShareIsTheSmallestThatReachesIt) {
  const MissRatioCurve curve = sample_curve("lru");
  EXPECT_EQ(size_for_share(curve, 0.1), 1u);
  EXPECT_EQ(size_for_share(curve, 0.75), 100u);
  EXPECT_EQ(size_for_share(curve, 1), 1000u);
  EXPECT_EQ(size_for_share(MissRatioCurve(), 0.5), std::nullopt);
}

TEST(CurveReport, CsvHasARowAPoint) {
  SimulationReport report;
  report.curves = {sample_curve("lfu:tie=inserted")};
  report.curves[0].points.resize(1);
  EXPECT_EQ(curve_csv(report),
            "policy,unit,size,gets,misses,miss_ratio,byte_miss_ratio,miss_ratio_error\n"
            "\"lfu:tie=inserted\",objects,1,1000,900,0.9,0.9,\n");
}

TEST(CurveReport, JsonHasItsPoints) {
  SimulationReport report = sample_simulation();
  report.curves = {sample_curve("lru")};
  const auto json = nlohmann::json::parse(simulation_report_json(report));
  EXPECT_EQ(json["curves"][0]["id"], "t.csv/lru/curve");
  EXPECT_EQ(json["curves"][0]["points"][3]["miss_ratio"], 0.2);
}

}  // namespace
}  // namespace cachegauge
