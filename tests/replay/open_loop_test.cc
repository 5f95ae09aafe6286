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
#include "harness/replay/cell.h"
#include "tests/support/delayed_adapter.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

InMemoryWorkload gets(uint64_t count) {
  std::vector<uint64_t> keys(count);
  for (uint64_t i = 0; i < count; ++i) keys[i] = i % 1000;
  return InMemoryWorkload::gets(keys);
}

class OpenLoopTest : public ::testing::Test {
 protected:
  OpenLoopTest() {
    plan.driver.virtual_time = true;
    plan.driver.timing = TimingMode::kAll;
    plan.fills = Fills::kNone;
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<DelayedAdapter>(delays);
    };
  }
  void open_loop(double rate, uint32_t clients, Arrivals arrivals = Arrivals::kPoisson) {
    plan.driver.open = {.arrivals = arrivals, .rate = rate};
    plan.driver.clients = clients;
  }
  void replay_trace(double speed, uint32_t clients) {
    plan.driver.open = {.arrivals = Arrivals::kTrace, .speed = speed};
    plan.driver.clients = clients;
  }
  RunResult run(const Workload& workload) {
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    return run_cell(plan, control, {});
  }
  std::vector<int64_t> starts() const {
    std::vector<int64_t> times;
    for (const Delays::Seen& seen : delays.seen) times.push_back(seen.at_ns);
    return times;
  }

  Delays delays;
  CellPlan plan;
  CellControl control;
};

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

// The schedule.

// Kolmogorov and Smirnov: the largest distance between the distribution of the values and
// Exp(mean), times the root of their number. Above 1.628 with a chance of 1 %.
double kolmogorov_smirnov(std::vector<double> values, double mean) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = 1 - std::exp(-values[i] / mean);
    distance = std::max({distance, expected - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - expected});
  }
  return distance * std::sqrt(n);
}

std::vector<double> gaps(const std::vector<int64_t>& times) {
  std::vector<double> gaps;
  for (size_t i = 1; i < times.size(); ++i) {
    gaps.push_back(static_cast<double>(times[i] - times[i - 1]));
  }
  return gaps;
}

TEST_F(OpenLoopTest, PoissonArrivalsAreExponentiallyApart) {
  for (double rate : {50.0, 20'000.0}) {
    for (uint64_t seed : {1, 42, 43}) {
      SCOPED_TRACE(testing::Message() << rate << "/s, seed " << seed);
      delays.seen.clear();
      open_loop(rate, 100);
      plan.driver.seed = seed;
      run(gets(20'000));
      const std::vector<double> apart = gaps(starts());
      ASSERT_EQ(apart.size(), 19'999u);
      EXPECT_LT(kolmogorov_smirnov(apart, 1e9 / rate), 1.628);
      EXPECT_GT(kolmogorov_smirnov(apart, 1.05e9 / rate), 1.628) << "of another rate they are not";
    }
  }
}

TEST_F(OpenLoopTest, ASeedIsASchedule) {
  open_loop(1000, 10);
  plan.driver.seed = 1;
  run(gets(100));
  const auto first = starts();
  delays.seen.clear();
  run(gets(100));
  EXPECT_EQ(starts(), first);
  delays.seen.clear();
  plan.driver.seed = 2;
  run(gets(100));
  EXPECT_NE(starts(), first);
}

TEST_F(OpenLoopTest, ConstantArrivalsAreEquallyApart) {
  open_loop(3000, 10, Arrivals::kConstant);
  const RunResult result = run(gets(9001));
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 9001u);
  // No error adds up: the last is where it belongs.
  for (size_t i = 0; i < times.size(); ++i) {
    ASSERT_EQ(times[i], std::llround(static_cast<double>(i) * 1e9 / 3000));
  }
  EXPECT_EQ(result.load.offered, 9001);
  EXPECT_EQ(result.load.schedule_span_ns, 3 * kSecond);
  EXPECT_EQ(result.load.sent_span_ns, 3 * kSecond);
}

// The schedule does not wait for a server that needs ten times as long.
TEST_F(OpenLoopTest, TheScheduleNeverWaits) {
  delays.delay_ns = [](int64_t) { return 10 * kMs; };
  open_loop(1000, 1, Arrivals::kConstant);
  const RunResult result = run(gets(400));
  EXPECT_EQ(result.timing(Timing::kScheduleLag).max(), 0);
  EXPECT_EQ(result.load.sent_span_ns, 399 * kMs);
  // Request i starts at i ms and is complete at 10 (i + 1) ms.
  EXPECT_EQ(result.timing(Timing::kResponseGet).min(), 10 * kMs);
  EXPECT_EQ(result.timing(Timing::kResponseGet).max(), (4000 - 399) * kMs);
  EXPECT_EQ(result.timing(Timing::kServiceGet).max(), 10 * kMs);
}

InMemoryWorkload trace(const std::vector<int64_t>& times_ms, int64_t ttl_ns = 0) {
  std::vector<Request> requests;
  requests.reserve(times_ms.size());
  for (int64_t time : times_ms) {
    requests.push_back(
        InMemoryWorkload::request(Op::kSet, requests.size(), 100, ttl_ns, time * kMs));
  }
  return InMemoryWorkload(std::move(requests));
}

TEST_F(OpenLoopTest, ATraceIsReplayedAtItsOwnTimes) {
  replay_trace(1, 10);
  const RunResult result = run(trace({5, 6, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 1 * kMs, 1 * kMs, 15 * kMs, 995 * kMs}))
      << "from its first request on";
  EXPECT_EQ(delays.seen[0].ttl_ns, 7 * kSecond);
  EXPECT_EQ(result.load.offered, 5);
  EXPECT_EQ(result.load.schedule_span_ns, 995 * kMs);
}

TEST_F(OpenLoopTest, TwiceTheSpeedIsHalfTheTimeAndHalfTheTtl) {
  replay_trace(2, 10);
  run(trace({0, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 3 * kMs, 10 * kMs, 500 * kMs}));
  for (const Delays::Seen& seen : delays.seen) EXPECT_EQ(seen.ttl_ns, 3500 * kMs);
  delays.seen.clear();
  replay_trace(0.5, 10);
  run(trace({0, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 12 * kMs, 40 * kMs, 2000 * kMs}));
  EXPECT_EQ(delays.seen[0].ttl_ns, 14 * kSecond);
}

TEST_F(OpenLoopTest, ATtlNeverShrinksToNone) {
  replay_trace(1e9, 10);
  run(trace({0, 1}, 5));
  EXPECT_EQ(delays.seen[0].ttl_ns, 1);
  delays.seen.clear();
  run(trace({0, 1}, 0));
  EXPECT_EQ(delays.seen[0].ttl_ns, 0) << "what does not expire still does not";
}

TEST_F(OpenLoopTest, TimesThatFallBackDoNotMakeArrivalsFall) {
  replay_trace(1, 10);
  run(trace({0, 5, 3, 4, 10}));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 5 * kMs, 5 * kMs, 5 * kMs, 10 * kMs}));
}

TEST_F(OpenLoopTest, TheMeasuredPhaseHasAScheduleOfItsOwn) {
  delays.delay_ns = [](int64_t) { return 250 * kMs; };  // so that the warm-up ends late
  open_loop(1000, 1000, Arrivals::kConstant);
  plan.driver.warmup_requests = 100;
  const RunResult result = run(gets(500));
  EXPECT_EQ(result.counters.gets, 400u);
  EXPECT_EQ(result.load.offered, 400);
  EXPECT_EQ(result.load.schedule_span_ns, 399 * kMs);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), 400u);
  EXPECT_EQ(result.timing(Timing::kScheduleLag).count(), 400u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).max(), 250 * kMs);
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 500u);
  EXPECT_EQ(times[99], 99 * kMs);
  const int64_t begin_ns = 99 * kMs + 250 * kMs;  // once the warm-up's last is answered
  for (int64_t i = 100; i < 500; ++i) {
    ASSERT_EQ(times[static_cast<size_t>(i)], begin_ns + (i - 100) * kMs);
  }
}

TEST_F(OpenLoopTest, ATraceIsReplayedOnAfterTheWarmup) {
  replay_trace(1, 10);
  plan.driver.warmup_requests = 2;
  run(trace({0, 10, 500, 507}));
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 4u);
  EXPECT_EQ(times[1], 10 * kMs);
  EXPECT_LT(times[2], 20 * kMs) << "the first of the phase is at its beginning";
  EXPECT_EQ(times[3] - times[2], 7 * kMs);
}

TEST_F(OpenLoopTest, APreloadIsOnNoSchedule) {
  open_loop(1000, 10, Arrivals::kConstant);
  plan.driver.preload = true;
  const RunResult result = run(gets(3000));
  EXPECT_EQ(result.counters.gets, 3000u);
  EXPECT_EQ(result.counters.sets, 0u);
  EXPECT_EQ(result.load.schedule_span_ns, 2999 * kMs);
  ASSERT_EQ(delays.seen.size(), 4000u) << "1,000 keys";
  EXPECT_LT(delays.seen[999].at_ns, kMs);
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
