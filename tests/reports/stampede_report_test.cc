#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "reports/json.h"
#include "reports/report_formats.h"
#include "reports/stampede_finding.h"
#include "reports/stampede_json.h"
#include "reports/stampede_table.h"
#include "tests/core/expect_error.h"
#include "tests/reports/damage.h"
#include "tests/reports/sample_stampede.h"

namespace cachegauge {
namespace {

NamedReport read_back(const StampedeReport& report) {
  return parse_any_report(stampede_report_json(report), "r.json");
}

std::string shown_as(std::string_view format, const StampedeReport& report) {
  const std::vector<NamedReport> reports = {read_back(report)};
  for (const ReportFormat& row : report_formats()) {
    if (row.name == format && row.write) return row.write(reports, {});
  }
  return {};
}

void expect_parts(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

template <class Change>
std::string stampede_changed(Change change) {
  Json json = Json::parse(stampede_report_json(sample_stampede()));
  change(json);
  return json.dump();
}

TEST(StampedeReader, WhatIsReadIsWrittenAgainToTheByte) {
  for (const StampedeReport& report : {sample_stampede(), flushed_stampede(), StampedeReport(), [] {
                                         StampedeReport none =
                                             sample_stampede();  // a cell that saw nothing
                                         none.cells[0].figures = derive_figures({});
                                         return none;
                                       }()}) {
    const std::string text = stampede_report_json(report);
    const NamedReport named = parse_any_report(text, "r.json");
    ASSERT_TRUE(named.stampede.has_value());
    EXPECT_EQ(stampede_report_json(*named.stampede), text);
    EXPECT_EQ(named.report.interrupted, report.interrupted);
    EXPECT_TRUE(named.report.cells.empty());
  }
}

TEST(StampedeReader, NamesThePlaceOfWhatDoesNotAddUp) {
  const auto expect_refused = [](auto change, const char* message) {
    const std::string whole =
        std::string("r.json: ") + message +
        " (this is no report as `cachegauge run --out` writes it, or it was changed)";
    EXPECT_ERROR(kFailed, whole.c_str(), parse_any_report(stampede_changed(change), "r.json"));
  };
  expect_refused([](Json& json) { json["results"][0]["requests"]["fresh"] = 1; },
                 "results[0].requests.total: is 4000, but its kinds are 205 together");
  expect_refused([](Json& json) { json["results"][1]["episodes"] = 5; },
                 "results[1].episodes: is 5, but episode.origin_calls has 4");
  expect_refused([](Json& json) { json["results"][2]["series"][1]["t_ms"] = -20; },
                 "results[2].series: its times do not rise");
  expect_refused([](Json& json) { json["results"][2]["series"][1]["t_ms"] = "now"; },
                 "results[2].series[1].t_ms: expected a number, got \"now\"");
  expect_refused([](Json& json) { json["results"][0].erase("guard"); },
                 "results[0].guard: is missing");
}

TEST(StampedeReader, WithstandsDamage) {
  constexpr uint64_t kSeed = 1;
  SplitMix64 random = random_stream(kSeed, 0);
  const std::string whole = stampede_report_json(flushed_stampede());
  for (int round = 0; round < 100; ++round) expect_shown_or_refused(damaged(whole, random));
}

TEST(StampedeReader, WhatAFileSaysMovesNoCursor) {
  const std::string text = stampede_changed([](Json& json) {
    json["warnings"] = {"\x1b"};
    Json& result = json["results"][0];
    result["guard"] = result["scenario"] = result["fault"] = result["workload"] = "\x1b[2J";
    result["adapter"]["spec"] = result["time"] = result["origin"]["spec"] = "\x1b";
    result["flags"] = result["warnings"] = {"\x1b"};
    result["expected"]["formula"] = "\x1b";
  });
  const std::vector<NamedReport> reports = {parse_any_report(text, "r.json")};
  for (const char* format : {"text", "markdown"}) {
    for (const ReportFormat& row : report_formats()) {
      if (row.name != format) continue;
      EXPECT_EQ(row.write(reports, {}).find('\x1b'), std::string::npos) << format;
    }
  }
}

TEST(StampedeFinding, SaysWhichGuardIsBestAndByWhat) {
  expect_parts(
      stampede_finding(sample_stampede()),
      {"swr does best here: 1.00 origin calls an expiry, p99 in the window 0 ns, 5.00% of the "
       "answers stale; none has 51.00, p99 in the window ",
       "\nwhere no answer may be stale: token-lock, 1.00 origin calls an expiry, p99 in the "
       "window ",
       "\nredis none: 51.00 origin calls an expiry over 4 episodes, 200 of them wasted\n",
       "\nnot measured: a real cache, your network, your origin, which --origin stands for, and "
       "how "
       "far figures vary from run to run\n"
       "next: cachegauge stampede redis --guard swr --origin sleep:latency=50ms --rate 1000 --ttl "
       "1000ms\n"});
}

TEST(StampedeFinding, WhatIsFlaggedIsNotBest) {
  StampedeReport report = sample_stampede();
  report.cells[2].flags = {"rate_missed"};
  EXPECT_TRUE(stampede_finding(report).starts_with(
      "token-lock does best here: 1.00 origin calls an expiry, "));
  report.cells[1].interrupted = true;
  EXPECT_TRUE(stampede_finding(report).starts_with("no guard can be called best: "));
  EXPECT_TRUE(best_guards(report).empty());
}

TEST(StampedeFinding, ALoadThatWasNotAchievedIsOneForTheModel) {
  StampedeReport report = sample_stampede();
  for (StampedeCell& cell : report.cells) {
    cell.time = "real";
    cell.flags = {"rate_missed"};
  }
  EXPECT_TRUE(stampede_finding(report).ends_with(
      "next: cachegauge stampede redis --guard none --guard token-lock --guard swr --origin "
      "sleep:latency=50ms --rate 1000 --ttl 1000ms --simulate\n"));
}

TEST(StampedeFinding, ThoseThatFailRequestsAreNotBestHoweverFewTheyCall) {
  StampedeReport report = sample_stampede();
  report.cells[2].figures.served[Served::kFailed] = 1;
  report.cells[2].figures.served[Served::kFresh] -= 1;
  ASSERT_EQ(best_guards(report).size(), 1u);
  EXPECT_EQ(best_guards(report)[0]->guard, "token-lock");
}

TEST(StampedeFinding, GuardsThatDoAlikeAreNotRanked) {
  StampedeReport report = sample_stampede();
  report.cells[0] = report.cells[2];
  report.cells[0].guard = "refresh-ahead";
  report.cells[1] = report.cells[2];
  report.cells[1].guard = "prewarm";
  EXPECT_TRUE(stampede_finding(report).starts_with("no guard does better here than another\n"));
  report.cells.resize(1);
  EXPECT_TRUE(stampede_finding(report).starts_with("redis refresh-ahead: 1.00 origin calls"));
}

TEST(StampedeFinding, SaysWhatWentWrongAndWhatTheoryHas) {
  StampedeReport report = flushed_stampede();
  report.cells[0].expected = {.origin_calls = 2, .standard_error = 0.1, .formula = "2"};
  expect_parts(stampede_finding(report),
               {"redis token-lock:ttl=20ms: 2.00 origin calls a round of flush:keys=3, at most 2; "
                "2 at once\n",
                "redis token-lock:ttl=20ms: 1.33 origin calls an expiry over 3 episodes, 1 of them "
                "wasted; theory has 2.00 ±0.30; 1 locks were got while another held them; 2 fills "
                "put an older value in place of a newer one; 6 requests failed\n",
                "next: cachegauge run trace:path=a_b.csv redis --guard token-lock:ttl=20ms "});
  EXPECT_TRUE(stampede_finding({}).starts_with("Nothing was measured."));
}

TEST(StampedeTable, HoldsEachGuardBesideTheory) {
  const std::string narrow = stampede_table(sample_stampede(), {.width = 80});
  EXPECT_TRUE(narrow.starts_with(
      "hot-key-expiry: 1.00k requests/s achieved, origin 50.0 ms, TTL 1.00 s, virtual time\n\n"));
  expect_parts(narrow, {"\nno room for "});
  const std::string table = narrow.substr(narrow.find("\n\n") + 2);
  for (size_t begin = 0; table[begin] != '\n'; begin = table.find('\n', begin) + 1) {
    EXPECT_LE(display_width(table.substr(begin, table.find('\n', begin) - begin)), 80);
  }
  const std::string text = stampede_table(sample_stampede(), {});
  expect_parts(text, {"51.00 ±3.87  51.00 ±10.50", "5.00%"});
  for (const char* part : {"failed", "flags", "a round", "window in"}) {
    EXPECT_EQ(text.find(part), std::string::npos) << part;
  }
  expect_parts(stampede_table(flushed_stampede(), {}),
               {"cache_errors unheard_of", "90.0 ms", "failed", "a round",
                "warning: redis token-lock:ttl=20ms: the lock is short\n"});
}

TEST(StampedeFormats, EachSaysFirstWhatThereIsToKnow) {
  const std::pair<std::string_view, std::string_view> expected[] = {
      {"text", "read with care: interrupted, 2 flags, 2 warnings (below)\n"},
      {"markdown",
       "### cachegauge: r.json\n\n> **Read with care: interrupted, 2 flags, 2 warnings**\n"},
      {"openmetrics",
       "# HELP cachegauge_report_info A report of cachegauge, to be read with care: interrupted, 2 "
       "flags, 2 warnings\n"},
      {"csv", "report,report_interrupted,flags,warnings,"},
  };
  for (const auto& [format, text] : expected) {
    EXPECT_EQ(shown_as(format, flushed_stampede()).rfind(text, 0), 0u)
        << shown_as(format, flushed_stampede()).substr(0, 300);
  }
  expect_parts(shown_as("csv", flushed_stampede()),
               {"r.json,true,cache_errors; unheard_of,the machine was busy; the lock is short,"});
}

TEST(StampedeFormats, MarkdownHasAShortTableAndTheRestFolded) {
  const std::string markdown = shown_as("markdown", sample_stampede());
  expect_parts(markdown, {"| adapter, guard | origin calls per expiry | theory (3 errors) | ",
                          "swr does best here", "<details><summary>All figures</summary>",
                          "theory of redis none: 1 + rate x window", "Measured on some processor"});
}

TEST(StampedeFormats, ThePageHasCurvesAndTablesOfEachGuard) {
  const std::string page = shown_as("html", sample_stampede());
  if (page.empty()) GTEST_SKIP() << "built without Chart.js";
  constexpr std::string_view kOpening = "type=\"application/json\">";
  const size_t begin = page.find(kOpening) + kOpening.size();
  const Json reports = Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  const Json& view = reports[0]["view"];
  const Json& cells = view["workloads"][0]["cells"];
  ASSERT_EQ(cells.size(), 3u);
  EXPECT_EQ(cells[1]["name"], "token-lock");
  EXPECT_EQ(cells[1]["curves"]["response_time_ns.in_window"]["count"], 200);
  EXPECT_EQ(view["tables"][0]["rows"].size(), 3u);
  EXPECT_EQ(view["theory"][0]["formula"], "1 + rate x window");
  EXPECT_EQ(reports[0]["report"], Json::parse(stampede_report_json(sample_stampede())));
}

}  // namespace
}  // namespace cachegauge
