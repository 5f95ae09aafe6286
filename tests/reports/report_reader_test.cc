#include "reports/report_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "reports/json.h"
#include "reports/json_report.h"
#include "reports/run_table.h"
#include "tests/core/expect_error.h"
#include "tests/reports/damage.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

std::string sample() { return run_report_json(sample_report()); }

// The sample with `change` made to its JSON.
template <class Change>
std::string changed(Change change) {
  Json json = Json::parse(sample());
  change(json);
  return json.dump();
}

std::string error_of(const std::string& text) {
  try {
    parse_run_report(text, "r.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kFailed);
    return error.what();
  }
  return "no error";
}

constexpr std::string_view kNoReport =
    " (this is no report as `cachegauge run --out` writes it, or it was changed)";

TEST(ReportReader, WhatIsReadIsWrittenAgainToTheByte) {
  RunReport interrupted = sample_report();
  interrupted.interrupted = true;
  interrupted.cells[1].result.interrupted = true;
  interrupted.warnings = {"a warning"};
  for (const RunReport& report : {sample_report(), open_loop_report(), failed_report(),
                                  killed_report(), hostile_report(), interrupted, RunReport()}) {
    const std::string text = run_report_json(report);
    EXPECT_EQ(run_report_json(parse_run_report(text, "r.json")), text);
  }
}

TEST(ReportReader, WhatPatternsDidComesBack) {
  for (const bool killed : {false, true}) {
    RunReport report = sample_report();
    PatternFigures& figures = report.cells[0].result.pattern.emplace();
    figures.acknowledged_writes = 7;
    figures.lost_writes = 3;
    figures.inconsistency_ns.record(1'234'567);
    if (killed) report = killed_report();
    const std::string text = run_report_json(report);
    EXPECT_EQ(run_report_json(parse_run_report(text, "r.json")), text);
    const Json json = Json::parse(text)["results"][0]["pattern_figures"];
    EXPECT_EQ(json["lost_share"], 3.0 / 7);
    EXPECT_EQ(json["drifted_keys"], nullptr);
    EXPECT_EQ(json["origin_writes"], killed ? Json() : Json(0));
  }
}

TEST(ReportReader, FiguresByClassComeBack) {
  const std::string text = run_report_json(report_by_class());
  EXPECT_EQ(run_report_json(parse_run_report(text, "r.json")), text);
  const Json classes = Json::parse(text)["results"][0]["classes"];
  EXPECT_EQ(classes["product"]["requests"], 4);
  EXPECT_EQ(classes["product"]["hit_ratio"], 0.75);
  EXPECT_EQ(classes["product"]["response_time_ns"]["all"]["max"], 5'000'000);
  EXPECT_EQ(classes["product"]["response_time_ns"]["write"], nullptr);
  EXPECT_EQ(classes["product"]["pattern_figures"], nullptr);
  EXPECT_EQ(classes["event"]["hit_ratio"], nullptr);
  EXPECT_EQ(classes["event"]["pattern"], "write-behind:flush=1s");
  EXPECT_EQ(classes["event"]["pattern_figures"]["lost_share"], 0.5);
  EXPECT_EQ(Json::parse(text)["results"][1]["classes"], nullptr);
  const Json metrics = Json::parse(text)["summaries"][0]["metrics"];
  EXPECT_EQ(metrics["classes.product.hit_ratio"]["median"], 0.75);
  EXPECT_EQ(metrics["classes.product.origin.calls"]["median"], 1);
  EXPECT_EQ(metrics["classes.event.response_time_ns.write.mean"]["median"], 400);
  EXPECT_EQ(metrics["classes.event.pattern_figures.lost_writes"]["median"], 1);
}

TEST(ReportReader, WhatIsReadIsShownAsWhatRan) {
  const RunReport report = report_by_class();
  const RunReport read = parse_run_report(run_report_json(report), "r.json");
  EXPECT_EQ(run_table(read, {}), run_table(report, {}));
  EXPECT_EQ(run_finding(read), run_finding(report));
}

TEST(ReportReader, PassesOverFieldsItDoesNotKnow) {
  const std::string text = changed([](Json& json) {
    json["new"] = 1;
    json["results"][0]["memory"]["new"] = "x";
  });
  EXPECT_EQ(run_report_json(parse_run_report(text, "r.json")), sample());
}

TEST(ReportReader, RefusesAnotherVersionOrKind) {
  EXPECT_TRUE(error_of(changed([](Json& json) {
                json["schema_version"] = 2;
              })).starts_with("r.json: schema_version: is 2, and cachegauge "));
  EXPECT_EQ(
      error_of(changed([](Json& json) { json["kind"] = "gate"; })),
      "r.json: kind: this is a report of kind \"gate\", and only those of kind \"run\" can be "
      "read");
}

TEST(ReportReader, SaysWhereAReportIsCutShort) {
  const std::string whole = sample();
  for (size_t size : {size_t{1}, size_t{100}, whole.size() / 2, whole.size() - 3}) {
    const std::string message = error_of(whole.substr(0, size));
    EXPECT_NE(message.find("the report is cut short here"), std::string::npos) << message;
  }
  EXPECT_TRUE(error_of("{\n \"kind\":").starts_with("r.json:2:9: the report is cut short here"));
}

TEST(ReportReader, RefusesWhatIsNoReport) {
  EXPECT_TRUE(error_of("").starts_with("r.json: the file is empty"));
  EXPECT_TRUE(error_of(" \n ").starts_with("r.json: the file is empty"));
  EXPECT_TRUE(error_of("\n a,b").starts_with("r.json:2:2: this is no report: expected the \"{\""));
  EXPECT_TRUE(error_of(std::string("\x1f\x8b\x00\x01", 4)).starts_with("r.json:1:1: this is no"));
  EXPECT_TRUE(error_of("{\"a\": NaN}").starts_with("r.json:1:7: this is not JSON"));
  EXPECT_TRUE(error_of("{\"a\": 1e999}").starts_with("r.json: a number in it is too large"));
  EXPECT_TRUE(error_of("{}").starts_with("r.json: kind: is missing"));
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  EXPECT_EQ(error_of(deep), "r.json: this is no report: it is nested more than 64 deep");
  std::string wide = "{\"a\":{}";
  for (int i = 0; i < 100'000; ++i) wide += fmt::format(",\"{}\":{{\"b\":1}}", i);
  EXPECT_EQ(error_of(wide), "r.json: this is no report: an object in it has more than 2000 fields");
}

TEST(ReportReader, NamesThePlaceOfAWrongValue) {
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"][2]["gets"] = "many"; })),
            "r.json: results[2].gets: expected a count, got \"many\"" + std::string(kNoReport));
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"][0]["origin"].erase("calls"); })),
            "r.json: results[0].origin.calls: is missing" + std::string(kNoReport));
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"][0]["id"] = "a/b"; })),
            "r.json: results[0].id: expected workload/adapter/pattern/guard/driver, got \"a/b\"" +
                std::string(kNoReport));
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"][0]["duration_s"] = -1; })),
            "r.json: results[0].duration_s: expected a number that is not negative, got -1" +
                std::string(kNoReport));
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"] = 3; })),
            "r.json: results: expected a list, got 3" + std::string(kNoReport));
}

TEST(ReportReader, HoldsCountsAgainstEachOtherAndTheHistograms) {
  EXPECT_EQ(error_of(changed([](Json& json) { json["results"][0]["hits"] = 701; })),
            "r.json: results[0].gets: is 1000, but hits, misses and get_errors are 1001 together" +
                std::string(kNoReport));
  const auto get = [](Json& json) -> Json& {
    return json["results"][0]["response_time_ns"]["get"];
  };
  EXPECT_EQ(error_of(changed([&](Json& json) { get(json)["count"] = 7; })),
            "r.json: results[0].response_time_ns.get.count: is not that of its histogram, 1000" +
                std::string(kNoReport));
  EXPECT_EQ(error_of(changed([&](Json& json) { get(json)["max"] = 5; })),
            "r.json: results[0].response_time_ns.get.histogram: a histogram whose minimum and "
            "maximum do not fit its counts" +
                std::string(kNoReport));
  EXPECT_EQ(error_of(changed([&](Json& json) { get(json)["histogram"] = "!"; })),
            "r.json: results[0].response_time_ns.get.histogram: text that is not base64" +
                std::string(kNoReport));
}

TEST(ReportReader, NamesAFileThatIsNotThere) {
  EXPECT_ERROR(kUsage, "/nowhere/r.json: there is no such file",
               read_run_report("/nowhere/r.json"));
  EXPECT_ERROR(kUsage, "/tmp: this is a folder; name the report in it", read_run_report("/tmp"));
}

// Each byte of a report may be wrong: it is read, or refused with its name.
TEST(ReportReader, WithstandsDamage) {
  constexpr uint64_t kSeed = 1;
  const std::string whole = run_report_json(open_loop_report());
  SplitMix64 random = random_stream(kSeed, 0);
  for (int round = 0; round < 300; ++round) {
    try {
      const RunReport report = parse_run_report(damaged(whole, random), "r.json");
      EXPECT_FALSE(run_table(report, {}).empty());
    } catch (const Error& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("r.json:")) << error.what();
    }
  }
}

}  // namespace
}  // namespace cachegauge
