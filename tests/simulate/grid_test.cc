#include "harness/simulate/grid.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "tests/core/expect_error.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

InternedTrace trace_of(uint64_t requests) {
  return {InMemoryWorkload::popular_low_numbers(requests, 5000), {}, UINT64_MAX};
}

std::vector<Spec> specs(const std::vector<std::string>& texts) {
  std::vector<Spec> specs;
  for (const std::string& text : texts) specs.push_back(Spec::parse(text));
  return specs;
}

TEST(Grid, ResultsComeInTheOrderOfPoliciesAndSizesWhateverTheThreads) {
  const InternedTrace trace = trace_of(150'000);
  const auto policies = specs({"lru", "unbounded", "s3fifo:small=20%"});
  const auto sizes = parse_cache_sizes("100..400x2");
  const auto one = simulate_grid(trace, policies, sizes, {.threads = 1}, false);
  const auto many = simulate_grid(trace, policies, sizes, {.threads = 4}, false);
  std::vector<std::string> order;
  ASSERT_EQ(one.size(), many.size());
  for (size_t i = 0; i < one.size(); ++i) {
    order.push_back(one[i].policy + " " + one[i].size);
    EXPECT_EQ(one[i].policy, many[i].policy);
    EXPECT_EQ(one[i].counts.hits, many[i].counts.hits);
    EXPECT_EQ(one[i].counts.gets, 150'000u);
    EXPECT_EQ(one[i].counts.hits + one[i].counts.misses, one[i].counts.gets);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"lru 100", "lru 200", "lru 400", "unbounded ",
                                             "s3fifo:small=20% 100", "s3fifo:small=20% 200",
                                             "s3fifo:small=20% 400"}));
  EXPECT_EQ(one[3].counts.misses, trace.unique_keys());
  EXPECT_FALSE(one[3].capacity_objects.has_value());
}

TEST(Grid, OnlyWhatSweepsNeedsTimes) {
  EXPECT_FALSE(need_times({}));
  EXPECT_FALSE(need_times(specs({"lru", "wtinylfu", "belady", "unbounded"})));
  EXPECT_TRUE(need_times(specs({"lru", "ttl:ttl=60s"})));
}

TEST(Grid, TheWarmUpIsCarriedOutAndNotCounted) {
  const InternedTrace trace(InMemoryWorkload::gets({1, 2, 1, 3, 2}), {}, UINT64_MAX);
  const auto result =
      simulate_grid(trace, specs({"lru"}), parse_cache_sizes("2"), {.warmup_requests = 2}, false);
  EXPECT_EQ(result[0].counts.requests, 3u);
  EXPECT_EQ(result[0].counts.hits, 1u);    // 1
  EXPECT_EQ(result[0].counts.misses, 2u);  // 3, and 2 which made room for it
  EXPECT_EQ(result[0].counts.evictions, 2u);
}

TEST(Grid, AnObjectLargerThanTheCacheIsDeclined) {
  const InternedTrace trace(InMemoryWorkload({InMemoryWorkload::request(Op::kGet, 1, 1000),
                                              InMemoryWorkload::request(Op::kGet, 1, 1000),
                                              InMemoryWorkload::request(Op::kGet, 2, 0),
                                              InMemoryWorkload::request(Op::kGet, 2, 0)}),
                            {}, UINT64_MAX);
  const auto result = simulate_grid(trace, specs({"lru"}), parse_cache_sizes("100B"), {}, false);
  EXPECT_EQ(result[0].counts.declined, 2u);
  EXPECT_EQ(result[0].counts.admissions, 1u);
  EXPECT_EQ(result[0].counts.hits, 1u);
  EXPECT_EQ(result[0].counts.hit_bytes, 0u);
  EXPECT_EQ(result[0].counts.get_bytes, 2000u);
}

TEST(Grid, WhatAFilterTurnsAwayIsCountedAmongTheDeclined) {
  const InternedTrace trace(InMemoryWorkload({InMemoryWorkload::request(Op::kGet, 1, 50),
                                              InMemoryWorkload::request(Op::kGet, 2, 500),
                                              InMemoryWorkload::request(Op::kGet, 2, 2000),
                                              InMemoryWorkload::request(Op::kGet, 1, 50)}),
                            {}, UINT64_MAX);
  const auto result = simulate_grid(trace, specs({"arc:admission=size,admission.max=1000B"}),
                                    parse_cache_sizes("200B"), {}, false);
  EXPECT_EQ(result[0].counts.admissions, 1u);
  EXPECT_EQ(result[0].counts.declined, 2u) << "by the policy, and by the filter";
  EXPECT_EQ(result[0].counts.not_admitted, 1u);
  EXPECT_EQ(result[0].counts.hits, 1u);
}

TEST(Grid, CellsTakeTurnsWhereMemoryIsShort) {
  const InternedTrace trace = trace_of(100'000);
  const uint64_t room = trace.bytes_in_memory() + (512 << 10);
  const auto few =
      simulate_grid(trace, specs({"lru", "fifo", "lfu", "arc"}), parse_cache_sizes("100..800x2"),
                    {.threads = 4, .max_memory_bytes = room}, false);
  EXPECT_EQ(few.size(), 16u);
}

TEST(Grid, WhatDoesNotFitIsAnErrorThatSaysHowMuchItTakes) {
  const InternedTrace trace = trace_of(100'000);
  try {
    simulate_grid(trace, specs({"lru"}), parse_cache_sizes("100"), {.max_memory_bytes = 1000},
                  false);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kFailed);
    EXPECT_NE(std::string(error.what()).find("raise --max-memory from 1000 B"), std::string::npos)
        << error.what();
  }
}

TEST(Grid, AStoppedGridHasNoResults) {
  const InternedTrace trace = trace_of(1000);
  EXPECT_TRUE(simulate_grid(trace, specs({"lru"}), parse_cache_sizes("10"), {}, true).empty());
}

TEST(Grid, PoliciesAreCheckedBeforeAnythingIsRead) {
  EXPECT_ERROR(kUsage, "s3fifo:promote: expected 1, 2 or 3 hits, got 9",
               (check_policies(specs({"lru", "s3fifo:promote=9"})), 0));
  EXPECT_ERROR(kUsage,
               "unknown admission \"bloo\"; did you mean bloom? Valid: size, probability, bloom, "
               "tinylfu, adaptsize",
               (check_policies(specs({"lru:admission=bloo"})), 0));
  EXPECT_ERROR(kUsage, "admission=adaptsize is tuned to a capacity, and this cache has no limit",
               (check_policies(specs({"unbounded:admission=adaptsize"})), 0));
  check_policies(specs({"clock:admission=tinylfu", "arc:admission=bloom,admission.window=2k"}));
  EXPECT_FALSE(needs_size(specs({"unbounded"})));
  EXPECT_TRUE(needs_size(specs({"unbounded", "lru"})));
}

}  // namespace
}  // namespace cachegauge
