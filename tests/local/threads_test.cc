// Several threads on one cache, each with a session of its own; under TSan in CI.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "adapters/local/local_adapters.h"
#include "harness/core/random.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

constexpr uint32_t kThreads = 4;
constexpr uint64_t kKeys = 2000;
constexpr int kCommands = kSanitized ? 5'000 : 30'000;  // of a thread

struct Counts {
  std::atomic<uint64_t> stored = 0;
  std::atomic<uint64_t> deleted = 0;
  std::atomic<uint64_t> wrong_values = 0;
};

// Gets, adds and deletes of shared keys. A key's value says which key it is.
void use(Adapter& adapter, uint32_t thread, Counts& counts) {
  VirtualScheduler scheduler;
  const std::unique_ptr<Session> session = adapter.open({.scheduler = scheduler, .client = thread});
  SplitMix64 random(thread);
  for (int i = 0; i < kCommands; ++i) {
    const uint64_t number = std::min(random.below(kKeys), random.below(kKeys));
    const std::string key = std::to_string(number);
    const std::string value = key + std::string(number % 100, '.');
    const uint64_t op = random.below(10);
    const Command command = {.kind = op < 6   ? CommandKind::kGet
                                     : op < 9 ? CommandKind::kAdd
                                              : CommandKind::kDelete,
                             .key = key,
                             .key_hash = hash_integer_key(number),
                             .value = value};
    session->submit({&command, 1});
    Completion done;
    if (session->poll({&done, 1}) != 1) ++counts.wrong_values;
    if (done.outcome == Outcome::kHit && done.value != value) ++counts.wrong_values;
    if (done.outcome == Outcome::kStored) ++counts.stored;
    if (done.outcome == Outcome::kDeleted) ++counts.deleted;
  }
}

TEST(LocalThreads, ShareACacheWithoutLosingCount) {
  for (const AdapterKind& kind : local_adapter_kinds()) {
    if (kind.name == "null") continue;
    for (const char* shards : {"1", "3"}) {
      SCOPED_TRACE(std::string(kind.name) + ", shards " + shards);
      Spec spec{std::string(kind.name)};
      spec.set("shards", shards);
      const std::unique_ptr<Adapter> adapter =
          kind.make(spec, {.memory_bytes = 60'000, .threads = kThreads});
      adapter->start();
      Counts counts;
      std::vector<std::thread> threads;
      for (uint32_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] { use(*adapter, i, counts); });
      }
      for (std::thread& thread : threads) thread.join();
      const AdapterState state = adapter->state();
      EXPECT_EQ(counts.wrong_values, 0u);
      EXPECT_EQ(counts.stored, counts.deleted + *state.evictions + *state.items);
      EXPECT_EQ(*state.evictions > 0, kind.name != "unbounded");
    }
  }
}

}  // namespace
}  // namespace cachegauge
