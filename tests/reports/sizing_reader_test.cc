#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "reports/json.h"
#include "reports/profile_json.h"
#include "reports/report_formats.h"
#include "reports/report_reader.h"
#include "reports/simulation_json.h"
#include "tests/core/expect_error.h"
#include "tests/reports/damage.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

SimulationReport delayed_simulation() {
  SimulationReport report = sample_simulation();
  report.origin_ns = 50'000'000;
  report.cache_rtt_ns = 500'000;
  report.interrupted = true;
  SimulationResult& first = report.results[0];
  first.params = {{"small", "5%"}, {"a", "b"}};
  first.counts.delayed_hits = 100;
  first.counts.waited_ns = 35'000'000'000;
  first.series = {{.end_request = 700, .end_ns = 60'000'000'000, .gets = 500, .hits = 100},
                  {.end_request = 1200, .end_ns = 120'000'000'000, .gets = 500, .hits = 200}};
  return report;
}

SimulationReport curves_in_bytes() {
  SimulationReport report = sample_estimate();
  report.results.clear();
  for (MissRatioCurve& curve : report.curves) curve.in_bytes = true;
  return report;
}

std::string read_and_written(const std::string& text) {
  const NamedReport named = parse_any_report(text, "r.json");
  return named.simulation ? simulation_report_json(*named.simulation)
                          : profile_report_json(named.profile.value());
}

// A report with `change` made to its JSON.
template <class Change>
std::string sizing_changed(const std::string& text, Change change) {
  Json json = Json::parse(text);
  change(json);
  return json.dump();
}

void expect_refused(const std::string& text, const std::string& message) {
  const std::string whole =
      "r.json: " + message +
      " (this is no report as `cachegauge run --out` writes it, or it was changed)";
  EXPECT_ERROR(kFailed, whole.c_str(), parse_any_report(text, "r.json"));
}

TEST(SizingReader, WhatIsReadIsWrittenAgainToTheByte) {
  for (const SimulationReport& report :
       {sample_simulation(), sample_estimate(), delayed_simulation(), curves_in_bytes(),
        SimulationReport()}) {
    const std::string text = simulation_report_json(report);
    EXPECT_EQ(read_and_written(text), text);
  }
  for (const ProfileReport& report : {sample_profile(), ProfileReport()}) {
    const std::string text = profile_report_json(report);
    EXPECT_EQ(read_and_written(text), text);
  }
}

TEST(SizingReader, OfOtherKindsTheHeadIsThatOfARun) {
  const NamedReport named =
      parse_any_report(simulation_report_json(delayed_simulation()), "r.json");
  EXPECT_EQ(named.kind, "simulate");
  EXPECT_TRUE(named.report.interrupted);
  EXPECT_EQ(named.report.warnings, sample_simulation().warnings);
  EXPECT_EQ(named.report.context.cpu_model, sample_simulation().context.cpu_model);
  EXPECT_TRUE(named.report.cells.empty());
}

TEST(SizingReader, NamesThePlaceOfWhatDoesNotAddUp) {
  const std::string simulation = simulation_report_json(sample_estimate());
  const auto of_simulation = [&](auto change) { return sizing_changed(simulation, change); };
  expect_refused(of_simulation([](Json& json) { json["results"][1]["hits"] = 7; }),
                 "results[1].gets: is 1000, but hits and misses are 507 together");
  expect_refused(
      of_simulation([](Json& json) { json["results"][0]["capacity"]["objects"] = nullptr; }),
      "results[0].capacity: has neither objects nor bytes");
  expect_refused(of_simulation([](Json& json) { json["results"][0]["delayed_hits"] = 701; }),
                 "results[0].delayed_hits: is more than misses");
  expect_refused(of_simulation([](Json& json) { json["curves"][1]["points"][2]["size"] = 3; }),
                 "curves[1].points: sizes do not rise from 1");
  expect_refused(of_simulation([](Json& json) { json["curves"][0]["points"][0]["misses"] = 1001; }),
                 "curves[0].points: there are more misses than gets");
  expect_refused(of_simulation([](Json& json) { json["workload"].erase("label"); }),
                 "workload.label: is missing");
  const std::string profile = profile_report_json(sample_profile());
  const auto of_profile = [&](auto change) { return sizing_changed(profile, change); };
  expect_refused(of_profile([](Json& json) { json["results"].clear(); }),
                 "results: a profile has one result, the traffic");
  expect_refused(of_profile([](Json& json) { json["verdict"]["origin"] = nullptr; }),
                 "verdict.origin: is null, and candidates have times with it");
  expect_refused(of_profile([](Json& json) { json["verdict"]["size"] = nullptr; }),
                 "verdict.size: is null, and a candidate pays");
}

TEST(SizingReader, WithstandsDamage) {
  constexpr uint64_t kSeed = 1;
  SplitMix64 random = random_stream(kSeed, 0);
  for (const std::string& whole :
       {simulation_report_json(sample_estimate()), simulation_report_json(delayed_simulation()),
        profile_report_json(sample_profile())}) {
    for (int round = 0; round < 100; ++round) expect_shown_or_refused(damaged(whole, random));
  }
}

TEST(SizingReader, WhatAFileSaysMovesNoCursor) {
  const std::string text =
      sizing_changed(simulation_report_json(sample_simulation()), [](Json& json) {
        for (Json& result : json["results"]) {
          result["policy"] = "a\x1b[31m";
          if (!result["size"].is_null()) result["size"] = "1\x1b%";
        }
        json["fills"] = "\x1b[2J";
        json["workload"]["label"] = "\x1b";
      });
  const std::vector<NamedReport> reports = {parse_any_report(text, "r.json")};
  EXPECT_EQ(write_text(reports, {}).find('\x1b'), std::string::npos);
  const std::string of_profile =
      sizing_changed(profile_report_json(sample_profile()), [](Json& json) {
        json["findings"][0] = {{"name", "\x1b"}, {"evidence", "\x1b"}, {"remedy", "\x1b"}};
        json["verdict"]["size_reason"] = json["verdict"]["policies"][0]["policy"] = "\x1b";
        json["verdict"]["candidates"][0]["name"] = "\x1b";
        json["results"][0]["ops"]["\x1b"] = 1;
        json["next"] = "\x1b";
      });
  const std::vector<NamedReport> profiles = {parse_any_report(of_profile, "r.json")};
  EXPECT_EQ(write_text(profiles, {}).find('\x1b'), std::string::npos);
}

TEST(SizingMarkdown, ASimulationIsItsTablesAndItsFinding) {
  const std::vector<NamedReport> reports = {
      parse_any_report(simulation_report_json(sample_estimate()), "r.json")};
  const std::string markdown = write_markdown(reports, {});
  for (const char* part :
       {"### cachegauge: r.json\n\n> **Read with care: 1 warning**\n>\n> - warning: 3 bad rows "
        "skipped\n\nt.csv: 1,200 requests, 300 keys",
        "| hit ratio | 1% = 3 | 4KiB bytes |\n| --- | ---: | ---: |\n"
        "| lru | **30.00%** (± 1.25%) | 50.00% (± 1.25%) |\n",
        "| byte hit ratio | 1% = 3 | 4KiB bytes |\n",
        "| curve, in entries | knee | 50 % of its hits | 80 % of its hits | 90 % of its hits | "
        "95 % of its hits |\n| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| lru | 10 | 10 | 1,000 | 1,000 | 1,000 |\n",
        "next: cachegauge run t.csv lru:capacity=4096\n\n<details><summary>All counts</summary>",
        "| simulation | requests | gets | hits | misses | get\\_bytes | hit\\_bytes |\n",
        "| lru at 4KiB | 1,000 | 1,000 | 500 | 500 | 100,000 | 25,000 |\n"}) {
    EXPECT_NE(markdown.find(part), std::string::npos) << part << "\nin\n" << markdown;
  }
}

TEST(SizingMarkdown, AProfileIsItsVerdictAndItsFindings) {
  const std::vector<NamedReport> reports = {
      parse_any_report(profile_report_json(sample_profile()), "r.json")};
  const std::string markdown = write_markdown(reports, {});
  for (const char* part :
       {"t.csv: 1,200 requests, 300 keys, footprint 35.2 KiB\n\n"
        "caching pays here: a cache 500 us away with 60 entries (12 KiB)\n\n",
        "- a cache 500 us away: get 500 us, set 500 us (as given)\n"
        "  - with it  mean 500 us + 25.00% x (50.0 ms + 500 us) = 13.1 ms, p99 51.0 ms: pays\n",
        "- **dominating-key**: one key (user:1) has 10.0% of the requests\n"
        "  - keep it in the process\n\n<details><summary>The traffic</summary>\n\n"
        "| traffic |  |\n| --- | --- |\n| ops | 1,000 gets, 200 sets",
        "| hottest | user:1 10.00%, ? 5.00% |\n"}) {
    EXPECT_NE(markdown.find(part), std::string::npos) << part << "\nin\n" << markdown;
  }
}

}  // namespace
}  // namespace cachegauge
