#include "harness/simulate/interned_trace.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
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

TEST(InternedTrace, KnowsKeysAsStatedAndAsTheyAreSent) {
  std::vector<Request> requests = {get_text("abc"), get_text("defg"), get(12345), get(7), get(8)};
  for (size_t i : {1, 2, 3}) requests[i].key_size_bytes = 3;
  const auto trace = intern(requests);
  const std::vector<uint32_t> sent = {3, 4, 5, 3, 1}, stated = {3, 3, 3, 3, 1};
  for (uint32_t id = 0; id < 5; ++id) {
    EXPECT_EQ(trace.key_size_bytes(id), sent[id]) << id;
    EXPECT_EQ(trace.stated_key_size_bytes(id), stated[id]) << id;
  }
  EXPECT_EQ(trace.summary().footprint_bytes, 5 * 100u + 13);
  EXPECT_EQ(trace.summary().misstated_key_bytes, 1u + 2);
}

TEST(InternedTrace, AColumnOfOneValueIsNotStored) {
  const auto plain = intern({get(1), get(2)});
  EXPECT_TRUE(plain.equal_sizes());
  EXPECT_TRUE(plain.chunks()[0].value_sizes.all_same());
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

// Sizes differ within the second of three chunks alone, and readers give batches of any length.
TEST(InternedTrace, AColumnVariesFromTheFirstOtherValueOn) {
  constexpr uint32_t kChunk = TraceChunk::kMostRequests, kOther = kChunk + 1000;
  std::vector<Request> requests(2 * kChunk + 77, get(1));
  requests[kOther].value_size_bytes = 7;
  requests[kOther].op = Op::kSet;
  const auto trace = intern(requests);
  ASSERT_EQ(trace.chunks().size(), 3u);
  EXPECT_EQ(trace.chunks()[2].count, 77u);
  uint64_t position = 0;
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i, ++position) {
      ASSERT_EQ(chunk.value_sizes[i], requests[position].value_size_bytes) << position;
      ASSERT_EQ(chunk.ops[i], requests[position].op) << position;
    }
  }
  EXPECT_TRUE(trace.chunks()[0].value_sizes.all_same());
  EXPECT_FALSE(trace.chunks()[1].value_sizes.all_same());
  EXPECT_TRUE(trace.chunks()[2].value_sizes.all_same());
  EXPECT_EQ(trace.summary().ops[static_cast<int>(Op::kGet)], requests.size() - 1);
  EXPECT_EQ(trace.summary().ops[static_cast<int>(Op::kSet)], 1u);
}

// Ranges and units of every width, and the largest numbers there are.
TEST(InternedTrace, NumbersOfAnyRangeArePackedAndTheSame) {
  struct Range {
    uint64_t range;
    size_t width;
  };
  constexpr Range kRanges[] = {{1, 1},
                               {255, 1},
                               {256, 2},
                               {65'535, 2},
                               {65'536, 4},
                               {UINT32_MAX, 4},
                               {uint64_t{1} << 32, 8}};
  constexpr uint64_t kUnits[] = {1, 1000, 1'000'000, 1'000'000'000};
  SplitMix64 random(42);
  ColumnStore store(UINT64_MAX);
  for (const uint64_t unit : kUnits) {
    for (const auto& [range, width] : kRanges) {
      if (range * unit <= UINT16_MAX && unit > 1) continue;  // no unit is looked for
      const uint64_t least = random.next() >> 4;
      std::vector<uint64_t> numbers = {least + range * unit, least};
      for (int i = 0; i < 1000; ++i) numbers.push_back(least + random.below(range + 1) * unit);
      const PackedNumbers packed = pack_numbers(numbers, store);
      EXPECT_EQ(packed.width, width) << range << " x " << unit;
      for (size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_EQ(packed[i], numbers[i]) << range << " x " << unit;
      }
    }
  }
  const std::vector<uint64_t> extremes = {0, UINT64_MAX, 7};
  const PackedNumbers packed = pack_numbers(extremes, store);
  for (size_t i = 0; i < extremes.size(); ++i) EXPECT_EQ(packed[i], extremes[i]);
}

TEST(InternedTrace, TimesForTtlsBeginWithTheFirst) {
  std::vector<Request> requests;
  for (int64_t time : {10, 20, 30, 40}) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 1, 0, time));
  }
  const InMemoryWorkload without(requests);
  const InternedTrace none(without, {}, UINT64_MAX, ArrivalTimes::kForTtls);
  EXPECT_TRUE(none.chunks()[0].now_ns.all_same());
  // A whole batch without one before it.
  std::vector<Request> later(5000, requests[0]);
  requests[1].ttl_ns = 5;
  later.insert(later.end(), requests.begin(), requests.end());
  const InMemoryWorkload with(later);
  const InternedTrace some(with, {}, UINT64_MAX, ArrivalTimes::kForTtls);
  const TraceChunk& chunk = some.chunks()[0];
  EXPECT_EQ(chunk.now_ns[0], 0);
  EXPECT_EQ(chunk.now_ns[5001], 20);
  EXPECT_EQ(chunk.now_ns[5003], 40);
  EXPECT_EQ(some.summary().with_ttl, 1u);
  const InternedTrace ignored(with, {.ignore_ttl = true}, UINT64_MAX, ArrivalTimes::kForTtls);
  EXPECT_TRUE(ignored.chunks()[0].now_ns.all_same());
}

TEST(InternedTrace, VisitsTheFirstRequestOfEachKey) {
  constexpr uint64_t kChunk = TraceChunk::kMostRequests;
  std::vector<Request> requests(kChunk + 10, get(5));
  requests[3] = get(6);
  requests[kChunk - 1] = get(7);
  requests[kChunk + 4] = get(8);
  requests[kChunk + 5] = get(6);
  const auto trace = intern(requests);
  std::vector<std::pair<uint32_t, uint64_t>> firsts;
  trace.for_each_key([&](uint32_t id, const TraceChunk& chunk, uint32_t i) {
    EXPECT_EQ(chunk.ids[i], id);
    firsts.emplace_back(id, chunk.known_ids == 0 ? i : kChunk + i);
  });
  EXPECT_EQ(firsts, (std::vector<std::pair<uint32_t, uint64_t>>{
                        {0, 0}, {1, 3}, {2, kChunk - 1}, {3, kChunk + 4}}));
  EXPECT_EQ(trace.compulsory_misses(3), 3u);
  EXPECT_EQ(trace.compulsory_misses(kChunk), 1u);
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
