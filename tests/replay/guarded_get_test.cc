// Guards on a whole trace, in virtual time, on the model of a cache: exact counts by hand, and what
// holds of any trace.
#include "harness/replay/guarded_get.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "adapters/origins/origins.h"
#include "harness/core/random.h"
#include "harness/replay/cell.h"
#include "harness/stampede/model_cache.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

class GuardedGetTest : public ::testing::Test {
 protected:
  GuardedGetTest() {
    plan.driver.virtual_time = true;
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [](const AdapterSettings&) {
      const Capabilities all = {.commands = kBasicCommands |
                                            command_bit(CommandKind::kCompareAndDelete) |
                                            command_bit(CommandKind::kLease)};
      return make_model_cache(Spec("model"), all, 0, 42);
    };
    plan.make_lock_server = make_lock_model;
    use_origin("sleep:latency=50ms");
  }
  void use_origin(const std::string& origin) {
    plan.make_origin = [origin] { return make_origin(parse_origin_spec(origin), 42); };
  }
  static std::unique_ptr<Adapter> make_lock_model() {
    const Capabilities owned = {.commands =
                                    kBasicCommands | command_bit(CommandKind::kCompareAndDelete)};
    return make_model_cache(Spec("redis"), owned, 0, 42);
  }
  RunResult run(const std::string& guard, std::vector<Request> requests, uint32_t clients = 1) {
    const InMemoryWorkload workload(std::move(requests));
    const WorkloadSummary summary = summarize_workload(workload, plan.rules);
    plan.workload = &workload;
    plan.summary = &summary;
    plan.guard = guard == "none" ? std::vector<Spec>() : parse_guard(guard);
    plan.driver.clients = clients;
    return run_cell(plan, control, {});
  }

  CellPlan plan;
  CellControl control;
};

Request get_at(int64_t time_ns, uint64_t key = 1, int64_t ttl_ns = kSecond) {
  return InMemoryWorkload::request(Op::kGet, key, 100, ttl_ns, time_ns);
}

// Four clients miss one key at the same moment.
std::vector<Request> four_at_once() { return {get_at(0), get_at(0), get_at(0), get_at(0)}; }

TEST_F(GuardedGetTest, WithoutAGuardEachMissLoads) {
  const RunResult result = run("none", four_at_once(), 4);
  EXPECT_EQ(result.counters.origin_calls, 4u);
  EXPECT_FALSE(result.guard.has_value());
}

TEST_F(GuardedGetTest, ASingleFlightLoadsOnceForAll) {
  const RunResult result = run("singleflight", four_at_once(), 4);
  const Counters& c = result.counters;
  EXPECT_EQ(c.gets, 4u);
  EXPECT_EQ(c.hits, 0u);
  EXPECT_EQ(c.misses, 4u);
  EXPECT_EQ(c.fills, 1u);
  EXPECT_EQ(c.origin_calls, 1u);
  EXPECT_EQ(c.origin_peak_concurrency, 1u);
  EXPECT_EQ(c.get_bytes, 400u);
  EXPECT_EQ(result.guard->waited, 3u);
  EXPECT_EQ(result.guard->lock_attempts, 0u);
  // Those who waited took as long as the one who loaded.
  const Histogram& misses = result.timing(Timing::kResponseGetMiss);
  EXPECT_EQ(misses.count(), 4u);
  EXPECT_GE(misses.min(), 50 * kMs);
  EXPECT_LT(misses.max(), 60 * kMs);
}

TEST_F(GuardedGetTest, ASingleFlightSharesTheOriginsErrors) {
  use_origin("sleep:latency=50ms,errors=100%");
  const RunResult result = run("singleflight", four_at_once(), 4);
  EXPECT_EQ(result.counters.origin_calls, 1u);
  EXPECT_EQ(result.counters.origin_errors, 1u);
  EXPECT_EQ(result.counters.misses, 4u);
  EXPECT_EQ(result.counters.fills, 0u);
  EXPECT_EQ(result.guard->unanswered, 4u);
}

TEST_F(GuardedGetTest, KeysDoNotWaitForEachOther) {
  const RunResult result =
      run("singleflight", {get_at(0, 1), get_at(0, 2), get_at(0, 1), get_at(0, 2)}, 4);
  EXPECT_EQ(result.counters.origin_calls, 2u);
  EXPECT_EQ(result.counters.origin_peak_concurrency, 2u);
  EXPECT_EQ(result.guard->waited, 2u);
}

TEST_F(GuardedGetTest, LocksLoadOnceAndTheOthersPoll) {
  for (const std::string guard : {"token-lock", "add-lock", "lock", "lease"}) {
    SCOPED_TRACE(guard);
    const RunResult result = run(guard, four_at_once(), 4);
    EXPECT_EQ(result.counters.origin_calls, 1u);
    EXPECT_EQ(result.counters.fills, 1u);
    EXPECT_EQ(result.guard->waited, 3u);
    EXPECT_EQ(result.guard->locks_taken, 1u);
    EXPECT_GE(result.guard->polls, 3u);
    EXPECT_GT(result.guard->lock_attempts, result.guard->locks_taken);
    EXPECT_EQ(result.counters.corrupt + result.counters.unverifiable, 0u);
  }
}

TEST_F(GuardedGetTest, RedlockNeedsAMajority) {
  const auto run_without = [&](int dead) {
    Script script;
    script.bend = [](const Command&, Outcome& outcome, std::string&) {
      outcome = Outcome::kTimeout;
    };
    int made = 0;
    plan.make_lock_server = [&]() -> std::unique_ptr<Adapter> {
      if (made++ < dead) return std::make_unique<ScriptedAdapter>(script);
      return make_lock_model();
    };
    return run("redlock:wait=200ms", four_at_once(), 4);
  };
  for (const int dead : {0, 2}) {
    SCOPED_TRACE(dead);
    const RunResult result = run_without(dead);
    EXPECT_EQ(result.counters.origin_calls, 1u);
    EXPECT_EQ(result.guard->waited, 3u);
    EXPECT_EQ(result.guard->locks_taken, 1u);
    EXPECT_EQ(result.counters.errors, 0u);  // those are the cache's
  }
  const RunResult none = run_without(3);
  EXPECT_EQ(none.counters.origin_calls, 0u);
  EXPECT_EQ(none.guard->unanswered, 4u);
  EXPECT_EQ(none.guard->locks_taken, 0u);
}

TEST_F(GuardedGetTest, AWaitThatIsTooShortIsUnanswered) {
  const RunResult result = run("token-lock:wait=20ms", four_at_once(), 4);
  EXPECT_EQ(result.guard->unanswered, 3u);
  EXPECT_EQ(result.counters.misses, 4u);
  EXPECT_EQ(result.counters.get_errors, 0u);
  EXPECT_LT(result.timing(Timing::kResponseGetMiss).min(), 21 * kMs);
}

TEST_F(GuardedGetTest, StaleValuesAreServedAndMadeAnewBehind) {
  // Stored at 50 ms, stale from 1.05 s on; the get at 1.5 s loads until 1.55 s.
  const RunResult result = run("swr", {get_at(0), get_at(kSecond), get_at(1500 * kMs),
                                       get_at(1520 * kMs), get_at(1600 * kMs)});
  const Counters& c = result.counters;
  EXPECT_EQ(c.misses, 1u);
  EXPECT_EQ(c.hits, 4u);
  EXPECT_EQ(c.hit_bytes, 400u);
  EXPECT_EQ(c.fills, 2u);
  EXPECT_EQ(c.origin_calls, 2u);
  EXPECT_EQ(result.guard->stale_served, 2u);
  EXPECT_EQ(result.guard->background_loads, 1u);
  EXPECT_EQ(result.guard->early_loads, 0u);
  EXPECT_LT(result.timing(Timing::kResponseGetHit).max(), 10 * kMs);
}

TEST_F(GuardedGetTest, RefreshAheadLoadsWhileTheValueIsFresh) {
  const RunResult result =
      run("refresh-ahead:ahead=200ms",
          {get_at(0), get_at(800 * kMs), get_at(900 * kMs), get_at(1100 * kMs)});
  EXPECT_EQ(result.counters.misses, 1u);
  EXPECT_EQ(result.counters.hits, 3u);
  EXPECT_EQ(result.counters.origin_calls, 2u);
  EXPECT_EQ(result.guard->early_loads, 1u);
  EXPECT_EQ(result.guard->background_loads, 1u);
  EXPECT_EQ(result.guard->stale_served, 0u);
}

TEST_F(GuardedGetTest, EarlyRecomputationIsAMissOfWhoMakesIt) {
  // 1000 times 50 ms: nobody who finds a value is content with it.
  const RunResult result = run("xfetch:beta=1000", {get_at(0), get_at(500 * kMs)});
  EXPECT_EQ(result.counters.misses, 2u);
  EXPECT_EQ(result.counters.origin_calls, 2u);
  EXPECT_EQ(result.guard->early_loads, 1u);
}

TEST_F(GuardedGetTest, WithoutATtlNothingGetsOld) {
  for (const std::string guard : {"swr", "refresh-ahead", "xfetch", "jitter"}) {
    const RunResult result = run(guard, {get_at(0, 1, 0), get_at(1000 * kSecond, 1, 0)});
    EXPECT_EQ(result.counters.hits, 1u) << guard;
    EXPECT_EQ(result.counters.origin_calls, 1u) << guard;
  }
}

TEST_F(GuardedGetTest, WhatTheWorkloadWritesIsFoundAgain) {
  using enum Op;
  const auto request = [](Op op, uint64_t key) { return InMemoryWorkload::request(op, key); };
  const RunResult result =
      run("token-lock", {request(kSet, 1), request(kGet, 1), request(kAdd, 1), request(kAdd, 2),
                         request(kGet, 2), request(kDelete, 1), request(kGet, 1)});
  const Counters& c = result.counters;
  EXPECT_EQ(c.hits, 2u);
  EXPECT_EQ(c.misses, 1u);
  EXPECT_EQ(c.sets, 1u);
  EXPECT_EQ(c.adds, 2u);
  EXPECT_EQ(c.deletes, 1u);
  EXPECT_EQ(c.not_stored, 1u);
  EXPECT_EQ(c.corrupt + c.stale + c.unverifiable + c.errors, 0u);
}

TEST_F(GuardedGetTest, PreloadedValuesAreHits) {
  plan.driver.preload = true;
  const RunResult result = run("lease", {get_at(0, 1, 0), get_at(0, 2, 0), get_at(0, 1, 0)});
  EXPECT_EQ(result.counters.hits, 3u);
  EXPECT_EQ(result.counters.corrupt, 0u);
}

TEST_F(GuardedGetTest, AValueThatWasChangedIsCorrupt) {
  Script script;
  plan.make_adapter = [&](const AdapterSettings&) {
    return std::make_unique<ScriptedAdapter>(script);
  };
  for (const size_t changed : {size_t{0}, kEnvelopeBytes + kValueHeaderBytes}) {
    SCOPED_TRACE(changed);
    script.stored.clear();
    script.bend = [changed](const Command& command, Outcome& outcome, std::string& value) {
      if (command.kind == CommandKind::kGet && outcome == Outcome::kHit) value[changed] ^= 1;
    };
    const RunResult result = run("singleflight", {get_at(0), get_at(kSecond)});
    EXPECT_EQ(result.counters.corrupt, 1u);
    EXPECT_EQ(script.stored["1"].size(), kEnvelopeBytes + 100);
  }
}

TEST_F(GuardedGetTest, ACacheThatDoesNotAnswerIsAnError) {
  Script script;
  script.bend = [](const Command& command, Outcome& outcome, std::string&) {
    if (command.kind == CommandKind::kGet) outcome = Outcome::kError;
  };
  plan.make_adapter = [&](const AdapterSettings&) {
    return std::make_unique<ScriptedAdapter>(script);
  };
  const RunResult result = run("singleflight", four_at_once(), 2);
  EXPECT_EQ(result.counters.get_errors, 4u);
  EXPECT_EQ(result.counters.errors, 4u);
  EXPECT_EQ(result.counters.origin_calls, 0u);
}

TEST_F(GuardedGetTest, AnyTraceUnderAnyGuardAddsUp) {
  SplitMix64 random(5);
  std::vector<Request> requests;
  for (int64_t i = 0; i < 3000; ++i) {
    constexpr Op kOps[] = {Op::kGet, Op::kGet, Op::kGet, Op::kGet, Op::kSet, Op::kAdd, Op::kDelete};
    requests.push_back(InMemoryWorkload::request(kOps[random.below(std::size(kOps))],
                                                 std::min(random.below(40), random.below(40)),
                                                 16 + random.below(100), 300 * kMs, i * kMs));
  }
  const auto gets = static_cast<uint64_t>(
      std::ranges::count_if(requests, [](const Request& r) { return r.op == Op::kGet; }));
  const uint64_t unguarded = run("none", requests, 8).counters.origin_calls;
  for (const GuardKind& kind : guard_kinds()) {
    if (kind.name == "none" || !kind.not_in_run.empty()) continue;
    SCOPED_TRACE(kind.name);
    const RunResult result = run(std::string(kind.name), requests, 8);
    const Counters& c = result.counters;
    EXPECT_EQ(c.gets, gets);
    EXPECT_EQ(c.hits + c.misses, gets);
    EXPECT_EQ(c.corrupt + c.unverifiable + c.errors + c.origin_errors, 0u);
    EXPECT_EQ(c.fills, c.origin_calls);
    EXPECT_EQ(result.timing(Timing::kResponseGet).count(), gets);
    EXPECT_LE(result.guard->waited, c.misses);
    EXPECT_LE(result.guard->stale_served, c.hits);
    const bool loads_early = kind.name.starts_with("xfetch") || kind.name == "refresh-ahead";
    EXPECT_EQ(result.guard->early_loads > 0, loads_early);
    if (!loads_early && kind.name != "jitter") {
      EXPECT_LE(c.origin_calls, unguarded);
    }
  }
}

}  // namespace
}  // namespace cachegauge
