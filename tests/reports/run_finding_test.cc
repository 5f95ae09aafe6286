#include <gtest/gtest.h>

#include <sstream>

#include "reports/run_table.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

std::vector<std::string> lines(const RunReport& report) {
  std::istringstream text(run_finding(report));
  std::vector<std::string> out;
  for (std::string line; std::getline(text, line);) out.push_back(line);
  return out;
}

TEST(RunFinding, SaysWhatWasFoundWhatWasNotAndWhatIsNext) {
  EXPECT_EQ(
      run_finding(sample_report()),
      "lfu had the best hit ratio, 75.00% (lru 70.00%, redis 69.00%); with room for everything it "
      "is 92.00% (unbounded). lfu left 250 calls to the origin, redis 310. The median get took "
      "from 140 ns (lfu) to 28.0 us (redis). unbounded has no bound, and grew by 6.0 bytes a "
      "request.\n"
      "not measured: your network (redis answered over a unix socket on this machine); your origin "
      "(simulated: sleep:latency=2ms); queueing at your request rate (closed:clients=1: each "
      "client waits for its reply); how times vary (one repetition)\n"
      "next: cachegauge run trace:path=t.csv,format=csv lfu lru --memory 1MiB --origin "
      "sleep:latency=2ms --repeat 5\n");
}

TEST(RunFinding, TiesAreTies) {
  const auto some = lines(
      report_of({sample_cell("lru", 700), sample_cell("clock", 700), sample_cell("fifo", 600)}));
  EXPECT_EQ(some[0].rfind("clock and lru had the best hit ratio, 70.00% (fifo 60.00%). clock left "
                          "300 calls to the origin, fifo 400. ",
                          0),
            0u)
      << some[0];
  const auto all = lines(report_of({sample_cell("lru", 700), sample_cell("clock", 700)}));
  EXPECT_EQ(all[0], "clock and lru had the same hit ratio, 70.00%. The median get took 140 ns.");
}

TEST(RunFinding, WithoutAnOriginMissesAreCounted) {
  RunReport report = report_of({sample_cell("lru", 700), sample_cell("lfu", 750)});
  for (CellReport& cell : report.cells) {
    cell.origin.clear();
    cell.result.counters.origin_calls = 0;
  }
  const auto text = lines(report);
  EXPECT_NE(text[0].find("lfu left 250 misses, lru 300."), std::string::npos) << text[0];
  EXPECT_NE(text[1].find("what a miss costs (no origin: --origin 50ms simulates one)"),
            std::string::npos);
}

TEST(RunFinding, ARealOriginSaysWhatWasTakenOffIt) {
  RunReport report = report_of({sample_cell("lru", 700)});
  report.cells[0].result.origin_statistics = {
      {"queries", 300}, {"blocks_hit", 900}, {"database_transactions", 4711}};
  EXPECT_EQ(lines(report)[0],
            "Hit ratio: lru 70.00%. The origin, by its own statistics: lru took 70.00% of the gets "
            "off it (300 queries, 900 blocks hit). Its gets took 140 ns at the median, 190 ns at "
            "p99.");
}

TEST(RunFinding, OneCellIsDescribed) {
  EXPECT_EQ(lines(report_of({sample_cell("lru", 700)}))[0],
            "Hit ratio: lru 70.00%. Its gets took 140 ns at the median, 190 ns at p99.");
}

TEST(RunFinding, NamesTheFastestOnlyAfterThreeRepetitions) {
  std::vector<CellReport> cells;
  for (int repetition = 1; repetition <= 3; ++repetition) {
    cells.push_back(sample_cell("lru", 700, repetition));
    CellReport slow = sample_report().cells.back();
    slow.repetition = repetition;
    cells.push_back(slow);
    const std::string text = lines(report_of(cells))[0];
    EXPECT_EQ(text.find("lru answered gets fastest: p50 140 ns, p99 190 ns.") != std::string::npos,
              repetition == 3)
        << text;
  }
  const auto text = lines(report_of(cells));
  EXPECT_EQ(text[1].find("one repetition"), std::string::npos);
  EXPECT_EQ(text[2], "next: cachegauge run trace:path=t.csv,format=csv lru --clients 8");
}

TEST(RunFinding, AFlagIsNotGivenTwice) {
  RunReport report;
  for (int repetition = 1; repetition <= 3; ++repetition) {
    report.cells.push_back(sample_cell("lru", 700, repetition));
  }
  report.flags_to_repeat = "--clients 50 --origin sleep:latency=2ms";
  EXPECT_EQ(lines(report)[2],
            "next: cachegauge run trace:path=t.csv,format=csv lru --clients 50 --origin "
            "sleep:latency=2ms --warmup 10%");
}

TEST(RunFinding, SaysHowServersOfThisMachineWereReached) {
  RunReport report = sample_report();
  CellReport memcached = report.cells[3];
  memcached.label.adapter = "memcached:transport=tcp";
  memcached.result.adapter_settings = {{"server", "private"}, {"connection", "tcp"}};
  CellReport remote = memcached;
  remote.label.adapter = "redis://10.0.0.7";
  remote.result.adapter_settings = {{"server", "running"}, {"connection", "tcp"}};
  report.cells.push_back(memcached);
  report.cells.push_back(remote);
  const std::string text = run_finding(report);
  EXPECT_NE(text.find("your network (redis answered over a unix socket and "
                      "memcached:transport=tcp answered over the loopback on this machine)"),
            std::string::npos)
      << text;
}

TEST(RunFinding, SaysWhatTheSearchForTheCapacityFound) {
  RunReport report = open_loop_report();
  report.cells = {report.cells.back()};
  EXPECT_EQ(
      lines(report)[0].rfind("redis kept p99=1ms up to 84.0k requests/s (above that the server "
                             "gave out). ",
                             0),
      0u)
      << lines(report)[0];
  EXPECT_EQ(run_finding(report).find("queueing at your request rate"), std::string::npos);
  report.cells.back().result.capacity->rate.reset();
  EXPECT_EQ(lines(report)[0].rfind("redis kept p99=1ms at no rate that was tried. ", 0), 0u);
}

TEST(RunFinding, ServersInAClosedLoopAreToBeComparedAtOneRate) {
  RunReport report = sample_report();
  CellReport memcached = report.cells.back();
  memcached.label.adapter = memcached.adapter_spec = "memcached";
  report.cells.push_back(memcached);
  EXPECT_EQ(
      lines(report).back(),
      "next: cachegauge run trace:path=t.csv,format=csv memcached redis --memory 1MiB --origin "
      "sleep:latency=2ms --rate auto");
  for (CellReport& cell : report.cells) cell.driver = "open:rate=1600,clients=50";
  EXPECT_EQ(lines(report).back().find("--rate auto"), std::string::npos);
}

TEST(RunFinding, FailuresComeNext) {
  RunReport report = sample_report();
  report.cells[3].result.failure = "the server died";
  const auto text = lines(report);
  EXPECT_TRUE(text[0].ends_with(" redis failed.")) << text[0];
  EXPECT_EQ(text[2],
            "next: cachegauge run trace:path=t.csv,format=csv redis --memory 1MiB --origin "
            "sleep:latency=2ms");
  EXPECT_EQ(lines(failed_report())[0],
            "No cell answered a get from its cache: there is nothing to compare. redis failed.");
}

TEST(RunFinding, AnInterruptedRunClaimsNothing) {
  RunReport report = sample_report();
  report.interrupted = true;
  for (CellReport& cell : report.cells) cell.result.interrupted = true;
  const auto text = lines(report);
  EXPECT_EQ(text[0].rfind("Hit ratio until then: lfu 75.00%, lru 70.00%, redis 69.00%. ", 0), 0u)
      << text[0];
  EXPECT_TRUE(text[2].ends_with(" --duration 10s")) << text[2];
}

TEST(RunFinding, CommandsAreSafeInAShell) {
  RunReport report = report_of({sample_cell("lru", 700)});
  report.cells[0].workload.spec = "trace:path=it's $(here).csv";
  EXPECT_EQ(lines(report)[2],
            "next: cachegauge run 'trace:path=it'\\''s $(here).csv' lru --repeat 5");
  report.cells[0].workload.given = "t.csv";  // the shorter form, where there is one
  EXPECT_EQ(lines(report)[2], "next: cachegauge run t.csv lru --repeat 5");
}

TEST(RunFinding, WorkloadsAreTold) {
  RunReport report = sample_report();
  report.cells.push_back(sample_cell("lru", 700));
  report.cells.back().label.workload = "u.csv";
  const auto text = lines(report);
  EXPECT_EQ(text[0].rfind("t.csv: lfu had the best", 0), 0u);
  EXPECT_EQ(text[1].rfind("u.csv: Hit ratio: lru 70.00%.", 0), 0u);
}

TEST(RunFinding, NothingIsNothing) {
  EXPECT_EQ(run_finding(RunReport()), "Nothing was measured.\n");
}

}  // namespace
}  // namespace cachegauge
