// What a million items of 16 + 100 bytes take beyond their payload, by the cache's own account and
// by malloc's.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <optional>
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

// A local cache that is given items with 16-byte keys and 100-byte values.
class Filled {
 public:
  explicit Filled(const Spec& spec) {
    const std::vector<AdapterKind> kinds = local_adapter_kinds();
    adapter_ = require_row<AdapterKind>(kinds, spec.kind(), "adapter").make(spec, {});
    adapter_->start();
    session_ = adapter_->open({scheduler_});
  }

  Outcome run(CommandKind kind, uint64_t number) {
    char key[17];
    std::snprintf(key, sizeof(key), "%016llu", static_cast<unsigned long long>(number));
    Command command = {.kind = kind, .key = {key, 16}, .key_hash = hash_integer_key(number)};
    if (kind == CommandKind::kSet) command.value = value_;
    session_->submit({&command, 1});
    Completion completion;
    EXPECT_EQ(session_->poll({&completion, 1}), 1u);
    return completion.outcome;
  }
  AdapterState state() { return adapter_->state(); }

 private:
  std::unique_ptr<Adapter> adapter_;
  VirtualScheduler scheduler_;
  std::unique_ptr<Session> session_;
  const std::string value_ = std::string(100, 'v');
};

class MemoryPerItem : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!kMallocIsGlibc) GTEST_SKIP() << "a sanitizer's malloc is not measured";
    heap_before_ = heap_in_use();
    cache_.emplace(Spec::parse(GetParam()));
  }
  // Beyond the payload, by the cache's account, which must be malloc's.
  void expect_at_most_sixty_bytes() {
    const AdapterState state = cache_->state();
    const auto used = static_cast<double>(*state.bytes_used);
    EXPECT_NEAR(used / static_cast<double>(heap_in_use() - heap_before_), 1.0, 0.01);
    EXPECT_EQ(state.items, kItems);
    EXPECT_EQ(state.payload_bytes, kItems * kPayloadBytes);
    const double overhead = used / kItems - kPayloadBytes;
    RecordProperty("overhead_bytes_per_item", std::to_string(overhead));
    EXPECT_LE(overhead, 60.0);
  }

  uint64_t heap_before_ = 0;
  std::optional<Filled> cache_;
};
using MemoryPerItemWithGhosts = MemoryPerItem;

TEST_P(MemoryPerItem, IsAtMostSixtyBytesBeyondThePayload) {
  for (uint64_t i = 0; i < kItems; ++i) {
    ASSERT_EQ(cache_->run(CommandKind::kSet, i), Outcome::kStored);
  }
  expect_at_most_sixty_bytes();
}

// Half of the items are used again, so that both lists of ARC fill up, and then their ghosts.
TEST_P(MemoryPerItemWithGhosts, IsAtMostSixtyBytesBeyondThePayload) {
  for (uint64_t i = 0; i < 4 * kItems; ++i) {
    ASSERT_EQ(cache_->run(CommandKind::kSet, i), Outcome::kStored);
    if (i % 2 == 0) cache_->run(CommandKind::kGet, i);
  }
  expect_at_most_sixty_bytes();
}

std::string name_of(const testing::TestParamInfo<const char*>& test) {
  std::string name = test.param;
  std::erase_if(name, [](char c) { return !std::isalnum(c); });
  return name;
}

// In bytes each item is charged 56 beside its payload.
INSTANTIATE_TEST_SUITE_P(LocalCaches, MemoryPerItem,
                         testing::Values("unbounded", "lru:entries=1M", "lru:capacity=172000000",
                                         "lfu:capacity=172000000",
                                         "lfu:tie=inserted,capacity=172000000",
                                         "fifo:capacity=172000000", "clock:capacity=172000000",
                                         "random:capacity=172000000", "ttl:capacity=172000000",
                                         "sieve:capacity=172000000", "s3fifo:capacity=172000000",
                                         "arc:capacity=172000000", "2q:capacity=172000000",
                                         "slru:capacity=172000000", "wtinylfu:capacity=172000000"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(LocalCaches, MemoryPerItemWithGhosts,
                         testing::Values("s3fifo:entries=1M", "arc:entries=1M",
                                         "s3fifo:capacity=172000000", "arc:capacity=172000000",
                                         "2q:capacity=172000000"),
                         name_of);

}  // namespace
}  // namespace cachegauge
