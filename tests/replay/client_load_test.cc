#include "harness/replay/client_load.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// 1,000 gets of 0.2 ms in 10 s.
RunResult good_run() {
  RunResult result;
  result.duration_ns = 10 * kSecond;
  result.counters.gets = 1000;
  result.timing(Timing::kResponseGet).record(kMs / 5, 1000);
  result.timing(Timing::kScheduleLag).record(2000, 1000);
  return result;
}

ClientLoad open_loop() { return {.open_loop = true}; }
ClientLoad closed_loop(double busy = 0.5) {
  return {.busiest_thread_ns = static_cast<int64_t>(busy * 10 * kSecond)};
}

// The warning, or nothing if the run was not marked.
std::string judge(const ClientLoad& load, RunResult result) {
  mark_client_bound(load, result);
  if (result.flags.empty()) {
    EXPECT_TRUE(result.warnings.empty());
    return "";
  }
  EXPECT_EQ(result.flags, std::vector<std::string>{"client_bound"});
  EXPECT_GE(result.warnings.size(), 1u);
  return result.warnings.front();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ClientBound, AGoodRunIsNotMarked) {
  EXPECT_EQ(judge(open_loop(), good_run()), "");
  EXPECT_EQ(judge(closed_loop(), good_run()), "");
  EXPECT_EQ(judge({.in_process = true}, good_run()), "");
  EXPECT_EQ(judge(open_loop(), RunResult()), "");
  EXPECT_EQ(judge(closed_loop(0), RunResult()), "");
}

TEST(ClientBound, OneLongPauseMarksIt) {
  RunResult result = good_run();
  result.load.paused_ns = result.load.longest_pause_ns = 100 * kMs;
  result.duration_ns = 1000 * kSecond;  // the share is small
  for (const ClientLoad& load : {open_loop(), closed_loop(), ClientLoad{.in_process = true}}) {
    EXPECT_EQ(judge(load, result),
              "the client itself stood still for 100 ms (the longest: 100 ms): the times of "
              "requests under way then are its own, not the server's");
  }
  result.load.paused_ns = result.load.longest_pause_ns = 99 * kMs;
  EXPECT_EQ(judge(open_loop(), result), "");
}

TEST(ClientBound, ManyShortPausesMarkIt) {
  RunResult result = good_run();
  result.load.longest_pause_ns = 12 * kMs;
  result.load.paused_ns = 101 * kMs;  // of 10 s
  EXPECT_TRUE(contains(judge(open_loop(), result), "stood still for 101 ms"));
  EXPECT_TRUE(contains(judge(closed_loop(), result), "stood still for 101 ms"));
  result.load.paused_ns = 99 * kMs;
  EXPECT_EQ(judge(open_loop(), result), "");
}

TEST(ClientBound, AnOpenLoopThatFallsBehindIsMarked) {
  RunResult result = good_run();
  result.timing(Timing::kScheduleLag).record(5 * kMs, 50);
  EXPECT_TRUE(contains(judge(open_loop(), result), "fell behind its schedule (p99 of the lag: 5"));
  EXPECT_EQ(judge({.open_loop = true, .in_process = true}, result), "");
}

TEST(ClientBound, ALagBesideWhichResponsesAreLongDoesNotMatter) {
  RunResult result = good_run();
  result.timing(Timing::kScheduleLag).record(5 * kMs, 50);      // 250 ms in all
  result.timing(Timing::kResponseSet).record(100 * kMs, 1000);  // and 100 s of responses
  EXPECT_EQ(judge(open_loop(), result), "");
}

TEST(ClientBound, ALagOfMicrosecondsDoesNotMatter) {
  RunResult result = good_run();
  result.timing(Timing::kScheduleLag).record(900'000, 5000);
  EXPECT_EQ(judge(open_loop(), result), "") << "longer than the responses, but below 1 ms";
}

TEST(ClientBound, RareLatenessDoesNotMatter) {
  RunResult result = good_run();
  result.timing(Timing::kScheduleLag).record(90 * kMs, 5);  // p99 is small
  EXPECT_EQ(judge(open_loop(), result), "");
}

TEST(ClientBound, AClosedLoopWithABusyThreadIsMarkedUnlessTheServerIsBusyToo) {
  RunResult result = good_run();
  EXPECT_TRUE(contains(judge(closed_loop(0.96), result), "busy all the time"));
  EXPECT_EQ(judge(closed_loop(0.94), result), "");
  result.adapter.server_cpu_ns = 5 * kSecond;
  EXPECT_TRUE(contains(judge(closed_loop(0.96), result), "busy all the time"));
  result.adapter.server_cpu_ns = 96 * kSecond / 10;
  EXPECT_EQ(judge(closed_loop(0.96), result), "") << "both are at their limit";
}

TEST(ClientBound, AnOpenLoopMaySpin) {
  EXPECT_EQ(judge({.open_loop = true, .busiest_thread_ns = 10 * kSecond}, good_run()), "");
}

TEST(ClientBound, AnInProcessCacheMayUseTheWholeCpu) {
  EXPECT_EQ(judge({.in_process = true, .busiest_thread_ns = 10 * kSecond}, good_run()), "");
}

TEST(ClientBound, SeveralReasonsMakeOneFlag) {
  RunResult result = good_run();
  result.load.paused_ns = result.load.longest_pause_ns = 200 * kMs;
  mark_client_bound(closed_loop(1), result);
  EXPECT_EQ(result.flags, std::vector<std::string>{"client_bound"});
  EXPECT_EQ(result.warnings.size(), 2u);
}

std::vector<std::string> hidden_stalls(const ClientLoad& load, RunResult result) {
  warn_of_hidden_stalls(load, result);
  EXPECT_TRUE(result.flags.empty());
  return result.warnings;
}

TEST(HiddenStalls, AClosedLoopIsWarnedOfWhatOnlyItsMaximumShows) {
  RunResult result = good_run();
  result.timing(Timing::kResponseSet).record(kSecond);
  const auto warnings = hidden_stalls(closed_loop(), result);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(contains(warnings[0], "a stall of 1.00 s shows in the maximum alone (p99: 20"));
  EXPECT_TRUE(contains(warnings[0], "--rate does"));
}

TEST(HiddenStalls, OthersAreNot) {
  RunResult result = good_run();
  EXPECT_TRUE(hidden_stalls(closed_loop(), result).empty());
  EXPECT_TRUE(hidden_stalls(closed_loop(), RunResult()).empty());
  result.timing(Timing::kResponseGet).record(kSecond);
  EXPECT_TRUE(hidden_stalls(open_loop(), result).empty()) << "its percentiles show it";
  EXPECT_TRUE(hidden_stalls({.in_process = true}, result).empty());
}

TEST(HiddenStalls, AMaximumBelow100MsIsNoStall) {
  RunResult result = good_run();
  result.timing(Timing::kResponseGet).record(99 * kMs);
  EXPECT_TRUE(hidden_stalls(closed_loop(), result).empty());
  result.timing(Timing::kResponseGet).record(100 * kMs);
  EXPECT_EQ(hidden_stalls(closed_loop(), result).size(), 1u);
}

TEST(HiddenStalls, ASlowServerIsNoStall) {
  RunResult result = good_run();
  result.timing(Timing::kResponseGet).record(20 * kMs, 100);
  result.timing(Timing::kResponseGet).record(300 * kMs);  // 15 times p99
  EXPECT_TRUE(hidden_stalls(closed_loop(), result).empty());
}

}  // namespace
}  // namespace cachegauge
