// What a million items of 16 + 100 bytes take beyond their payload, by the cache's own account and
// by malloc's.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <string>

#include "adapters/local/local_adapters.h"
#include "harness/core/hash.h"
#include "harness/core/virtual_scheduler.h"

namespace cachegauge {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMallocIsGlibc = false;
#else
constexpr bool kMallocIsGlibc = true;
#endif

constexpr uint64_t kItems = 1'000'000;
constexpr uint64_t kPayloadBytes = 16 + 100;

uint64_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

class MemoryPerItem : public testing::TestWithParam<const char*> {};

TEST_P(MemoryPerItem, IsAtMostSixtyBytesBeyondThePayload) {
  if (!kMallocIsGlibc) GTEST_SKIP() << "a sanitizer's malloc is not measured";
  const uint64_t heap_before = heap_in_use();
  const Spec spec = Spec::parse(GetParam());
  const std::vector<AdapterKind> kinds = local_adapter_kinds();
  const AdapterKind& kind = require_row<AdapterKind>(kinds, spec.kind(), "adapter");
  const std::unique_ptr<Adapter> adapter = kind.make(spec, {});
  adapter->start();
  VirtualScheduler scheduler;
  const std::unique_ptr<Session> session = adapter->open({scheduler});
  const std::string value(100, 'v');
  for (uint64_t i = 0; i < kItems; ++i) {
    char key[17];
    std::snprintf(key, sizeof(key), "%016llu", static_cast<unsigned long long>(i));
    const Command command = {.kind = CommandKind::kSet,
                             .key = {key, 16},
                             .key_hash = hash_integer_key(i),
                             .value = value};
    session->submit({&command, 1});
    Completion completion;
    ASSERT_EQ(session->poll({&completion, 1}), 1u);
    ASSERT_EQ(completion.outcome, Outcome::kStored);
  }
  const AdapterState state = adapter->state();
  EXPECT_EQ(state.items, kItems);
  EXPECT_EQ(state.payload_bytes, kItems * kPayloadBytes);
  const double overhead = static_cast<double>(*state.bytes_used) / kItems - kPayloadBytes;
  RecordProperty("overhead_bytes_per_item", std::to_string(overhead));
  EXPECT_LE(overhead, 60.0);
  const double by_malloc = static_cast<double>(heap_in_use() - heap_before);
  EXPECT_NEAR(static_cast<double>(*state.bytes_used) / by_malloc, 1.0, 0.01);
}

INSTANTIATE_TEST_SUITE_P(LocalCaches, MemoryPerItem,
                         testing::Values("unbounded", "lru:entries=1M", "lru:capacity=165MiB",
                                         "lfu:capacity=165MiB", "fifo:capacity=165MiB",
                                         "clock:capacity=165MiB"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase_if(name, [](char c) { return !std::isalnum(c); });
                           return name;
                         });

}  // namespace
}  // namespace cachegauge
