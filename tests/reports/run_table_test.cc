#include "reports/run_table.h"

#include <gtest/gtest.h>

#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

std::string table(const RunReport& report, int width = 0) {
  return run_table(report, {.width = width, .color = false});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(RunTable, ShowsARunOfOneRepetition) {
  EXPECT_EQ(table(sample_report()),
            R"(t.csv: 1,000 requests, 80 keys; origin sleep:latency=2ms; closed:clients=1

               hit     byte      get      get  response  requests     bytes                    origin
adapter      ratio     hits      p50      p99      mean     per s  per item  items  evictions   calls  errors
unbounded  92.00%   82.80%    140 ns   190 ns    160 us     1.00M       150     40          0      80       0
lfu        75.00%*  67.50%*   140 ns   190 ns    500 us     1.00M       150     40        210     250       0
lru        70.00%   63.00%    140 ns   190 ns    600 us     1.00M       150     40        260     300       0
redis      69.00%   62.10%   28.0 us  38.0 us    649 us     1.54k       150     40        270     310       0

* best
unbounded, lfu, lru ran in virtual time: waits for the origin are in the response time, not in requests per s
)");
}

TEST(RunTable, ShowsClassesBelow) {
  const RunReport report = report_by_class();
  const std::string text = table(report);
  EXPECT_TRUE(text.ends_with(R"(
                                            hit     read     read   write   write  origin  origin  writes
by class of key       pattern  requests   ratio     mean      p99    mean     p99   reads  writes    lost
lru product       cache-aside         4  75.00%  1.25 ms  5.00 ms       -       -       1       -       -
lru event        write-behind         2       -        -        -  400 ns  400 ns       0       1       1
)")) << text;
  EXPECT_TRUE(contains(table(report, 60), "no room for requests, writes lost, "))
      << table(report, 60);
  EXPECT_FALSE(contains(table(sample_report()), "by class")) << "nothing was by class";
}

// Three repetitions; only redis' hits and all durations differ.
RunReport repeated_report() {
  RunReport report;
  for (int repetition = 1; repetition <= 3; ++repetition) {
    for (CellReport cell : sample_report().cells) {
      cell.repetition = repetition;
      cell.result.duration_ns += cell.result.duration_ns / 10 * repetition;
      if (cell.label.adapter == "redis") cell.result.counters.hits += repetition;
      report.cells.push_back(cell);
    }
  }
  return report;
}

TEST(RunTable, ShowsMediansWithRanges) {
  EXPECT_EQ(table(repeated_report(), 80),
            R"(t.csv: 1,000 requests, 80 keys; origin sleep:latency=2ms; closed:clients=1

                     hit      get      get  response     requests  origin
adapter            ratio      p50      p99      mean        per s   calls
unbounded        92.00%    140 ns   190 ns   160 us          833k      80
                                                        769k-909k
lfu              75.00%*   140 ns   190 ns   500 us*         833k     250
                                                        769k-909k
lru              70.00%    140 ns   190 ns   600 us          833k     300
                                                        769k-909k
redis            69.06%   28.0 us  38.0 us   649 us         1.28k     310
           69.03-69.09%                               1.18k-1.40k

medians of 3 repetitions, range below; * best; no room for errors, items, evictions, byte hit ratio, bytes per item (a wider terminal or the report shows more)
unbounded, lfu, lru ran in virtual time: waits for the origin are in the response time, not in requests per s
)");
}

TEST(RunTable, AFailedCellShowsItsReason) {
  EXPECT_EQ(table(failed_report()),
            "t.csv: 1,000 requests, 80 keys; origin sleep:latency=2ms; closed:clients=1\n\n"
            "adapter\n"
            "redis    failed: redis-server was not found\n");
}

TEST(RunTable, AFailedRepetitionIsTold) {
  RunReport report = sample_report();
  CellReport failed = sample_cell("lru", 1, 2);
  failed.result.failure = "the server died";
  report.cells.push_back(failed);
  EXPECT_TRUE(
      contains(table(report), "lru: a repetition failed and is left out: the server died\n"));
}

TEST(RunTable, AnInterruptedRunSaysSoAtTheTop) {
  RunReport report = sample_report();
  report.interrupted = true;
  report.cells[3].result.interrupted = true;
  const std::string text = table(report);
  EXPECT_EQ(text.rfind("interrupted: what was measured until then\n\n", 0), 0u);
  EXPECT_TRUE(contains(text, "\nredis (interrupted)  69.00%"));
}

TEST(RunTable, ErrorsAreShownWhateverTheWidth) {
  RunReport report = sample_report();
  EXPECT_FALSE(contains(table(report, 60), "errors\n"));
  report.cells[0].result.counters.errors = 1234;
  EXPECT_TRUE(contains(table(report, 60), "1,234\n"));
}

TEST(RunTable, ColumnsThatNobodyKnowsAreLeftOut) {
  RunReport report = sample_report();
  for (CellReport& cell : report.cells) {
    cell.result.adapter = AdapterState();
    cell.result.counters.origin_calls = 0;
  }
  const std::string text = table(report);
  for (const char* heading : {"items", "evictions", "origin\n", "per item"}) {
    EXPECT_FALSE(contains(text, heading)) << heading;
  }
}

TEST(RunTable, WhatIsWrongStandsBelow) {
  RunReport report = sample_report();
  report.cells[3].result.counters.corrupt = 2;
  report.cells[3].result.counters.rejected = 3;
  report.cells[3].result.flags = {"client_bound", "still_warming"};
  report.cells[0].result.warnings = {"TTLs are rounded up"};
  report.cells[1].result.warnings = {"TTLs are rounded up"};
  report.cells[3].result.warnings = {"redis: slow"};
  report.warnings = {"the machine was busy"};
  const std::string text = table(report);
  EXPECT_TRUE(contains(text, "redis: 2 values came back corrupt\n"));
  EXPECT_TRUE(contains(text, "redis: 3 commands were rejected: the backend cannot take"));
  EXPECT_TRUE(contains(text, "warning: the machine was busy\n"));
  EXPECT_TRUE(contains(text, "warning: lru, lfu: TTLs are rounded up\n"));
  EXPECT_TRUE(contains(text, "warning: redis: slow\n"));
  EXPECT_TRUE(contains(text, "flag: redis: client_bound (the client was the bottleneck"));
  EXPECT_TRUE(contains(text, "flag: redis: still_warming (the hit ratio was still changing"));
}

TEST(RunTable, TextFromOutsideCannotMoveTheCursor) {
  const std::string text = table(hostile_report()) + run_finding(hostile_report());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace cachegauge
