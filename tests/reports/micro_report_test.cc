#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/json.h"
#include "reports/micro_grid.h"
#include "reports/micro_html.h"
#include "reports/report_formats.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

constexpr std::string_view kRelease = "1.2.3 (abc, Release)";

// A benchmark of Google's, as it stands in its JSON.
Json micro_row(const std::string& name, double time, const Json& more = Json::object()) {
  Json json = {{"name", name},     {"run_name", name},   {"run_type", "iteration"},
               {"threads", 1},     {"iterations", 1000}, {"real_time", time},
               {"cpu_time", time}, {"time_unit", "ns"}};
  json.update(more);
  return json;
}

Json micro_failed(const std::string& name, const std::string& message) {
  return micro_row(name, 0, {{"error_occurred", true}, {"error_message", message}});
}

// Two caches, three repetitions of each, and one of a full cache.
Json micro_sample() {
  Json rows = Json::array();
  for (const double more : {1, 0, 2}) {
    rows.push_back(
        micro_row("get-hit/lru/value:100/real_time/threads:1", 30 + more,
                  {{"bytes_per_item", 160.4}, {"payload_per_item", 102}, {"items", 1000}}));
    rows.push_back(micro_row("get-hit/fifo/value:100/real_time/threads:1", 20 + more));
  }
  rows.push_back(micro_row("get-hit/fifo/value:100/real_time/threads:1", 7,
                           {{"run_type", "aggregate"}, {"aggregate_name", "median"}}));
  rows.push_back(micro_row("set-evicting/lru/value:100/items:10000/real_time/threads:1", 0.5,
                           {{"time_unit", "us"}, {"evictions_per_set", 1}}));
  rows.push_back(micro_row("encode/json/value:2048", 900, {{"encoded_bytes", 2048}}));
  return {{"context",
           {{"date", "2026-01-02T03:04:05+00:00"},
            {"host_name", "host"},
            {"num_cpus", 4},
            {"load_avg", {0.5, 1, 2}},
            {"cachegauge", kRelease},
            {"workload", "zipf:seed=42"}}},
          {"benchmarks", rows}};
}

NamedReport read_micro_json(const Json& json) { return parse_any_report(json.dump(), "m.json"); }

std::string micro_error_of(const Json& json) {
  try {
    read_micro_json(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string micro_written(std::string_view format, const NamedReport& report) {
  for (const ReportFormat& known : report_formats()) {
    if (known.name == format) return known.write({&report, 1}, {});
  }
  return {};
}

TEST(MicroReport, RepetitionsOfABenchmarkAreOneFigure) {
  const NamedReport report = read_micro_json(micro_sample());
  EXPECT_EQ(report.kind, "micro");
  EXPECT_EQ(report.report.context.host, "host");
  EXPECT_EQ(report.report.context.load, 0.5);
  EXPECT_EQ(report.report.warnings, std::vector<std::string>());
  const std::vector<MicroFigure>& figures = report.micro->figures;
  ASSERT_EQ(figures.size(), 4u);
  const MicroFigure& lru = figures[0];
  EXPECT_EQ(lru.operation, "get-hit");
  EXPECT_EQ(lru.subject, "lru");
  EXPECT_EQ(lru.value, "100");
  EXPECT_EQ(lru.time_ns->median, 31);
  EXPECT_EQ(lru.time_ns->low, 30);
  EXPECT_EQ(lru.time_ns->high, 32);
  EXPECT_EQ(lru.time_ns->n, 3u);
  EXPECT_EQ(lru.payload_per_item, 102);
  EXPECT_DOUBLE_EQ(*lru.overhead_per_item(), 58.4);
  EXPECT_EQ(figures[1].time_ns->median, 21);
  EXPECT_EQ(figures[1].overhead_per_item(), std::nullopt);
  EXPECT_EQ(figures[2].full_items, 10'000u);
  EXPECT_EQ(figures[2].time_ns->median, 500);
  EXPECT_TRUE(figures[3].is_codec());
}

TEST(MicroReport, MediansStandInForRepetitionsThatWereLeftOut) {
  Json json = micro_sample();
  std::erase_if(json["benchmarks"].get_ref<Json::array_t&>(),
                [](const Json& one) { return one["run_type"] == "iteration"; });
  const NamedReport report = read_micro_json(json);
  ASSERT_EQ(report.micro->figures.size(), 1u);
  EXPECT_EQ(report.micro->figures[0].time_ns->median, 7);
  EXPECT_EQ(report.micro->figures[0].time_ns->n, 1u);
}

TEST(MicroReport, TheTextHasATableForEachSizeAndTheFinding) {
  EXPECT_EQ(micro_written("text", read_micro_json(micro_sample())), R"(values of 100 B
                      set-evicting     bytes
cache        get-hit  10,000 items  per item
lru         31.0 ns         500 ns     160 B
       30.0-32.0 ns
fifo        21.0 ns*             -         -
       20.0-22.0 ns
medians of 3 repetitions, range or 95 % interval below; * best

documents of 2 KiB
                 bytes
codec  encode  encoded
json   900 ns    2 KiB

get-hit, values of 100 B: fifo 21.0 ns, lru 31.0 ns (1.48 times as long)
encode, documents of 2 KiB: json 900 ns
not measured: what waits while other requests are under way, an origin, expiry
next: python3 /usr/share/benchmark/compare.py benchmarks m.json OTHER.json
)");
}

TEST(MicroReport, MarkdownMarksWhatIsFastest) {
  EXPECT_EQ(micro_written("markdown", read_micro_json(micro_sample())), R"(### cachegauge: m.json

**values of 100 B**

| cache | get-hit | set-evicting 10,000 items | bytes per item |
| --- | ---: | ---: | ---: |
| lru | 31.0 ns (30.0-32.0 ns) | 500 ns | 160 B |
| fifo | **21.0 ns** (20.0-22.0 ns) | - | - |

**documents of 2 KiB**

| codec | encode | bytes encoded |
| --- | ---: | ---: |
| json | 900 ns | 2 KiB |

get-hit, values of 100 B: fifo 21.0 ns, lru 31.0 ns (1.48 times as long)

encode, documents of 2 KiB: json 900 ns

not measured: what waits while other requests are under way, an origin, expiry

next: python3 /usr/share/benchmark/compare.py benchmarks m.json OTHER.json

)");
}

TEST(MicroReport, CsvHasARowForEachFigure) {
  EXPECT_EQ(
      micro_written("csv", read_micro_json(micro_sample())),
      "report,report_interrupted,failure,warnings,operation,adapter,value,threads,repetitions,"
      "time_ns,time_ns_low,time_ns_high,items,bytes_per_item,payload_per_item,full_items,"
      "evictions_per_set,codec,encoded_bytes\n"
      "m.json,false,,,get-hit,lru,100,1,3,31,30,32,1000,160.4,102,,,,\n"
      "m.json,false,,,get-hit,fifo,100,1,3,21,20,22,,,,,,,\n"
      "m.json,false,,,set-evicting,lru,100,1,1,500,500,500,,,,10000,1,,\n"
      "m.json,false,,,encode,,2048,1,1,900,900,900,,,,,,json,2048\n");
}

TEST(MicroReport, FewRepetitionsOrRangesThatMeetLeaveTheFastestOpen) {
  Json json = micro_sample();
  json["benchmarks"][0]["real_time"] = 21.5;  // of lru, and fifo's reach 22
  const auto first_line = [&] {
    const std::string finding = micro_finding(*read_micro_json(json).micro, "m.json");
    return finding.substr(0, finding.find('\n'));
  };
  EXPECT_EQ(first_line(),
            "get-hit, values of 100 B: fifo 21.0 ns, lru 30.0 ns (1.43 times as long); which is "
            "the fastest cannot be told");
  json["benchmarks"].erase(0);
  EXPECT_EQ(first_line(),
            "get-hit, values of 100 B: fifo 21.0 ns, lru 31.0 ns (1.48 times as long); which is "
            "the fastest cannot be told from so few repetitions (--benchmark_repetitions=5)");
}

TEST(MicroReport, WhatAReaderMustKnowStandsFirst) {
  Json json = micro_sample();
  json["context"]["cachegauge"] = "1.2.3 (abc, Debug)";
  json["context"]["load_avg"] = {5.25, 1, 1};
  json["context"]["cpu_scaling_enabled"] = true;
  json["benchmarks"].push_back(
      micro_failed("get-hit/redis/value:100/real_time/threads:1", "it died"));
  json["benchmarks"].push_back(
      micro_failed("delete/redis/value:100/real_time/threads:1", "interrupted"));
  const NamedReport report = read_micro_json(json);
  EXPECT_TRUE(report.report.interrupted);
  EXPECT_EQ(
      report.report.warnings,
      (std::vector<std::string>{"cachegauge 1.2.3 (abc, Debug) is no release build",
                                "the load was 5.2 on 4 processors when it began",
                                "CPU scaling is on: the clock rate may have changed meanwhile",
                                "get-hit of redis failed: it died"}));
  EXPECT_TRUE(micro_written("text", report).starts_with("read with care: interrupted, 4 warnings"));
  EXPECT_NE(micro_written("markdown", report).find("> **Read with care: interrupted, 4 warnings**"),
            std::string::npos);
}

TEST(MicroReport, WhatIsNoNumberIsNotKnown) {
  std::string text = micro_sample().dump();
  const std::string known = "\"evictions_per_set\":1";
  text.replace(text.find(known), known.size(), "\"evictions_per_set\":-NaN,\"label\":\"NaN \\\"\"");
  const NamedReport report = parse_any_report(text, "m.json");
  EXPECT_EQ(report.micro->figures[2].evictions_per_set, std::nullopt);
  EXPECT_EQ(Json::parse(report.json)["benchmarks"][7]["label"], "NaN \"");
}

TEST(MicroReport, ThePageHasItsGrids) {
  const Json page = micro_html_model(read_micro_json(micro_sample()));
  EXPECT_EQ(page["kind"], "micro");
  EXPECT_EQ(page["workloads"][0]["label"], "zipf:seed=42");
  ASSERT_EQ(page["grids"].size(), 2u);
  const Json& grid = page["grids"][0];
  EXPECT_EQ(grid["heading"], "values of 100 B");
  EXPECT_EQ(grid["columns"][1], (Json{{"operation", "set-evicting"}, {"items", "10,000 items"}}));
  EXPECT_EQ(grid["rows"][0]["payload"], 102);
  EXPECT_EQ(grid["rows"][0]["figures"][0]["best"], false);
  EXPECT_EQ(grid["rows"][1]["figures"][0]["best"], true);
  EXPECT_EQ(grid["rows"][1]["figures"][0]["time_ns"]["median"], 21);
  EXPECT_TRUE(grid["rows"][1]["figures"][1].is_null());
  EXPECT_EQ(page["grids"][1]["heading"], "documents of 2 KiB");
}

TEST(MicroReport, RefusesWhatMicroDidNotWrite) {
  Json json = micro_sample();
  json["context"].erase("cachegauge");
  EXPECT_EQ(micro_error_of(json),
            "m.json: this is JSON of Google Benchmark, but not as `cachegauge micro "
            "--benchmark_out=FILE` writes it: its context does not name cachegauge");
  json = micro_sample();
  json["benchmarks"][1]["run_name"] = "BM_sort/8";
  EXPECT_TRUE(
      micro_error_of(json).starts_with("m.json: benchmarks[1].run_name: expected "
                                       "OPERATION/ADAPTER/value:SIZE, got \"BM_sort/8\""))
      << micro_error_of(json);
  json = micro_sample();
  json["benchmarks"][0]["time_unit"] = "days";
  EXPECT_TRUE(micro_error_of(json).starts_with(
      "m.json: benchmarks[0].time_unit: expected ns, us, ms or s, got \"days\""))
      << micro_error_of(json);
  json = micro_sample();
  json["benchmarks"][1].erase("threads");
  EXPECT_TRUE(micro_error_of(json).starts_with("m.json: benchmarks[1].threads: "))
      << micro_error_of(json);
}

}  // namespace
}  // namespace cachegauge
