// The open loop against arithmetic: servers whose delays are known, in virtual time, so that every
// figure has a right answer.
#include "harness/replay/open_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "adapters/origins/origins.h"
#include "harness/core/error.h"
#include "harness/core/metrics.h"
#include "harness/core/random.h"
#include "tests/replay/open_loop_fixture.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

void expect_within(double actual, double expected, double share) {
  EXPECT_NEAR(actual, expected, share * expected);
}

double mean(const Histogram& times) { return times.mean(); }

// Percentiles are those of the delays.

struct DelayKind {
  std::string name;
  std::function<int64_t(SplitMix64&)> draw;
};

class ExactTest : public OpenLoopTest, public ::testing::WithParamInterface<DelayKind> {
 protected:
  void draw_delays() {
    delays.delay_ns = [this](int64_t) { return drawn.emplace_back(GetParam().draw(random)); };
  }
  void expect_percentiles_of_the_delays(const Histogram& times) {
    ASSERT_EQ(times.count(), drawn.size());
    std::ranges::sort(drawn);
    for (double q : {0.5, 0.99, 0.999}) {
      SCOPED_TRACE(q);
      const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(drawn.size())));
      expect_within(static_cast<double>(times.percentile(q)), static_cast<double>(drawn[rank - 1]),
                    0.02);
    }
    expect_within(mean(times),
                  static_cast<double>(std::accumulate(drawn.begin(), drawn.end(), int64_t{0})) /
                      static_cast<double>(drawn.size()),
                  1e-6);
  }

  std::vector<int64_t> drawn;
  SplitMix64 random{7};
};

TEST_P(ExactTest, OpenLoop) {
  draw_delays();
  open_loop(5000, 500);
  const RunResult result = run(gets(50'000));
  EXPECT_EQ(result.counters.hits, 50'000u);
  EXPECT_EQ(result.timing(Timing::kConnectionWait).max(), 0) << "there are connections enough";
  expect_percentiles_of_the_delays(result.timing(Timing::kServiceGet));
  expect_percentiles_of_the_delays(result.timing(Timing::kResponseGet));
  expect_percentiles_of_the_delays(result.timing(Timing::kResponseGetHit));
}

TEST_P(ExactTest, ClosedLoop) {
  draw_delays();
  plan.driver.clients = 20;
  const RunResult result = run(gets(50'000));
  expect_percentiles_of_the_delays(result.timing(Timing::kServiceGet));
  expect_percentiles_of_the_delays(result.timing(Timing::kResponseGet));
  EXPECT_TRUE(result.timing(Timing::kScheduleLag).empty());
  EXPECT_TRUE(result.timing(Timing::kConnectionWait).empty());
}

INSTANTIATE_TEST_SUITE_P(
    Delays, ExactTest,
    ::testing::Values(DelayKind{"fixed", [](SplitMix64&) { return 300 * kUs; }},
                      DelayKind{
                          "bimodal",
                          [](SplitMix64& r) { return r.uniform() < 0.995 ? 100 * kUs : 20 * kMs; }},
                      DelayKind{"lognormal",
                                [](SplitMix64& r) {
                                  return static_cast<int64_t>(500 * kUs * std::exp(r.normal()));
                                }}),
    [](const auto& kind) { return kind.param.name; });

// Queues are those of theory.

// One connection and a constant delay are an M/D/1 queue (Pollaczek 1930, Khinchine 1932): the mean
// wait is rho D / (2 (1 - rho)).
TEST_F(OpenLoopTest, OneConnectionIsAnMd1Queue) {
  constexpr double kDelayNs = 1e6;
  delays.delay_ns = [](int64_t) { return kMs; };
  for (double rho : {0.5, 0.8}) {
    SCOPED_TRACE(rho);
    open_loop(rho * 1e9 / kDelayNs, 1);
    const RunResult result = run(gets(150'000));
    const double wait_ns = rho * kDelayNs / (2 * (1 - rho));
    expect_within(mean(result.timing(Timing::kConnectionWait)), wait_ns, 0.04);
    expect_within(mean(result.timing(Timing::kResponseGet)), kDelayNs + wait_ns, 0.03);
    EXPECT_EQ(result.timing(Timing::kServiceGet).min(), kMs);
    EXPECT_EQ(result.timing(Timing::kServiceGet).max(), kMs);
    EXPECT_EQ(result.timing(Timing::kScheduleLag).max(), 0) << "the wait is not the client's";
    EXPECT_GT(result.load.backlog_max, 3);
  }
}

// A pipeline of two is two places for a server that answers commands side by side.
TEST_F(OpenLoopTest, APipelineIsAsManyPlaces) {
  delays.delay_ns = [](int64_t) { return 10 * kMs; };
  open_loop(1000, 2, Arrivals::kConstant);
  plan.driver.pipeline = 5;
  const RunResult enough = run(gets(1000));
  EXPECT_EQ(enough.timing(Timing::kConnectionWait).max(), 0);
  plan.driver.pipeline = 4;  // 800 a second at most
  const RunResult short_of = run(gets(1000));
  EXPECT_GT(short_of.timing(Timing::kConnectionWait).max(), 200 * kMs);
}

TEST_F(OpenLoopTest, ConnectionsTakeTurns) {
  open_loop(1000, 7, Arrivals::kConstant);
  run(gets(700));
  std::map<uint32_t, int> commands;
  for (const Delays::Seen& seen : delays.seen) ++commands[seen.client];
  EXPECT_EQ(commands.size(), 7u);
  for (const auto& [client, count] : commands) EXPECT_EQ(count, 100) << client;
}

// A server that stalls.

// Answers after `usual_ns`, but for the fifth second, in which it answers nothing.
std::function<int64_t(int64_t)> stalls(int64_t usual_ns) {
  return [usual_ns](int64_t now_ns) {
    const int64_t done_ns = now_ns + usual_ns;
    const bool stalled = done_ns >= 4 * kSecond && done_ns < 5 * kSecond;
    return stalled ? 5 * kSecond + usual_ns - now_ns : usual_ns;
  };
}

// A tenth of all requests fall into the stall, and their times are spread evenly over [0, 1 s]: p99
// is their 90th percentile, and p95 their median.
TEST_F(OpenLoopTest, AStallOfTheServerIsSeenInFull) {
  delays.delay_ns = stalls(100 * kUs);
  open_loop(5000, 50);
  const RunResult result = run(gets(50'000));
  const Histogram& responses = result.timing(Timing::kResponseGet);
  EXPECT_EQ(responses.count(), 50'000u);
  EXPECT_GT(responses.percentile(0.99), 850 * kMs);
  EXPECT_LT(responses.percentile(0.99), 950 * kMs);
  EXPECT_GT(responses.percentile(0.95), 400 * kMs);
  EXPECT_LT(responses.percentile(0.95), 600 * kMs);
  EXPECT_LT(responses.percentile(0.85), kMs);
  EXPECT_NEAR(static_cast<double>(responses.max()), 1e9, 0.02e9);
  EXPECT_LT(result.timing(Timing::kServiceGet).percentile(0.95), kMs)
      << "fifty commands were under way, and no more";
  EXPECT_EQ(result.timing(Timing::kScheduleLag).count(), 50'000u);
  EXPECT_EQ(result.timing(Timing::kScheduleLag).max(), 0);
  EXPECT_NEAR(static_cast<double>(result.load.backlog_max), 5000, 300);
  EXPECT_NEAR(static_cast<double>(result.concurrency_max), 5000, 300);
}

TEST_F(OpenLoopTest, AClosedLoopShowsItInTheMaximumAlone) {
  delays.delay_ns = stalls(10 * kMs);
  plan.driver.clients = 50;
  const RunResult result = run(gets(50'000));
  const Histogram& responses = result.timing(Timing::kResponseGet);
  expect_within(static_cast<double>(responses.percentile(0.95)), 10e6, 0.01);
  expect_within(static_cast<double>(responses.percentile(0.99)), 10e6, 0.01);
  EXPECT_GT(responses.max(), 990 * kMs);
}

TEST_F(OpenLoopTest, ADurationEndsTheSchedule) {
  open_loop(1000, 10, Arrivals::kConstant);
  plan.driver.duration_ns = 100 * kMs;
  EXPECT_EQ(run(gets(1000)).counters.gets, 100u) << "those at 0, 1, … 99 ms";
  plan.driver.warmup_requests = 500;
  EXPECT_EQ(run(gets(1000)).counters.gets, 100u) << "the warm-up is not part of it";
  plan.driver.duration_ns = 10 * kSecond;
  EXPECT_EQ(run(gets(1000)).counters.gets, 500u) << "the workload ends first";
}

TEST_F(OpenLoopTest, WhatWasStartedIsFinished) {
  delays.delay_ns = [](int64_t) { return kSecond; };
  open_loop(1000, 1000, Arrivals::kConstant);
  plan.driver.duration_ns = 50 * kMs;
  const RunResult result = run(gets(1000));
  EXPECT_EQ(result.counters.hits, 50u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).min(), kSecond);
}

// A trial that is cut short is not judged: it would count against the server.
TEST_F(OpenLoopTest, StopEndsASearchWithoutAVerdict) {
  plan.driver.virtual_time = false;
  delays.delay_ns = [this](int64_t now_ns) {
    // The closed loop that comes first takes a second; then the first trial has begun.
    if (now_ns > delays.seen.front().at_ns + 1100 * kMs) control.stop = true;
    return kMs;
  };
  open_loop(1, 10);
  plan.driver.slo = parse_slo("p99=1s");
  const RunResult result = run(gets(1000));
  EXPECT_TRUE(result.interrupted);
  ASSERT_TRUE(result.capacity);
  EXPECT_EQ(result.capacity->slo, "p99=1s");
  EXPECT_FALSE(result.capacity->rate);
  EXPECT_EQ(result.capacity->limited_by, "");
  EXPECT_TRUE(result.capacity->trials.empty());
}

TEST_F(OpenLoopTest, StopEndsTheSchedule) {
  delays.delay_ns = [this](int64_t) {
    if (delays.seen.size() == 100) control.stop = true;
    return kMs;
  };
  open_loop(1000, 10, Arrivals::kConstant);
  const RunResult result = run(gets(10'000));
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.counters.gets, 100u);
}

// What goes wrong.

// The only connection is taken for 2 s. Who waits for it for 100 ms is given up, and has waited:
// that is its response time.
TEST_F(OpenLoopTest, WhoIsGivenUpInLineHasTheWaitForItsResponseTime) {
  delays.delay_ns = [](int64_t now_ns) { return now_ns == 0 ? 2 * kSecond : kMs; };
  open_loop(100, 1, Arrivals::kConstant);
  plan.driver.timeout_ns = 100 * kMs;
  const RunResult result = run(gets(300));
  // Those at 10 ms, 20 ms, … 1,890 ms; the next ones were served at 2 s.
  EXPECT_EQ(result.counters.gets, 300u);
  EXPECT_NEAR(static_cast<double>(result.counters.timeouts), 189, 1);
  EXPECT_EQ(result.counters.errors, result.counters.timeouts);
  EXPECT_EQ(result.counters.get_errors, result.counters.timeouts);
  EXPECT_EQ(result.counters.hits, 300 - result.counters.timeouts);
  EXPECT_EQ(result.timing(Timing::kServiceGet).count(), result.counters.hits)
      << "they were never sent";
  EXPECT_EQ(result.timing(Timing::kResponseGetHit).count(), result.counters.hits);
  const Histogram& all = result.timing(Timing::kResponseGet);
  EXPECT_EQ(all.count(), 300u);
  EXPECT_NEAR(static_cast<double>(all.percentile(0.5)), 100e6, 1e6);
  EXPECT_EQ(result.timing(Timing::kConnectionWait).count(), 300u);
  EXPECT_EQ(result.timing(Timing::kConnectionWait).max(), 100 * kMs);
  EXPECT_EQ(result.failure, "");
}

TEST_F(OpenLoopTest, AServerThatOnlyFailsIsGivenUp) {
  delays.outcome = [](const Command&) { return Outcome::kError; };
  open_loop(100, 10, Arrivals::kConstant);
  const RunResult result = run(gets(5000));
  EXPECT_NE(result.failure.find("every command failed"), std::string::npos) << result.failure;
  EXPECT_LT(result.counters.gets, 1500u);
  EXPECT_EQ(result.counters.errors, result.counters.gets);
}

class BadAfter final : public Workload {
 public:
  explicit BadAfter(uint64_t rows) : rows_(rows) {}
  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override { return std::make_unique<Source>(rows_); }

 private:
  class Source final : public RequestSource {
   public:
    explicit Source(uint64_t rows) : left_(rows) {}
    size_t read(std::span<Request> out) override {
      if (left_ == 0) throw Error::failed("a bad row");
      const size_t count = std::min<size_t>(out.size(), left_);
      std::fill_n(out.begin(), count, InMemoryWorkload::request(Op::kGet, 1));
      left_ -= count;
      return count;
    }

   private:
    uint64_t left_;
  };

  uint64_t rows_;
  Spec spec_ = Spec("bad");
  WorkloadTraits traits_;
};

TEST_F(OpenLoopTest, ABadRowEndsTheRunOnceWhatIsUnderWayIsFinished) {
  delays.delay_ns = [](int64_t) { return kSecond; };
  open_loop(1000, 1000, Arrivals::kConstant);
  const BadAfter workload(200);
  WorkloadSummary summary;
  summary.requests = 1000;
  plan.workload = &workload;
  plan.summary = &summary;
  EXPECT_THROW(run_cell(plan, control, {}), Error);
  EXPECT_EQ(delays.seen.size(), 200u);
}

TEST_F(OpenLoopTest, AMissAsksTheOriginAndFillsOnTheSameSchedule) {
  delays.outcome = [](const Command& command) {
    return command.kind == CommandKind::kGet ? Outcome::kMiss : Outcome::kStored;
  };
  delays.delay_ns = [](int64_t) { return kMs; };
  plan.make_origin = [] { return make_origin(Spec::parse("sleep:latency=50ms"), 42); };
  plan.fills = Fills::kOnMiss;
  open_loop(1000, 500, Arrivals::kConstant);
  const RunResult result = run(gets(2000));
  EXPECT_EQ(result.counters.misses, 2000u);
  EXPECT_EQ(result.counters.fills, 2000u);
  const Histogram& misses = result.timing(Timing::kResponseGetMiss);
  EXPECT_EQ(misses.min(), 52 * kMs);
  EXPECT_EQ(misses.max(), 52 * kMs);
  EXPECT_NEAR(static_cast<double>(result.counters.origin_peak_concurrency), 50, 1)
      << "50 ms at 1,000/s";
}

// In real time the same.

TEST_F(OpenLoopTest, ThreadsInRealTimeShareTheSchedule) {
  plan.driver.virtual_time = false;
  plan.driver.threads = 2;
  delays.delay_ns = [](int64_t) { return 2 * kMs; };
  open_loop(2000, 40, Arrivals::kConstant);
  const RunResult result = run(gets(400));
  EXPECT_EQ(result.counters.hits, 400u);
  EXPECT_EQ(result.load.offered, 400);
  EXPECT_NEAR(static_cast<double>(result.load.schedule_span_ns), 399 * 0.5e6, 2);
  EXPECT_EQ(result.timing(Timing::kScheduleLag).count(), 400u);
  EXPECT_GE(result.timing(Timing::kResponseGet).min(), 2 * kMs);
  EXPECT_GE(result.duration_ns, 199 * kMs);
  std::multiset<std::string> keys;
  for (const Delays::Seen& seen : delays.seen) keys.insert(seen.key);
  EXPECT_EQ(keys.size(), 400u);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 400u);
  const Metrics metrics = derive_metrics(result);
  expect_within(metrics.offered_rps.value(), 2000, 0.01);
}

}  // namespace
}  // namespace cachegauge
