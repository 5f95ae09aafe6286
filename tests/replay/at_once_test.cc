// The short way through a client (at_once.h) comes to the same as the long one, which every request
// takes that is timed.
#include "harness/replay/at_once.h"

#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "harness/replay/cell.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"

namespace cachegauge {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Every operation, over few keys, so that they meet each other's values.
std::vector<Request> mixed_requests(uint64_t count) {
  constexpr Op kOps[] = {Op::kGet, Op::kGet, Op::kGet, Op::kSet, Op::kAdd, Op::kDelete};
  SplitMix64 random(11);
  std::vector<Request> requests;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t key = random.below(50);
    requests.push_back(InMemoryWorkload::request(kOps[random.below(6)], key, 10 + key));
  }
  return requests;
}

class AtOnceTest : public ::testing::Test {
 protected:
  AtOnceTest() {
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
    plan.driver.virtual_time = true;
  }
  RunResult run(std::vector<Request> requests, TimingMode timing) {
    script.stored.clear();
    script.commands.clear();
    const InMemoryWorkload workload(std::move(requests));
    const WorkloadSummary summary = summarize_workload(workload, {});
    plan.workload = &workload;
    plan.summary = &summary;
    plan.driver.timing = timing;
    return run_cell(plan, control, {});
  }
  // Of the commands one in `one_in` is answered with something else.
  void bend_some(uint64_t one_in) {
    script.bend = [this, one_in](const Command& command, Outcome& outcome, std::string& value) {
      const uint64_t draw = mix64(script.commands.size());
      if (draw % one_in != 0) return;
      const bool get = command.kind == CommandKind::kGet;
      const Outcome others[] = {Outcome::kError, Outcome::kTimeout, Outcome::kRejected,
                                get ? Outcome::kHit : Outcome::kNotStored};
      outcome = others[draw / one_in % 4];
      if (outcome == Outcome::kHit) value.assign(40, 'x');
    };
  }
  void expect_alike(const RunResult& left, const RunResult& right) {
    for (const CounterField& field : counter_fields()) {
      EXPECT_EQ(left.counters.*field.field, right.counters.*field.field) << field.name;
    }
  }

  Script script;
  CellPlan plan;
  CellControl control;
};

TEST_F(AtOnceTest, SendsAndCountsWhatTheLongWayDoes) {
  for (const Fills fills : {Fills::kOnMiss, Fills::kNone}) {
    plan.fills = fills;
    const RunResult by_long = run(mixed_requests(20'000), TimingMode::kAll);
    const auto commands = script.commands;
    const RunResult by_short = run(mixed_requests(20'000), TimingMode::kOff);
    EXPECT_EQ(script.commands, commands);
    expect_alike(by_short, by_long);
    EXPECT_GT(by_long.counters.not_stored, 0u) << "adds of keys that are there";
    EXPECT_EQ(by_long.counters.stale + by_long.counters.corrupt, 0u);
  }
}

TEST_F(AtOnceTest, WhatFailsOrIsRefusedIsCountedTheSame) {
  bend_some(5);
  const RunResult by_long = run(mixed_requests(20'000), TimingMode::kAll);
  const auto commands = script.commands;
  const RunResult by_short = run(mixed_requests(20'000), TimingMode::kOff);
  EXPECT_EQ(script.commands, commands);
  expect_alike(by_short, by_long);
  for (uint64_t Counters::*seen : {&Counters::errors, &Counters::timeouts, &Counters::rejected,
                                   &Counters::corrupt, &Counters::get_errors}) {
    EXPECT_GT(by_long.counters.*seen, 0u);
  }
}

// In virtual time every answered request has a response time, by what became of it.
TEST_F(AtOnceTest, ResponseTimesAreAsManyAsResults) {
  bend_some(7);
  const RunResult by_long = run(mixed_requests(20'000), TimingMode::kAll);
  const RunResult by_short = run(mixed_requests(20'000), TimingMode::kSampled);
  for (Timing timing : {Timing::kResponseGet, Timing::kResponseGetHit, Timing::kResponseGetMiss,
                        Timing::kResponseSet, Timing::kResponseAdd, Timing::kResponseDelete}) {
    EXPECT_EQ(by_short.timing(timing).count(), by_long.timing(timing).count())
        << timing_name(timing);
    EXPECT_GT(by_long.timing(timing).count(), 0u) << timing_name(timing);
  }
}

// A value below the floor of versions, found although a newer one was acknowledged.
TEST_F(AtOnceTest, StaleValuesAreSeen) {
  std::string first;
  script.bend = [&](const Command& command, Outcome& outcome, std::string& value) {
    if (command.kind == CommandKind::kSet && first.empty()) first = command.value;
    if (command.kind == CommandKind::kGet && outcome == Outcome::kHit) value = first;
  };
  std::vector<Request> requests{InMemoryWorkload::request(Op::kSet, 1),
                                InMemoryWorkload::request(Op::kSet, 1)};
  for (int i = 0; i < 600; ++i) requests.push_back(InMemoryWorkload::request(Op::kGet, 1));
  EXPECT_EQ(run(requests, TimingMode::kOff).counters.stale, 600u);
}

// Between two failures hours apart everything went well.
TEST_F(AtOnceTest, FailuresFarApartDoNotEndTheCell) {
  script.bend = [this](const Command&, Outcome& outcome, std::string&) {
    if (script.commands.size() % 500 == 499) outcome = Outcome::kError;
  };
  std::vector<Request> requests;
  for (int64_t i = 0; i < 2000; ++i) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 100, 0, i * kSecond));
  }
  const RunResult result = run(requests, TimingMode::kOff);
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.counters.gets, 2000u);
  EXPECT_EQ(result.counters.errors, 4u);
}

}  // namespace
}  // namespace cachegauge
