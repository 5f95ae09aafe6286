#include "reports/measured_reader.h"

#include <gtest/gtest.h>

#include "reports/baseline_json.h"
#include "reports/json_report.h"
#include "tests/core/expect_error.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

std::string with_results(const std::string& results) {
  return R"({"kind": "run", "schema_version": 1, "results": [)" + results + "]}";
}

TEST(MeasuredReader, TakesEveryNumberByItsPath) {
  const MeasuredReport report = parse_measured_report(
      with_results(R"({"id": "a/b", "match_key": "a", "repetition": 2, "time": "virtual",
                       "workload": {"given": "it's.csv", "fingerprint": "f00d", "requests": 9},
                       "adapter": {"spec": "lru:entries=10"}, "hits": 7, "hit_ratio": null,
                       "origin": {"calls": 3}, "series": [{"hits": 1}], "flags": ["client_bound"]})"),
      "r.json");
  ASSERT_EQ(report.results.size(), 1u);
  const MeasuredResult& result = report.results[0];
  EXPECT_EQ(result.id, "a/b");
  EXPECT_EQ(result.match_key, "a");
  EXPECT_EQ(result.repetition, 2u);
  EXPECT_EQ(result.time, "virtual");
  EXPECT_EQ(result.fingerprint, "f00d");
  EXPECT_EQ(result.command, "cachegauge run 'it'\\''s.csv' lru:entries=10");
  const std::map<std::string, std::optional<double>> expected = {
      {"hits", 7}, {"hit_ratio", std::nullopt}, {"origin.calls", 3}};
  EXPECT_EQ(result.metrics, expected);
  EXPECT_EQ(report.hazards, std::vector<std::string>{"a/b: client_bound"});
  EXPECT_FALSE(report.is_baseline);
}

TEST(MeasuredReader, ReadsWhatARunWrites) {
  const RunReport sample = sample_report();
  const MeasuredReport report = parse_measured_report(run_report_json(sample), "r.json");
  ASSERT_EQ(report.results.size(), sample.cells.size());
  for (size_t i = 0; i < sample.cells.size(); ++i) {
    EXPECT_EQ(report.results[i].id, sample.cells[i].label.id());
    EXPECT_EQ(report.results[i].metrics.at("hits"), sample.cells[i].result.counters.hits);
  }
  EXPECT_EQ(report.experiment_hash.size(), 16u);
}

TEST(MeasuredReader, ABaselineComesBackAsItWas) {
  MeasuredReport report;
  report.kind = "simulate";
  report.experiment_hash = "0123456789abcdef";
  MeasuredResult b{.id = "b", .match_key = "k", .repetition = 1, .time = "virtual"};
  b.fingerprint = "f00d";
  b.metrics = {{"hits", 7}, {"origin.calls", 3}, {"hit_ratio", 0.125}, {"evictions", {}}};
  report.results = {b, {.id = "a", .metrics = {{"hits", 1}}}};
  const std::string text = baseline_json(report);
  const MeasuredReport read = parse_measured_report(text, "base.json");
  EXPECT_TRUE(read.is_baseline);
  EXPECT_EQ(read.kind, "simulate");
  EXPECT_EQ(read.experiment_hash, "0123456789abcdef");
  ASSERT_EQ(read.results.size(), 2u);
  EXPECT_EQ(read.results[0].id, "a");  // sorted
  EXPECT_EQ(read.results[1].metrics, b.metrics);
  EXPECT_EQ(read.results[1].fingerprint, "f00d");
  EXPECT_EQ(read.results[1].match_key, "k");
  EXPECT_NE(text.find("\n   \"hits\": 7,\n"), std::string::npos) << text;
}

TEST(MeasuredReader, IncompleteReportsAreRefused) {
  const auto read = [](const std::string& text) { return parse_measured_report(text, "r.json"); };
  EXPECT_ERROR(kFailed, "r.json: a/b failed: the server died",
               read(with_results(R"({"id": "a/b", "failure": "the server died"})")));
  EXPECT_ERROR(kFailed, "r.json: a/b was interrupted, so its figures do not stand for it",
               read(with_results(R"({"id": "a/b", "interrupted": true})")));
  EXPECT_ERROR(kFailed, "r.json: the run was interrupted, so its figures do not stand for it",
               read(R"({"kind": "run", "schema_version": 1, "interrupted": true, "results": []})"));
  EXPECT_ERROR(kFailed, "r.json: it has no results", read(with_results("")));
}

TEST(MeasuredReader, OtherFilesAreRefused) {
  const auto read = [](const std::string& text) { return parse_measured_report(text, "r.json"); };
  EXPECT_ERROR(kFailed,
               "r.json: kind: this is a report of kind \"gate\", and the gate reads run, simulate, "
               "stampede, baseline",
               read(R"({"kind": "gate", "schema_version": 1, "results": []})"));
  EXPECT_ERROR(
      kFailed,
      "r.json: schema_version: is 2, and cachegauge 0.1.0 reads 1; use the cachegauge that "
      "wrote it, or take it anew",
      read(R"({"kind": "run", "schema_version": 2, "results": []})"));
  EXPECT_ERROR(kFailed,
               "r.json:1:59: the report is cut short here; copy it again, or write it anew with "
               "`cachegauge run … --out FILE`",
               read(R"({"kind": "run", "schema_version": 1, "results": [{"hits": )"));
  EXPECT_ERROR(
      kFailed,
      "r.json:1:59: this is not JSON, so no report; `cachegauge run … --out FILE` writes one",
      read(with_results(R"({"hits": NaN})")));
  EXPECT_ERROR(kFailed,
               "r.json: results[0].id: is missing (this is no report as `cachegauge run --out` "
               "writes it, or it was changed)",
               read(with_results(R"({"hits": 3})")));
}

}  // namespace
}  // namespace cachegauge
