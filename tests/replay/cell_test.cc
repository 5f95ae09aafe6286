#include "harness/replay/cell.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "adapters/origins/origins.h"
#include "harness/core/placement.h"
#include "harness/core/random.h"
#include "tests/replay/cell_fixture.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

TEST_F(CellTest, CacheAsideByHand) {
  use_origin("50ms");
  const RunResult result = run(InMemoryWorkload(nine_requests()));
  const Counters& c = result.counters;
  EXPECT_EQ(c.gets, 5u);
  EXPECT_EQ(c.hits, 2u);
  EXPECT_EQ(c.misses, 3u);
  EXPECT_EQ(c.fills, 3u);
  EXPECT_EQ(c.origin_calls, 3u);
  EXPECT_EQ(c.origin_peak_concurrency, 1u);
  EXPECT_EQ(c.sets, 1u);
  EXPECT_EQ(c.adds, 2u);
  EXPECT_EQ(c.deletes, 1u);
  EXPECT_EQ(c.not_stored, 1u);
  EXPECT_EQ(c.unique_keys, 3u);
  EXPECT_EQ(c.get_bytes, 500u);
  EXPECT_EQ(c.hit_bytes, 200u);
  EXPECT_EQ(c.corrupt + c.stale + c.unverifiable + c.errors + c.rejected, 0u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), 5u);
  EXPECT_EQ(result.timing(Timing::kResponseGetMiss).count(), 3u);
  EXPECT_GE(result.timing(Timing::kResponseGetMiss).min(), 50'000'000);
  EXPECT_LT(result.timing(Timing::kResponseGetMiss).max(), 60'000'000);
  EXPECT_LT(result.timing(Timing::kResponseGetHit).max(), 10'000'000);
  EXPECT_EQ(result.timing(Timing::kServiceOrigin).min(), 50'000'000);
  const std::vector<std::pair<CommandKind, std::string>> commands = {
      {CommandKind::kGet, "1"},    {CommandKind::kSet, "1"}, {CommandKind::kGet, "1"},
      {CommandKind::kGet, "2"},    {CommandKind::kSet, "2"}, {CommandKind::kSet, "1"},
      {CommandKind::kGet, "1"},    {CommandKind::kAdd, "2"}, {CommandKind::kAdd, "3"},
      {CommandKind::kDelete, "1"}, {CommandKind::kGet, "1"}, {CommandKind::kSet, "1"}};
  EXPECT_EQ(script.commands, commands);
}

TEST_F(CellTest, OnlyWritesCarryAValue) {
  script.bend = [](const Command& command, Outcome&, std::string&) {
    const bool writes = command.kind == CommandKind::kSet || command.kind == CommandKind::kAdd;
    EXPECT_EQ(command.value.empty(), !writes);
  };
  run(InMemoryWorkload(nine_requests()));
}

TEST_F(CellTest, FillsInTraceLeavesMissesAlone) {
  plan.fills = Fills::kInTrace;
  const RunResult result = run(InMemoryWorkload(nine_requests()));
  EXPECT_EQ(result.counters.fills, 0u);
  EXPECT_EQ(result.counters.misses, 4u);
  EXPECT_EQ(result.counters.hits, 1u);
  EXPECT_EQ(result.counters.origin_calls, 0u);
}

TEST_F(CellTest, WarmupIsCarriedOutAndNotCounted) {
  plan.driver.warmup_requests = 2;
  const RunResult result = run(InMemoryWorkload::gets({1, 2, 1, 3}));
  EXPECT_EQ(result.counters.gets, 2u);
  EXPECT_EQ(result.counters.hits, 1u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), 2u);
}

TEST_F(CellTest, PreloadSetsEveryKeyOnceAndMovesNoVirtualTime) {
  plan.driver.preload = true;
  const InMemoryWorkload workload({
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, 0),
      InMemoryWorkload::request(Op::kGet, 2, 100, 0, 3600 * kSecond),
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, 3600 * kSecond),
  });
  std::vector<int64_t> times;
  script.bend = [&](const Command& command, Outcome&, std::string&) {
    times.push_back(command.now_ns);
  };
  const RunResult result = run(workload);
  EXPECT_EQ(result.counters.hits, 3u);
  EXPECT_EQ(result.counters.sets, 0u);
  EXPECT_EQ(times, (std::vector<int64_t>{0, 0, 0, 3600 * kSecond, 3600 * kSecond}));
}

TEST_F(CellTest, VirtualNowIsTheLaterOfClockAndTraceTime) {
  use_origin("2s");
  const InMemoryWorkload workload({
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, kSecond),
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, 2 * kSecond),  // the clock is at 3 s by then
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, 10 * kSecond),
  });
  std::vector<int64_t> gets;
  script.bend = [&](const Command& command, Outcome&, std::string&) {
    if (command.kind == CommandKind::kGet) gets.push_back(command.now_ns);
  };
  run(workload);
  EXPECT_EQ(gets, (std::vector<int64_t>{kSecond, 3 * kSecond, 10 * kSecond}));
}

TEST_F(CellTest, ConcurrentClientsOverlapTheirOriginCalls) {
  use_origin("50ms");
  plan.driver.clients = 4;
  const RunResult result = run(InMemoryWorkload::gets({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(result.counters.origin_calls, 8u);
  EXPECT_EQ(result.counters.origin_peak_concurrency, 4u);
  EXPECT_EQ(result.timing(Timing::kServiceOrigin).max(), 50'000'000);
}

TEST_F(CellTest, WhatTheOriginFailedToAnswerIsNotFilled) {
  plan.make_origin = [] { return make_origin(Spec::parse("sleep:latency=50ms,errors=100%"), 42); };
  const RunResult result = run(InMemoryWorkload::gets({1, 1, 2}));
  const Counters& c = result.counters;
  EXPECT_EQ(c.misses, 3u) << "of the cache's answer nothing changes";
  EXPECT_EQ(c.fills, 0u);
  EXPECT_EQ(c.origin_calls, 3u);
  EXPECT_EQ(c.origin_errors, 3u);
  EXPECT_EQ(c.errors + c.get_errors, 0u) << "the cache did not fail";
  EXPECT_EQ(result.timing(Timing::kResponseGetMiss).count(), 3u);
  EXPECT_GE(result.timing(Timing::kResponseGetMiss).min(), 50'000'000);
  EXPECT_EQ(result.timing(Timing::kServiceOrigin).count(), 3u);
}

TEST_F(CellTest, ClientsQueueForTheOriginsCapacity) {
  plan.make_origin = [] { return make_origin(Spec::parse("sleep:latency=50ms,capacity=2"), 42); };
  plan.driver.clients = 4;
  const RunResult result = run(InMemoryWorkload::gets({1, 2, 3, 4}));
  EXPECT_EQ(result.counters.origin_peak_concurrency, 4u);
  EXPECT_EQ(result.timing(Timing::kServiceOrigin).min(), 50'000'000);
  EXPECT_EQ(result.timing(Timing::kServiceOrigin).max(), 100'000'000);
}

TEST_F(CellTest, CorruptStaleAndUnverifiableValuesAreSeen) {
  std::string first_version;
  int gets = 0;
  script.bend = [&](const Command& command, Outcome&, std::string& value) {
    if (command.kind == CommandKind::kSet && first_version.empty()) first_version = command.value;
    if (command.kind != CommandKind::kGet) return;
    ++gets;
    if (gets == 1) value[40] ^= 1;         // corrupt
    if (gets == 2) value = first_version;  // what the second set has replaced
    if (gets == 3) value.resize(10);       // unverifiable
  };
  std::vector<Request> requests = {InMemoryWorkload::request(Op::kSet, 1),
                                   InMemoryWorkload::request(Op::kSet, 1)};
  for (int i = 0; i < 4; ++i) requests.push_back(InMemoryWorkload::request(Op::kGet, 1));
  const RunResult result = run(InMemoryWorkload(requests));
  EXPECT_EQ(result.counters.hits, 4u);
  EXPECT_EQ(result.counters.corrupt, 1u);
  EXPECT_EQ(result.counters.stale, 1u);
  EXPECT_EQ(result.counters.unverifiable, 1u);
}

TEST_F(CellTest, FailuresAndRejectionsAreCountedAndAddUp) {
  int gets = 0;
  script.bend = [&](const Command& command, Outcome& outcome, std::string& value) {
    if (command.kind != CommandKind::kGet) return;
    value.clear();
    constexpr Outcome kOutcomes[] = {Outcome::kError, Outcome::kTimeout, Outcome::kRejected};
    outcome = kOutcomes[gets++];
  };
  const RunResult result = run(InMemoryWorkload::gets({1, 2, 3}));
  EXPECT_EQ(result.counters.gets, 3u);
  EXPECT_EQ(result.counters.misses, 1u) << "a rejected get is a miss";
  EXPECT_EQ(result.counters.get_errors, 2u);
  EXPECT_EQ(result.counters.errors, 2u);
  EXPECT_EQ(result.counters.timeouts, 1u);
  EXPECT_EQ(result.counters.rejected, 1u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), 3u);
}

TEST_F(CellTest, OneFailureAfterALongQuietTimeIsNoEndOfTheCell) {
  int sets = 0;
  script.bend = [&](const Command&, Outcome& outcome, std::string&) {
    if (++sets == 2) outcome = Outcome::kError;
  };
  const RunResult result = run(InMemoryWorkload({
      InMemoryWorkload::request(Op::kSet, 1, 100, 0, 0),
      InMemoryWorkload::request(Op::kSet, 2, 100, 0, 3600 * kSecond),
      InMemoryWorkload::request(Op::kSet, 3, 100, 0, 7200 * kSecond),
  }));
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.counters.sets, 3u);
  EXPECT_EQ(result.counters.errors, 1u);
}

TEST_F(CellTest, KeysOnASharedServerCarryAPrefixAndAreRemoved) {
  script.shares_keyspace = true;
  script.stored["others"] = "precious";
  plan.key_prefix = "cg:7:";
  std::vector<std::string> order;
  hooks.before_first_key = [&] {
    EXPECT_TRUE(script.commands.empty());
    order.push_back("before");
  };
  hooks.after_cleanup = [&] {
    EXPECT_EQ(script.stored.size(), 1u);
    order.push_back("after");
  };
  run(InMemoryWorkload::gets({1, 2, 1}));
  EXPECT_EQ(order, (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(script.stored.count("others"), 1u);
  for (const auto& [kind, key] : script.commands) EXPECT_TRUE(key.starts_with("cg:7:")) << key;
}

TEST_F(CellTest, ThreadsInRealTimeCarryOutEveryRequestOnce) {
  plan.driver.virtual_time = false;
  plan.driver.clients = 4;
  plan.driver.threads = 2;
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 10'000; ++i) keys.push_back(i % 1000);
  const RunResult result = run(InMemoryWorkload::gets(keys));
  EXPECT_EQ(result.counters.gets, 10'000u);
  EXPECT_EQ(result.counters.misses, 1000u) << "a key stays on one thread, so none is filled twice";
  EXPECT_EQ(result.counters.unique_keys, 1000u);
  EXPECT_EQ(result.counters.corrupt + result.counters.stale, 0u);
}

// Gives the CPUs back that a cell took from this process.
class CpusKept {
 public:
  ~CpusKept() { pin_this_thread(before); }
  const std::vector<int> before = allowed_cpus();
};

TEST_F(CellTest, ThreadsRunOnTheirCpusInTurn) {
  const CpusKept cpus;
  EXPECT_EQ(run(InMemoryWorkload::gets({1})).client_cpus, cpus.before) << "not pinned";
  const int first = cpus.before.front(), last = cpus.before.back();
  std::map<std::thread::id, std::vector<int>> seen;
  script.bend = [&](const Command&, Outcome&, std::string&) {
    seen[std::this_thread::get_id()] = allowed_cpus();
  };
  plan.driver.virtual_time = false;
  plan.driver.clients = plan.driver.threads = 3;
  plan.driver.client_cpus = {last};
  if (first != last) plan.driver.client_cpus.push_back(first);
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 100; ++i) keys.push_back(i);
  const RunResult result = run(InMemoryWorkload::gets(keys));
  std::vector<int> used;
  for (const auto& [thread, on] : seen) {
    ASSERT_EQ(on.size(), 1u);
    used.push_back(on[0]);
  }
  std::ranges::sort(used);
  EXPECT_EQ(used, (std::vector<int>{first, last, last})) << "the third is on the first CPU given";
  used.erase(std::unique(used.begin(), used.end()), used.end());
  EXPECT_EQ(result.client_cpus, used);
}

TEST_F(CellTest, OneThreadRunsOnTheFirstOfItsCpus) {
  const CpusKept cpus;
  plan.driver.client_cpus = {cpus.before.rbegin(), cpus.before.rend()};
  EXPECT_EQ(run(InMemoryWorkload::gets({1})).client_cpus, std::vector<int>{cpus.before.back()});
}

// A cache sees the keys of all threads in about the order of the workload, however fast each is.
TEST_F(CellTest, ThreadsOfAClosedLoopKeepTogether) {
  plan.driver.virtual_time = false;
  plan.driver.clients = 2;
  plan.driver.threads = 2;
  std::vector<uint64_t> keys(200'000);
  for (uint64_t i = 0; i < keys.size(); ++i) keys[i] = i;
  uint64_t furthest = 0, most_behind = 0;
  script.bend = [&](const Command& command, Outcome&, std::string&) {
    if (command.kind != CommandKind::kGet) return;
    const uint64_t key = std::stoull(std::string(command.key));
    furthest = std::max(furthest, key);
    most_behind = std::max(most_behind, furthest - key);
    if (key % 3 == 0) {  // one of them is slow
      for (int spin = 0; spin < 100; ++spin) asm volatile("" ::"r"(spin));
    }
  };
  EXPECT_EQ(run(InMemoryWorkload::gets(keys)).counters.gets, keys.size());
  EXPECT_LT(most_behind, CellControl::kMostAhead + 1000);
}

TEST_F(CellTest, StopEndsTheRunAndKeepsWhatWasMeasured) {
  uint64_t commands = 0;
  script.bend = [&](const Command&, Outcome&, std::string&) {
    if (++commands == 100) control.stop = true;
  };
  std::vector<uint64_t> keys(10'000, 5);
  const RunResult result = run(InMemoryWorkload::gets(keys));
  EXPECT_TRUE(result.interrupted);
  // The first of them was filled; what was decoded already may still be carried out.
  EXPECT_GE(result.counters.gets, 99u);
  EXPECT_LE(result.counters.gets, 99u + 64);
}

}  // namespace
}  // namespace cachegauge
