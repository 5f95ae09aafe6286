// The sleep origin against arithmetic, in virtual time where a test is not about threads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/event_loop.h"
#include "harness/core/random.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/core/expect_error.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

struct Answer {
  Outcome outcome = Outcome::kTimeout;
  int64_t started_ns = 0;
  int64_t completed_ns = 0;

  int64_t service_ns() const { return completed_ns - started_ns; }
  bool operator==(const Answer&) const = default;
};

// A session on a scheduler, and the calls that are to be made on it at their times.
class Caller final : public Wakeup {
 public:
  Caller(Origin& origin, Scheduler& scheduler, uint32_t client)
      : scheduler_(scheduler),
        client_(client),
        session_(origin.open({.scheduler = scheduler, .client = client, .ready = this})) {}

  // In order of time. The answer goes where `answer` points.
  void call_at(int64_t time_ns, Answer* answer, std::string_view key = {}) {
    calls_.push_back(answer);
    keys_.push_back(key);
    ++scheduler_.tasks;
    scheduler_.wake_at(time_ns, client_, &arrival_);
  }

  void wake() override {
    std::array<Completion, 3> completions;  // fewer than there may be
    while (const size_t count = session_->poll(completions)) {
      for (size_t i = 0; i < count; ++i) {
        const Completion& c = completions[i];
        *reinterpret_cast<Answer*>(c.tag) = {c.outcome, c.started_ns, c.completed_ns};
        --scheduler_.tasks;
      }
    }
  }

 private:
  struct Arrival final : Wakeup {
    explicit Arrival(Caller& c) : caller(c) {}
    void wake() override { caller.submit_next(); }
    Caller& caller;
  };

  void submit_next() {
    Command command;
    command.key = keys_[next_];
    command.tag = reinterpret_cast<uint64_t>(calls_[next_++]);
    session_->submit({&command, 1});
  }

  Scheduler& scheduler_;
  uint32_t client_;
  std::unique_ptr<Session> session_;
  Arrival arrival_{*this};
  std::vector<Answer*> calls_;
  std::vector<std::string_view> keys_;
  size_t next_ = 0;
};

std::unique_ptr<Origin> origin_of(const std::string& spec, uint64_t seed = 42) {
  return make_origin(parse_origin_spec(spec), seed);
}

// The calls go to the clients in turn.
std::vector<Answer> answers_to(const std::string& spec, const std::vector<int64_t>& arrivals_ns,
                               uint64_t seed = 42, uint32_t clients = 1) {
  const auto origin = origin_of(spec, seed);
  VirtualScheduler scheduler;
  std::vector<std::unique_ptr<Caller>> callers;
  for (uint32_t i = 0; i < clients; ++i) {
    callers.push_back(std::make_unique<Caller>(*origin, scheduler, i));
  }
  std::vector<Answer> answers(arrivals_ns.size());
  for (size_t i = 0; i < arrivals_ns.size(); ++i) {
    callers[i % clients]->call_at(arrivals_ns[i], &answers[i]);
  }
  scheduler.run();
  return answers;
}

std::vector<int64_t> completions_of(const std::vector<Answer>& answers) {
  std::vector<int64_t> times;
  times.reserve(answers.size());
  for (const Answer& answer : answers) times.push_back(answer.completed_ns);
  return times;
}

// Mean and Kolmogorov-Smirnov distance of many service times.
struct Sample {
  double mean_ns = 0;
  double distance = 0;
};

constexpr size_t kDraws = 50'000;

Sample sample_of(const std::string& spec, const std::function<double(double)>& cumulative) {
  std::vector<double> times;
  for (const Answer& answer : answers_to(spec, std::vector<int64_t>(kDraws))) {
    times.push_back(static_cast<double>(answer.service_ns()));
  }
  std::ranges::sort(times);
  Sample sample;
  for (size_t i = 0; i < kDraws; ++i) {
    const double expected = cumulative(times[i]) * kDraws;
    sample.mean_ns += times[i] / kDraws;
    sample.distance = std::max({sample.distance, std::abs(expected - static_cast<double>(i)),
                                std::abs(expected - static_cast<double>(i + 1))});
  }
  sample.distance /= kDraws;
  return sample;
}

// Of the right distribution, one seed in a thousand is further off.
const double kKsBound = 1.95 / std::sqrt(static_cast<double>(kDraws));

void expect_mean(const Sample& sample, double mean_ns, double deviation_ns) {
  EXPECT_NEAR(sample.mean_ns, mean_ns, 4 * deviation_ns / std::sqrt(static_cast<double>(kDraws)));
}

TEST(SleepOrigin, ConstantIsTheLatencyForEveryCall) {
  for (const char* spec : {"50ms", "sleep:latency=50ms", "sleep:latency=50ms,jitter=constant"}) {
    for (const Answer& answer : answers_to(spec, {0, 0, 7})) {
      EXPECT_EQ(answer.service_ns(), 50 * kMs);
      EXPECT_EQ(answer.outcome, Outcome::kHit);
    }
  }
}

TEST(SleepOrigin, AClassOfKeysHasALatencyOfItsOwn) {
  const auto origin =
      make_origin(Spec::parse("sleep:latency=10ms,latency.session=30ms,latency.event=5ms"), 42);
  VirtualScheduler scheduler;
  Caller caller(*origin, scheduler, 0);
  std::array<Answer, 5> answers;
  const char* const keys[] = {"session:1", "product:1", "event:7", "session", "sessions:1"};
  for (size_t i = 0; i < answers.size(); ++i) caller.call_at(0, &answers[i], keys[i]);
  scheduler.run();
  const int64_t expected_ms[] = {30, 10, 5, 10, 10};
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].service_ns(), expected_ms[i] * kMs) << keys[i];
  }
  EXPECT_ERROR(kUsage,
               "sleep:errors.session: only latency has parts: latency.CLASS= is of keys that begin "
               "with \"CLASS:\"",
               make_origin(Spec::parse("sleep:latency=1ms,errors.session=1%"), 42));
}

TEST(SleepOrigin, UniformIsDistributedSo) {
  for (const double spread : {0.5, 0.2, 1.0}) {
    std::string text = "sleep:latency=50ms,jitter=uniform";
    if (spread != 0.5) text += fmt::format(",spread={}", spread);
    const double low = 50e6 * (1 - spread), width = 100e6 * spread;
    const Sample sample = sample_of(text, [&](double x) { return (x - low) / width; });
    EXPECT_LT(sample.distance, kKsBound) << text;
    expect_mean(sample, 50e6, width / std::sqrt(12.0));
  }
}

TEST(SleepOrigin, ExponentialIsDistributedSo) {
  const Sample sample = sample_of("sleep:latency=50ms,jitter=exponential",
                                  [](double x) { return 1 - std::exp(-x / 50e6); });
  EXPECT_LT(sample.distance, kKsBound);
  expect_mean(sample, 50e6, 50e6);
}

TEST(SleepOrigin, LognormalIsDistributedSoAndKeepsTheMean) {
  for (const double sigma : {0.5, 1.0}) {
    std::string text = "sleep:latency=50ms,jitter=lognormal";
    if (sigma != 0.5) text += fmt::format(",sigma={}", sigma);
    const double mu = std::log(50e6) - sigma * sigma / 2;
    const Sample sample = sample_of(text, [&](double x) {
      return std::erfc((mu - std::log(x)) / (sigma * std::numbers::sqrt2)) / 2;
    });
    EXPECT_LT(sample.distance, kKsBound) << text;
    expect_mean(sample, 50e6, 50e6 * std::sqrt(std::exp(sigma * sigma) - 1));
  }
}

TEST(SleepOrigin, AQueueOfConstantTimesByHand) {
  // Two servers: calls 0 and 1 start at once, 2 and 3 when these end, 4 after those; 5 finds one
  // free.
  const auto answers = answers_to("sleep:latency=10ms,capacity=2", {0, 0, 0, kMs, kMs, 29 * kMs});
  EXPECT_EQ(completions_of(answers),
            (std::vector<int64_t>{10 * kMs, 10 * kMs, 20 * kMs, 20 * kMs, 30 * kMs, 39 * kMs}));
  EXPECT_EQ(answers[4].started_ns, kMs) << "the wait is part of the service time";
}

TEST(SleepOrigin, AllClientsWaitInOneQueue) {
  const auto answers = answers_to("sleep:latency=10ms,capacity=1", {0, 1, 2, 3}, 42, 3);
  EXPECT_EQ(completions_of(answers),
            (std::vector<int64_t>{10 * kMs, 20 * kMs, 30 * kMs, 40 * kMs}));
}

TEST(SleepOrigin, CallsCompleteInTheOrderOfTheirEnds) {
  const auto answers =
      answers_to("sleep:latency=50ms,jitter=exponential", std::vector<int64_t>(1000), 42, 7);
  std::vector<int64_t> completions = completions_of(answers);
  EXPECT_FALSE(std::ranges::is_sorted(completions));
  std::ranges::sort(completions);
  EXPECT_EQ(std::ranges::adjacent_find(completions), completions.end()) << "each has its own end";
}

// Erlang, "Løsning af nogle Problemer fra Sandsynlighedsregningen", 1917: the mean wait of M/M/c.
double erlang_wait(double arrivals_per_service, int servers) {
  double term = 1, sum = 0;
  for (int k = 0; k < servers; ++k) {
    sum += term;
    term *= arrivals_per_service / (k + 1);
  }
  const double load = arrivals_per_service / servers;
  const double waiting = term / (1 - load);
  return waiting / (sum + waiting) / (servers - arrivals_per_service);
}

TEST(SleepOrigin, PoissonArrivalsWaitAsErlangSays) {
  constexpr double kServiceNs = 1e6;
  constexpr size_t kCalls = 150'000;
  for (const auto& [servers, load] : {std::pair(1, 0.5), std::pair(3, 0.7), std::pair(8, 0.8)}) {
    SCOPED_TRACE(servers);
    const double offered = servers * load;
    SplitMix64 random(7);
    std::vector<int64_t> arrivals;
    double time_ns = 0;
    for (size_t i = 0; i < kCalls; ++i) {
      time_ns += random.exponential(kServiceNs / offered);
      arrivals.push_back(static_cast<int64_t>(time_ns));
    }
    double wait = -1;  // in service times
    const auto spec = fmt::format("sleep:latency=1ms,jitter=exponential,capacity={}", servers);
    for (const Answer& answer : answers_to(spec, arrivals, 42, 5)) {
      wait += static_cast<double>(answer.service_ns()) / kServiceNs / kCalls;
    }
    const double expected = erlang_wait(offered, servers);
    EXPECT_NEAR(wait, expected, 0.04 * expected);
  }
}

TEST(SleepOrigin, AShareOfTheCallsFailsAfterItsTime) {
  const std::vector<int64_t> arrivals(kDraws);
  const auto answers = answers_to("sleep:latency=5ms,jitter=lognormal,errors=10%", arrivals);
  const auto sound = answers_to("sleep:latency=5ms,jitter=lognormal", arrivals);
  const auto failed = std::ranges::count(answers, Outcome::kError, &Answer::outcome);
  EXPECT_NEAR(static_cast<double>(failed), 0.1 * kDraws, 4 * std::sqrt(0.09 * kDraws));
  EXPECT_EQ(completions_of(answers), completions_of(sound));
  for (const Answer& answer : answers_to("sleep:latency=5ms,errors=100%", {0, 1})) {
    EXPECT_EQ(answer.outcome, Outcome::kError);
    EXPECT_EQ(answer.service_ns(), 5 * kMs);
  }
}

TEST(SleepOrigin, TheSameSeedGivesTheSameAnswersAndAnotherOnesOthers) {
  const std::string spec = "sleep:latency=5ms,jitter=lognormal,capacity=3,errors=5%";
  const std::vector<int64_t> arrivals(1000);
  const auto answers = answers_to(spec, arrivals, 42, 4);
  EXPECT_EQ(answers, answers_to(spec, arrivals, 42, 4));
  EXPECT_NE(answers, answers_to(spec, arrivals, 43, 4));
}

TEST(SleepOrigin, TimesBeyondTheClockEndAtItsEnd) {
  const auto answers =
      answers_to("sleep:latency=2500h,jitter=exponential,capacity=1", std::vector<int64_t>(1000));
  EXPECT_TRUE(std::ranges::is_sorted(answers, {}, &Answer::completed_ns));
  EXPECT_GT(answers.front().completed_ns, 0);
  EXPECT_EQ(answers[998].completed_ns, answers[999].completed_ns);
}

// One server for two threads: together they take as long as all their calls in a row.
TEST(SleepOrigin, ThreadsShareTheCapacityInRealTime) {
  constexpr int kCallsEach = 25;
  constexpr int64_t kLatencyNs = 200'000;
  const auto origin = origin_of("sleep:latency=200us,capacity=1");
  struct Part {
    EventLoop loop;
    std::unique_ptr<Caller> caller;
    std::vector<Answer> answers = std::vector<Answer>(kCallsEach);
  };
  std::array<Part, 2> parts;
  const int64_t begin_ns = monotonic_ns();
  for (uint32_t i = 0; i < parts.size(); ++i) {
    parts[i].caller = std::make_unique<Caller>(*origin, parts[i].loop, i);
    for (Answer& answer : parts[i].answers) parts[i].caller->call_at(begin_ns, &answer);
  }
  std::vector<std::thread> threads;
  threads.reserve(parts.size());
  for (Part& part : parts) threads.emplace_back([&part] { part.loop.run(); });
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> completions;
  for (const Part& part : parts) {
    for (const Answer& answer : part.answers) completions.push_back(answer.completed_ns);
  }
  std::ranges::sort(completions);
  for (size_t i = 0; i < completions.size(); ++i) {
    EXPECT_GE(completions[i] - begin_ns, static_cast<int64_t>(i + 1) * kLatencyNs) << i;
  }
}

TEST(SleepOrigin, SaysWhatIsWrongWithItsParameters) {
  EXPECT_ERROR(kUsage, "the origin \"sleep\" needs a latency, such as sleep:latency=50ms",
               origin_of("sleep"));
  EXPECT_ERROR(kUsage,
               "unknown value of sleep:jitter \"lognorml\"; did you mean lognormal? Valid: "
               "constant, uniform, exponential, lognormal",
               origin_of("sleep:latency=1ms,jitter=lognorml"));
  EXPECT_ERROR(kUsage,
               "sleep:capacity: expected a count from 1, got \"0\"; without it there is no limit",
               origin_of("sleep:latency=1ms,capacity=0"));
  EXPECT_ERROR(kUsage, "sleep:errors: expected a share from 0% to 100%, such as 10%, got \"120%\"",
               origin_of("sleep:latency=1ms,errors=120%"));
  EXPECT_ERROR(kUsage, "sleep:spread= is the width of jitter=uniform: give that too",
               origin_of("sleep:latency=1ms,spread=10%"));
  EXPECT_ERROR(kUsage, "sleep:sigma= is the shape of jitter=lognormal: give that too",
               origin_of("sleep:latency=1ms,jitter=exponential,sigma=1"));
  EXPECT_ERROR(kUsage, "sleep:sigma: expected a number from 0 to 5, got \"6\"",
               origin_of("sleep:latency=1ms,jitter=lognormal,sigma=6"));
  EXPECT_THROW(origin_of("sleep:latency=1ms,jiter=uniform"), Error);
}

}  // namespace
}  // namespace cachegauge
