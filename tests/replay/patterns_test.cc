// Patterns that write to the origin, in virtual time: the same 20 requests through each, against a
// table worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "harness/replay/patterns/access_pattern.h"
#include "harness/replay/patterns/acknowledged_log.h"
#include "tests/replay/patterns_fixture.h"

namespace cachegauge {
namespace {

enum Key : uint64_t { A = 1, B, C, D };

// One each 100 ms. A call to the origin takes 40 ms, so each request is over before the next comes.
InMemoryWorkload twenty_requests() {
  constexpr std::pair<Op, uint64_t> kTwenty[] = {
      {Op::kGet, A}, {Op::kGet, A}, {Op::kSet, A}, {Op::kGet, A},    {Op::kSet, B},  // 0
      {Op::kGet, B}, {Op::kSet, B}, {Op::kSet, A}, {Op::kGet, A},    {Op::kGet, C},  // 5
      {Op::kSet, C}, {Op::kSet, C}, {Op::kGet, C}, {Op::kDelete, A}, {Op::kGet, A},  // 10
      {Op::kSet, D}, {Op::kGet, B}, {Op::kSet, A}, {Op::kGet, D},    {Op::kGet, C},  // 15
  };
  std::vector<Request> requests;
  for (const auto& [op, key] : kTwenty) {
    const auto time_ns = static_cast<int64_t>(requests.size()) * 100 * kMs;
    requests.push_back(InMemoryWorkload::request(op, key, 100, 0, time_ns));
  }
  return InMemoryWorkload(std::move(requests));
}

// What each pattern comes to, by hand; request numbers as above. 11 gets, 8 sets, a delete.
//
//                     misses            hits  calls to the origin  windows of inconsistency
// set the copy        0 9 14            8     3 loads, 9 writes    2 6 7 10 11 13 17, 0 ns each
// delete the copy     0 3 5 8 9 12 14   2     9 loads, 9 writes    2 6 7 10 13 17, 0 ns each
//                     16 18
// leave it            0 5 9 14 18       6     5 loads, 9 writes    A, from 2 to 13: 1,100 ms
// queue (250 ms, 3)   0 9 14            8     2 loads, 4 batches   2 290, 4 90, 6 290, 7 190,
//                                             of 2 2 1 2 rows      10 290, 14 190, 15 90 ms
struct Expected {
  std::string pattern;
  uint64_t misses, loads, origin_writes, origin_write_calls;
  uint64_t cache_writes, unread_writes;
  uint64_t stale, drifted_keys;
  uint64_t windows;
  int64_t windows_ms;  // all together
};

const Expected kTable[] = {
    // Values nobody reads: 14 and 17 of A, 9 and 10 of C.
    {"write-through", 3, 3, 9, 9, 11, 4, 0, 0, 7, 0},
    {"cache-aside:on-write=set", 3, 3, 9, 9, 11, 4, 0, 0, 7, 0},
    {"read-through:on-write=set", 3, 3, 9, 9, 11, 4, 0, 0, 7, 0},
    // Fills 3, 8 and 14 of A, 5 and 16 of B, 9 of C, 18 of D.
    {"cache-aside:on-write=delete", 9, 9, 9, 9, 9, 7, 0, 0, 6, 0},
    {"read-through", 9, 9, 9, 9, 9, 7, 0, 0, 6, 0},
    {"write-around:invalidate=true", 9, 9, 9, 9, 9, 7, 0, 0, 6, 0},
    // Stale: 3 8 12 16 19. In the end A is at 4 and 5, B at 2 and 3, C at 1 and 3. Fills 14 and 18.
    {"write-around", 5, 5, 9, 9, 5, 2, 5, 3, 1, 1100},
    {"by-class:x=write-behind,other=write-around", 5, 5, 9, 9, 5, 2, 5, 3, 1, 1100},
    {"write-behind:flush=250ms,batch=3,queue=10", 3, 2, 7, 4, 11, 4, 0, 0, 7, 1430},
};

TEST_F(Patterns, TwentyRequestsByHand) {
  for (const Expected& expected : kTable) {
    SCOPED_TRACE(expected.pattern);
    script.stored.clear();
    const RunResult result = run(expected.pattern, twenty_requests());
    const Counters& c = result.counters;
    ASSERT_TRUE(result.pattern);
    const PatternFigures& p = *result.pattern;
    EXPECT_EQ(c.gets, 11u);
    EXPECT_EQ(c.sets, 8u);
    EXPECT_EQ(c.deletes, 1u);
    EXPECT_EQ(c.misses, expected.misses);
    EXPECT_EQ(c.hits, 11 - expected.misses);
    EXPECT_EQ(c.fills, expected.misses);
    EXPECT_EQ(c.origin_calls, expected.loads);
    EXPECT_EQ(p.origin_writes, expected.origin_writes);
    EXPECT_EQ(p.origin_write_calls, expected.origin_write_calls);
    EXPECT_EQ(p.cache_writes, expected.cache_writes);
    EXPECT_EQ(p.unread_writes, expected.unread_writes);
    EXPECT_EQ(c.stale, expected.stale);
    EXPECT_EQ(p.stale_versions.count(), expected.stale);
    EXPECT_EQ(p.inconsistency_ns.count(), expected.windows);
    EXPECT_EQ(static_cast<int64_t>(p.inconsistency_ns.sum()), expected.windows_ms * kMs);
    EXPECT_EQ(p.acknowledged_writes, 9u);
    EXPECT_EQ(p.failed_writes + p.origin_write_errors + p.dropped_writes + p.blocked_writes, 0u);
    EXPECT_EQ(p.checked_keys, 4u);
    EXPECT_EQ(p.drifted_keys, expected.drifted_keys);
    EXPECT_EQ(p.lost_writes, 0u);
    EXPECT_EQ(p.stale_loads, 0u);
    EXPECT_EQ(c.corrupt + c.unverifiable + c.errors, 0u);
    EXPECT_EQ(parse_run_result(serialize(result)).pattern->inconsistency_ns, p.inconsistency_ns);
  }
}

TEST_F(Patterns, WriteAroundSaysHowStaleItsHitsAre) {
  const PatternFigures p = *run("write-around", twenty_requests()).pattern;
  // 3, 8, 12, 16 and 19, since the writes 2, 2, 10, 6 and 10 were acknowledged.
  EXPECT_EQ(static_cast<int64_t>(p.stale_age_ns.sum()), (60 + 560 + 160 + 960 + 860) * kMs);
  EXPECT_EQ(static_cast<int64_t>(p.stale_versions.sum()), 1 + 2 + 2 + 1 + 2);
  EXPECT_EQ(p.stale_versions.max(), 2);
}

TEST_F(Patterns, WriteBehindSaysHowItsQueueWent) {
  const RunResult result = run("write-behind:flush=250ms,batch=3,queue=10", twenty_requests());
  const PatternFigures& p = *result.pattern;
  EXPECT_EQ(p.queue_reads, 1u) << "get 14 of A, whose delete is queued";
  EXPECT_EQ(p.coalesced_writes, 1u) << "set 11 of C";
  EXPECT_EQ(p.queued_at_end, 1u) << "set 17 of A";
  EXPECT_EQ(p.batch_rows.count(), 4u);
  EXPECT_EQ(p.batch_rows.max(), 2);
  EXPECT_EQ(p.queue_depth.count(), 9u);
  EXPECT_EQ(static_cast<int64_t>(p.queue_depth.sum()), 1 + 2 + 1 + 2 + 1 + 1 + 1 + 2 + 1);
  EXPECT_LT(result.timing(Timing::kResponseSet).max(), kLatencyNs) << "no write waits for it";
}

TEST_F(Patterns, WriteThroughWaitsForTheOrigin) {
  const RunResult result = run("write-through", twenty_requests());
  EXPECT_GE(result.timing(Timing::kResponseSet).min(), kLatencyNs);
  EXPECT_EQ(result.pattern->origin_write_ns.min(), kLatencyNs);
}

TEST_F(Patterns, MissesAtOneTimeShareALoad) {
  plan.driver.clients = 5;
  const auto workload = InMemoryWorkload::gets({A, A, A, B, A});
  const RunResult through = run("read-through", workload);
  EXPECT_EQ(through.counters.misses, 5u);
  EXPECT_EQ(through.counters.origin_calls, 2u);
  EXPECT_EQ(through.pattern->shared_loads, 3u);
  EXPECT_EQ(through.counters.fills, 2u);
  script.stored.clear();
  EXPECT_EQ(run("cache-aside:on-write=delete", workload).counters.origin_calls, 5u);
}

TEST_F(Patterns, ALoadThatFailsFailsThoseThatShareIt) {
  plan.driver.clients = 3;
  const RunResult result =
      run("read-through", InMemoryWorkload::gets({A, A, A}), "sleep:latency=40ms,errors=100%");
  EXPECT_EQ(result.counters.origin_errors, 1u);
  EXPECT_EQ(result.counters.misses, 3u);
  EXPECT_EQ(result.counters.fills, 0u);
  EXPECT_EQ(result.pattern->shared_loads, 0u);
}

InMemoryWorkload sets_at_once(uint64_t count) {
  std::vector<Request> requests;
  for (uint64_t key = 1; key <= count; ++key) {
    requests.push_back(InMemoryWorkload::request(Op::kSet, key));
  }
  return InMemoryWorkload(std::move(requests));
}

// Batches are written one after another: 4 rows fill the queue, and the fifth write waits until two
// of them are stored.
TEST_F(Patterns, AFullQueueBlocks) {
  const RunResult result = run("write-behind:flush=1s,batch=2,queue=4,full=block", sets_at_once(8));
  const PatternFigures& p = *result.pattern;
  EXPECT_EQ(p.acknowledged_writes, 8u);
  EXPECT_EQ(p.blocked_writes, 2u) << "the 5th and the 7th";
  EXPECT_EQ(p.blocked_ns.min(), kLatencyNs);
  EXPECT_EQ(p.blocked_ns.max(), kLatencyNs);
  EXPECT_EQ(p.queue_depth.max(), 4);
  EXPECT_EQ(p.dropped_writes, 0u);
  EXPECT_EQ(p.lost_writes, 0u);
  EXPECT_GE(result.timing(Timing::kResponseSet).max(), kLatencyNs);
}

TEST_F(Patterns, AFullQueueDrops) {
  const RunResult result = run("write-behind:flush=1s,batch=2,queue=4,full=drop", sets_at_once(8));
  const PatternFigures& p = *result.pattern;
  EXPECT_EQ(p.acknowledged_writes, 8u);
  EXPECT_EQ(p.blocked_writes, 0u);
  EXPECT_EQ(p.dropped_writes, 4u);
  EXPECT_EQ(p.lost_writes, 4u);
  EXPECT_EQ(p.drifted_keys, 4u) << "the cache has them";
}

TEST_F(Patterns, WritesThatTheOriginRefusesAreNotAcknowledged) {
  const RunResult result = run("write-through", sets_at_once(3), "sleep:latency=40ms,errors=100%");
  const PatternFigures& p = *result.pattern;
  EXPECT_EQ(p.failed_writes, 3u);
  EXPECT_EQ(p.origin_write_errors, 3u);
  EXPECT_EQ(p.acknowledged_writes, 0u);
  EXPECT_EQ(p.cache_writes, 0u);
  EXPECT_EQ(p.lost_writes, 0u);
}

TEST_F(Patterns, QueuedWritesThatTheOriginNeverTakesAreLost) {
  const RunResult result =
      run("write-behind:flush=10ms", sets_at_once(3), "sleep:latency=40ms,errors=100%");
  EXPECT_EQ(result.pattern->acknowledged_writes, 3u);
  EXPECT_EQ(result.pattern->lost_writes, 3u);
  EXPECT_EQ(result.pattern->drifted_keys, 3u);
}

TEST_F(Patterns, AWriterIsNotBlockedWithoutEnd) {
  const RunResult result = run("write-behind:flush=10ms,batch=1,queue=1", sets_at_once(3),
                               "sleep:latency=40ms,errors=100%");
  EXPECT_NE(result.failure.find("every batch of writes failed"), std::string::npos)
      << result.failure;
  EXPECT_GE(result.pattern->failed_writes, 1u);
}

// What a get says that began before a write was acknowledged is not stale, and no more are those of
// other keys, however many clients there are.
TEST_F(Patterns, ManyClientsOfAPatternThatSetsSeeNothingStale) {
  SplitMix64 random(7);
  std::vector<Request> requests;
  for (int i = 0; i < 3000; ++i) {
    const Op op = random.below(4) == 0 ? Op::kSet : Op::kGet;
    requests.push_back(InMemoryWorkload::request(op, random.below(50)));
  }
  plan.driver.clients = 20;
  for (const char* pattern : {"write-through", "write-behind:flush=20ms,batch=5"}) {
    SCOPED_TRACE(pattern);
    script.stored.clear();
    const RunResult result = run(pattern, InMemoryWorkload(requests));
    EXPECT_EQ(result.counters.corrupt, 0u);
    EXPECT_EQ(result.pattern->lost_writes, 0u);
    EXPECT_EQ(result.pattern->acknowledged_writes, result.counters.sets);
  }
}

TEST(PatternSpecs, WhatMakesNoSenseIsRefused) {
  auto refusal = [](const char* text) -> std::string {
    try {
      make_pattern(Spec::parse(text));
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_NE(refusal("write-trough").find("write-through"), std::string::npos);
  EXPECT_NE(refusal("write-behind:flsh=1s").find("flush"), std::string::npos);
  EXPECT_NE(refusal("write-behind:flush=0s").find("above 0"), std::string::npos);
  EXPECT_NE(refusal("write-behind:batch=0").find("from 1"), std::string::npos);
  EXPECT_NE(refusal("write-behind:batch=20,queue=10").find("larger queue"), std::string::npos);
  EXPECT_NE(refusal("write-behind:full=panic").find("block"), std::string::npos);
  EXPECT_NE(refusal("cache-aside:on-write=sett").find("set"), std::string::npos);
  EXPECT_NE(refusal("by-class").find("other=cache-aside"), std::string::npos);
  EXPECT_NE(refusal("by-class:session=writethrough").find("write-through"), std::string::npos);
  EXPECT_NE(refusal("by-class:session.flush=1s").find("give session="), std::string::npos);
  EXPECT_NE(refusal("by-class:session=by-class").find("no classes"), std::string::npos);
  EXPECT_NE(refusal("by-class:session=write-behind,session.flsh=1s").find("flush"),
            std::string::npos);
  EXPECT_EQ(refusal("by-class:session=write-behind,session.flush=1s,other=write-around"), "");
  EXPECT_FALSE(make_pattern(Spec("cache-aside")));
}

TEST(AcknowledgedWrites, LostAreThoseAboveWhatTheOriginHas) {
  AcknowledgedLog log(5);
  for (const auto& [key, version] : {std::pair(7u, 2u), {7u, 3u}, {8u, 2u}, {7u, 5u}}) {
    log.append(key, version);
  }
  const auto at = [](uint32_t seven, uint32_t eight) {
    return [=](uint64_t key) { return std::optional(key == 7 ? seven : eight); };
  };
  EXPECT_EQ(log.count_lost(at(1, 1)), 4u);
  EXPECT_EQ(log.count_lost(at(3, 2)), 1u);
  EXPECT_EQ(log.count_lost(at(4, 1)), 2u) << "nobody was told of 4";
  EXPECT_EQ(log.count_lost(at(5, 2)), 0u);
  EXPECT_EQ(log.count_lost([](uint64_t) { return std::nullopt; }), std::nullopt);
  log.append(8, 3);
  log.append(8, 4);
  EXPECT_EQ(log.count_lost(at(9, 9)), std::nullopt) << "there was no room for the last";
}

}  // namespace
}  // namespace cachegauge
