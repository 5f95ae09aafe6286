#include "harness/simulate/interned_trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/core/random.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

using Ids = std::vector<uint32_t>;

Ids ids_of(const InternedTrace& trace) {
  Ids ids;
  for (const TraceChunk& chunk : trace.chunks()) {
    ids.insert(ids.end(), chunk.ids, chunk.ids + chunk.count);
  }
  return ids;
}

InternedTrace intern(const std::vector<Request>& requests, const RequestRules& rules = {},
                     uint64_t memory = UINT64_MAX) {
  return {InMemoryWorkload(requests), rules, memory};
}

Request get(uint64_t key) { return InMemoryWorkload::request(Op::kGet, key); }

Request get_text(std::string_view key) {
  Request request = get(0);
  request.text_key = key;
  return request;
}

TEST(InternedTrace, NumbersKeysInOrderOfFirstAppearance) {
  const auto trace = intern({get(7), get(UINT64_MAX), get(7), get(0), get_text("0"), get_text(""),
                             get(UINT64_MAX), get_text("0")});
  EXPECT_EQ(ids_of(trace), (Ids{0, 1, 0, 2, 3, 4, 1, 3}));
  EXPECT_EQ(trace.unique_keys(), 5u);
  EXPECT_EQ(trace.key_hash(1), hash_integer_key(UINT64_MAX));
  EXPECT_EQ(trace.key_size_bytes(0), 1u);
  EXPECT_EQ(trace.key_size_bytes(1), 20u);
  EXPECT_EQ(trace.key_size_bytes(4), 0u);
}

TEST(InternedTrace, AColumnOfOneValueIsNotStored) {
  const auto plain = intern({get(1), get(2)});
  EXPECT_TRUE(plain.equal_sizes());
  EXPECT_EQ(plain.chunks()[0].value_sizes.values, nullptr);
  EXPECT_EQ(plain.chunks()[0].value_sizes[1], 100u);

  const auto mixed = intern({InMemoryWorkload::request(Op::kGet, 1, 10, 0, 5),
                             InMemoryWorkload::request(Op::kSet, 1, 20, 9, 6)});
  const TraceChunk& chunk = mixed.chunks()[0];
  EXPECT_FALSE(mixed.equal_sizes());
  EXPECT_FALSE(mixed.only_gets());
  EXPECT_EQ(chunk.ops[1], Op::kSet);
  EXPECT_EQ(chunk.value_sizes[0], 10u);
  EXPECT_EQ(chunk.value_sizes[1], 20u);
  EXPECT_EQ(chunk.ttls_ns[0], 0);
  EXPECT_EQ(chunk.ttls_ns[1], 9);
  EXPECT_EQ(chunk.now_ns[1], 6);
}

TEST(InternedTrace, TimeNeverRunsBackwards) {
  std::vector<Request> requests;
  for (int64_t time : {10, 30, 20, 25, 40}) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 1, 0, time));
  }
  const auto trace = intern(requests);
  std::vector<int64_t> now;
  for (size_t i = 0; i < 5; ++i) now.push_back(trace.chunks()[0].now_ns[i]);
  EXPECT_EQ(now, (std::vector<int64_t>{10, 30, 30, 30, 40}));
}

TEST(InternedTrace, RulesAreAppliedAndTheLimitIsKept) {
  const RequestRules rules = {
      .all_as_get = true, .ignore_size = true, .ignore_ttl = true, .limit = 2};
  const auto trace =
      intern({InMemoryWorkload::request(Op::kSet, 1, 5, 7, 0), get(2), get(3)}, rules);
  EXPECT_EQ(trace.summary().requests, 2u);
  EXPECT_TRUE(trace.only_gets());
  EXPECT_EQ(trace.summary().with_ttl, 0u);
  EXPECT_EQ(trace.chunks()[0].value_sizes[0], 100u);
}

TEST(InternedTrace, CompulsoryMissesAreGetsThatAreTheFirstOfTheirKey) {
  const auto trace =
      intern({get(1), InMemoryWorkload::request(Op::kSet, 2), get(2), get(1), get(3)});
  EXPECT_EQ(trace.compulsory_misses(0), 2u);
  EXPECT_EQ(trace.compulsory_misses(1), 1u);
}

TEST(InternedTrace, WhatIsSpilledIsTheSame) {
  SplitMix64 random(1);
  std::vector<Request> requests;
  requests.reserve(300'000);
  for (int i = 0; i < 300'000; ++i) {
    requests.push_back(
        InMemoryWorkload::request(Op::kGet, random.below(100'000) << 20, random.below(1000)));
  }
  const auto kept = intern(requests);
  const auto spilled = intern(requests, {}, 0);
  EXPECT_EQ(kept.bytes_in_file(), 0u);
  EXPECT_GT(spilled.bytes_in_file(), 0u);
  EXPECT_LT(spilled.bytes_in_memory(), kept.bytes_in_memory());
  EXPECT_EQ(ids_of(kept), ids_of(spilled));
  EXPECT_EQ(kept.summary().fingerprint, spilled.summary().fingerprint);
  for (size_t c = 0; c < kept.chunks().size(); ++c) {
    for (size_t i = 0; i < kept.chunks()[c].count; ++i) {
      ASSERT_EQ(kept.chunks()[c].value_sizes[i], spilled.chunks()[c].value_sizes[i]);
    }
  }
}

TEST(InternedTrace, NoRequestsAreNoChunks) {
  const auto trace = intern({});
  EXPECT_TRUE(trace.chunks().empty());
  EXPECT_EQ(trace.unique_keys(), 0u);
  EXPECT_EQ(trace.compulsory_misses(0), 0u);
}

TEST(InternedTrace, KnowsWhereAnObjectIsUsedNext) {
  const auto request = [](Op op, uint64_t key) { return InMemoryWorkload::request(op, key); };
  auto trace = intern({get(1), get(2), request(Op::kAdd, 1), request(Op::kSet, 1),
                       request(Op::kDelete, 2), get(2), request(Op::kDelete, 3)});
  trace.find_next_uses();
  const TraceChunk& chunk = trace.chunks()[0];
  std::vector<uint64_t> uses;
  for (uint32_t i = 0; i < chunk.count; ++i) uses.push_back(chunk.next_use(i, i));
  EXPECT_EQ(uses, (std::vector<uint64_t>{3, kNeverUsed, 3, kNeverUsed, 5, kNeverUsed, kNeverUsed}));
}

TEST(InternedTrace, ANextUseMayBeInALaterChunk) {
  constexpr uint64_t kKeys = 50'000, kRequests = 170'000;
  std::vector<Request> requests;
  requests.reserve(kRequests);
  for (uint64_t i = 0; i < kRequests; ++i) requests.push_back(get(i % kKeys));
  auto trace = intern(requests);
  trace.find_next_uses();
  ASSERT_EQ(trace.chunks().size(), 3u);
  uint64_t position = 0, wrong = 0;
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i, ++position) {
      const uint64_t next = position + kKeys;
      wrong += chunk.next_use(i, position) != (next < kRequests ? next : kNeverUsed);
    }
  }
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace cachegauge
