#include "reports/json_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/core/metrics.h"
#include "reports/hdr_encoding.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

nlohmann::json written(const RunReport& report) {
  return nlohmann::json::parse(run_report_json(report));
}

TEST(JsonReport, HoldsWhatWasMeasured) {
  const nlohmann::json report = written(sample_report());
  EXPECT_EQ(report["kind"], "run");
  EXPECT_EQ(report["schema_version"], 1);
  EXPECT_EQ(report["tool"]["name"], "cachegauge");
  EXPECT_EQ(report["context"]["timer_floor_ns"], 21.5);
  EXPECT_EQ(report["experiment"]["seed"], 42);
  ASSERT_EQ(report["results"].size(), 4u);
  const nlohmann::json& lru = report["results"][0];
  EXPECT_EQ(lru["id"], "t.csv/lru/cache-aside/none/closed:clients=1");
  EXPECT_EQ(lru["match_key"], "t.csv/cache-aside/none/closed:clients=1");
  EXPECT_EQ(lru["hits"], 700);
  EXPECT_EQ(lru["hit_ratio"], 0.7);
  EXPECT_EQ(lru["origin"]["calls"], 300);
  EXPECT_EQ(lru["origin"]["errors"], 0);
  EXPECT_EQ(lru["origin"]["spec"], "sleep:latency=2ms");
  EXPECT_EQ(lru["origin"]["busy_s"], 0.6);
  EXPECT_EQ(lru["memory"]["bytes_per_item"], 150);
  EXPECT_EQ(lru["response_time_ns"]["get_hit"]["count"], 700);
  const nlohmann::json& redis = report["results"][3];
  EXPECT_EQ(redis["adapter"]["settings"]["connection"], "unix socket");
  EXPECT_EQ(redis["placement"], nlohmann::json::parse(R"({"client_cpus":[1],"server_cpus":[0,2],
                                                "connection":"unix socket"})"));
  EXPECT_EQ(redis["cpu"]["server_s"], 0.012);
  EXPECT_EQ(
      report["summaries"][0]["metrics"]["hits"],
      nlohmann::json::parse(R"({"median":700,"low":700,"high":700,"n":1,"is_interval":false})"));
}

TEST(JsonReport, NotKnownIsNull) {
  const nlohmann::json report = written(sample_report());
  EXPECT_TRUE(report["context"]["governor"].is_null());
  EXPECT_TRUE(report["context"]["null_floor_ns"].is_null());
  const nlohmann::json& lru = report["results"][0];
  for (const char* name : {"offered_rps", "schedule_lag_ns", "failure"}) {
    EXPECT_TRUE(lru[name].is_null()) << name;
  }
  EXPECT_TRUE(lru["adapter"]["version"].is_null());
  EXPECT_TRUE(lru["placement"]["server_cpus"].is_null());
  EXPECT_TRUE(lru["placement"]["connection"].is_null());
  EXPECT_TRUE(lru["memory"]["rss_bytes"].is_null());
  EXPECT_TRUE(lru["cpu"]["server_s"].is_null());
  EXPECT_TRUE(lru["concurrency"]["mean"].is_null());
  EXPECT_TRUE(lru["response_time_ns"]["set"].is_null());  // no set was made
  EXPECT_EQ(lru["expirations"], 0);
  EXPECT_TRUE(report["results"][3]["expirations"].is_null());
}

TEST(JsonReport, TheSeriesAddsUpToTheCounts) {
  const nlohmann::json lru = written(sample_report())["results"][0];
  EXPECT_EQ(lru["series_interval_s"], 0.0005);
  ASSERT_EQ(lru["series"].size(), 2u);
  EXPECT_EQ(
      lru["series"][0],
      nlohmann::json::parse(R"({"t_s":0.0005,"throughput_rps":1e6,"hit_ratio":0.7,"p99_ns":null,
                            "bytes_used":3000,"requests":500,"gets":500,"hits":350,"misses":150,
                            "errors":0})"));
  EXPECT_NEAR(lru["series"][1]["p99_ns"].get<double>(), 2e6, 2e6 / 32);
  for (const char* name : {"gets", "hits", "misses", "errors"}) {
    EXPECT_EQ(lru["series"][0][name].get<uint64_t>() + lru["series"][1][name].get<uint64_t>(),
              lru[name])
        << name;
  }
}

TEST(JsonReport, ACellThatNeverBeganHasNoFigures) {
  const nlohmann::json cell = written(failed_report())["results"][0];
  EXPECT_EQ(cell["failure"], "redis-server was not found");
  for (const char* name : {"hit_ratio", "byte_hit_ratio", "throughput_rps", "error_ratio"}) {
    EXPECT_TRUE(cell[name].is_null()) << name;
  }
  EXPECT_TRUE(cell["series_interval_s"].is_null());
  EXPECT_EQ(cell["series"], nlohmann::json::array());
  for (const auto& [op, timing] : cell["response_time_ns"].items()) {
    EXPECT_TRUE(timing.is_null()) << op;
  }
}

TEST(JsonReport, HistogramsHoldEachCount) {
  const RunReport report = sample_report();
  const nlohmann::json json = written(report);
  const std::string text = json["results"][0]["service_time_ns"]["get"]["histogram"];
  EXPECT_EQ(decode_hdr_histogram(text).bucket_counts(),
            report.cells[0].result.timing(Timing::kServiceGet).bucket_counts());
}

// Numbers below a result, by path, without those that identify it.
void collect(const nlohmann::json& json, const std::string& path,
             std::map<std::string, double>& out) {
  if (json.is_number()) out[path] = json.get<double>();
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    if (path.empty() && (name == "repetition" || name == "workload" || name == "adapter" ||
                         name == "series_interval_s")) {
      continue;
    }
    collect(value, path.empty() ? name : path + "." + name, out);
  }
}

// The gate matches on paths: a figure has one name in results[] and in summaries[].
TEST(JsonReport, SummariesNameEachFigureByItsPathInTheResult) {
  RunReport report = sample_report();
  report.cells.push_back(killed_report().cells[0]);
  const nlohmann::json json = written(report);
  for (size_t i = 0; i < report.cells.size(); ++i) {
    std::map<std::string, double> figures;
    collect(json["results"][i], "", figures);
    const auto flat = flat_metrics(report.cells[i].result);
    EXPECT_EQ(figures, (std::map<std::string, double>(flat.begin(), flat.end())));
    EXPECT_EQ(json["summaries"][i]["metrics"].size(), figures.size());
  }
}

TEST(JsonReport, WhatNobodyCountedIsNull) {
  for (const RunReport& report : {failed_report(), killed_report()}) {
    const nlohmann::json result = written(report)["results"][0];
    for (const CounterField& field : counter_fields()) {
      std::string path =
          "/" + std::string(field.report_name.empty() ? field.name : field.report_name);
      std::ranges::replace(path, '.', '/');
      EXPECT_TRUE(result.at(nlohmann::json::json_pointer(path)).is_null()) << path;
    }
    EXPECT_TRUE(result["throughput_rps"].is_null());
    EXPECT_TRUE(result["cpu"]["client_user_s"].is_null());
    EXPECT_TRUE(result["concurrency"]["max"].is_null());
  }
  EXPECT_TRUE(written(failed_report())["results"][0]["duration_s"].is_null());
  EXPECT_EQ(written(killed_report())["results"][0]["duration_s"], 0.15);
}

TEST(JsonReport, BytesThatAreNotUtf8AreReplaced) {
  const std::string text = run_report_json(hostile_report());
  EXPECT_EQ(text.find('\xff'), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json["warnings"][0], "\ufffd\ufffd \"quoted\" \\ \n\x1b[31m </script> \ufffd(");
  EXPECT_EQ(json["experiment"]["workloads"][0], "\ufffd.csv");
}

TEST(JsonReport, AnExperimentThatIsNoJsonIsKeptAsText) {
  RunReport report = sample_report();
  report.experiment_json = "{cut";
  EXPECT_EQ(written(report)["experiment"], nlohmann::json::parse(R"({"text":"{cut"})"));
  report.experiment_json = "";
  EXPECT_EQ(written(report)["experiment"], nlohmann::json::object());
}

TEST(JsonReport, NumbersThatAreNoneAreNull) {
  RunReport report = sample_report();
  report.context.load = std::nan("");
  report.context.steal = INFINITY;
  const nlohmann::json json = written(report);
  EXPECT_TRUE(json["context"]["load"].is_null());
  EXPECT_TRUE(json["context"]["steal"].is_null());
}

TEST(JsonReport, ReadsFromTheTop) {
  const std::string text = run_report_json(sample_report());
  EXPECT_EQ(text.rfind("{\n \"kind\": \"run\",\n \"schema_version\": 1,\n \"tool\": {", 0), 0u);
  EXPECT_TRUE(text.ends_with("}\n"));
}

}  // namespace
}  // namespace cachegauge
