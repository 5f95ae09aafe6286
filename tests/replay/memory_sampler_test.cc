#include "harness/replay/memory_sampler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "harness/core/clock.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

TEST(MemorySampler, GivesWhatItWasToldAndNullWhereItWasNot) {
  Script script;
  std::atomic<int> asked = 0;
  script.bytes_used_now = [&]() -> std::optional<uint64_t> {
    ++asked;
    if (asked == 2) return std::nullopt;
    return 1000 + asked;
  };
  ScriptedAdapter adapter(script);
  MemorySampler sampler(adapter, monotonic_ns(), kMs, 2 * kMs);
  while (asked < 4) std::this_thread::yield();
  const Series samples = sampler.stop();
  EXPECT_EQ(samples.total(), SeriesCounts());
  std::vector<std::optional<uint64_t>> told;
  for (const SeriesBucket& bucket : samples.buckets()) {
    if (bucket.memory.taken) told.push_back(bucket.memory.bytes_used);
  }
  ASSERT_GE(told.size(), 3u);
  EXPECT_EQ(told[0], 1001u);
  EXPECT_EQ(told[1], std::nullopt);
  EXPECT_EQ(told[2], 1003u);
}

TEST(MemorySampler, EndsAtOnceBetweenTwoQuestions) {
  Script script;
  bool asked = false;
  script.bytes_used_now = [&]() -> std::optional<uint64_t> { return asked = true; };
  ScriptedAdapter adapter(script);
  const int64_t start_ns = monotonic_ns();
  MemorySampler sampler(adapter, start_ns, kMs, 3600 * int64_t{1'000'000'000});
  EXPECT_TRUE(sampler.stop().buckets().empty());
  EXPECT_TRUE(sampler.stop().buckets().empty());
  EXPECT_LT(monotonic_ns() - start_ns, 60 * int64_t{1'000'000'000});
  EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace cachegauge
