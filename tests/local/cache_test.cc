#include "adapters/local/cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/local/local_adapters.h"
#include "adapters/local/policies/policy_list.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/local/cache_keys.h"

namespace cachegauge {
namespace {

// A cache of each policy, as the adapter has it, with the calls of LocalCache.
class EveryCache : public testing::TestWithParam<std::string> {
 protected:
  EveryCache() {
    const std::vector<AdapterKind> kinds = local_adapter_kinds();
    const Spec spec =
        Spec::parse(GetParam() == "unbounded" ? "unbounded" : GetParam() + ":entries=100");
    adapter_ = require_row<AdapterKind>(kinds, GetParam(), "adapter").make(spec, {});
    adapter_->start();
    session_ = adapter_->open({scheduler_});
  }

  // The value is valid until the next call.
  std::optional<std::string_view> get(const HashedKey& key, int64_t now_ns) {
    const Completion done = run({.kind = CommandKind::kGet, .now_ns = now_ns}, key);
    if (done.outcome == Outcome::kHit) return done.value;
    EXPECT_EQ(done.outcome, Outcome::kMiss);
    return std::nullopt;
  }
  Outcome set(const HashedKey& key, std::string_view value, int64_t ttl_ns, int64_t now_ns) {
    return run({.kind = CommandKind::kSet, .value = value, .ttl_ns = ttl_ns, .now_ns = now_ns}, key)
        .outcome;
  }
  Outcome add(const HashedKey& key, std::string_view value, int64_t ttl_ns, int64_t now_ns) {
    return run({.kind = CommandKind::kAdd, .value = value, .ttl_ns = ttl_ns, .now_ns = now_ns}, key)
        .outcome;
  }
  Outcome erase(const HashedKey& key, int64_t now_ns) {
    return run({.kind = CommandKind::kDelete, .now_ns = now_ns}, key).outcome;
  }
  AdapterState stats() { return adapter_->state(); }

 private:
  Completion run(Command command, const HashedKey& key) {
    command.key = key.bytes;
    command.key_hash = key.hash;
    Completion done;
    EXPECT_TRUE(session_->execute(command, done));
    return done;
  }

  VirtualScheduler scheduler_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Session> session_;
};

std::vector<std::string> names_of_policies() {
  std::vector<std::string> names;
  for (const PolicyInfo& policy : kPolicyTable) {
    if ((policy.needs & kNeedsTheFuture) == 0) names.emplace_back(policy.name);
  }
  return names;
}
INSTANTIATE_TEST_SUITE_P(Policies, EveryCache, testing::ValuesIn(names_of_policies()),
                         [](const auto& test) { return "of_" + test.param; });

TEST_P(EveryCache, GetSetAddDelete) {
  EXPECT_EQ(get(key("a"), 0), std::nullopt);
  EXPECT_EQ(set(key("a"), "1", 0, 0), Outcome::kStored);
  EXPECT_EQ(get(key("a"), 0), "1");
  EXPECT_EQ(set(key("a"), "a longer value", 0, 0), Outcome::kStored);
  EXPECT_EQ(get(key("a"), 0), "a longer value");
  EXPECT_EQ(add(key("a"), "2", 0, 0), Outcome::kNotStored);
  EXPECT_EQ(get(key("a"), 0), "a longer value");
  EXPECT_EQ(erase(key("a"), 0), Outcome::kDeleted);
  EXPECT_EQ(erase(key("a"), 0), Outcome::kNotFound);
  EXPECT_EQ(get(key("a"), 0), std::nullopt);
  EXPECT_EQ(add(key("a"), "2", 0, 0), Outcome::kStored);
  EXPECT_EQ(get(key("a"), 0), "2");
  EXPECT_EQ(stats().items, 1u);
  EXPECT_EQ(stats().payload_bytes, 2u);
}

TEST_P(EveryCache, EmptyBinaryAndLargeKeysAndValues) {
  const std::string binary("\0\r\n\xff\0", 5);
  const std::string large(1 << 20, 'v');
  const std::string long_key(70'000, 'k');
  EXPECT_EQ(set(key(""), "", 0, 0), Outcome::kStored);
  EXPECT_EQ(set(key(binary), binary, 0, 0), Outcome::kStored);
  EXPECT_EQ(set(key(long_key), large, 0, 0), Outcome::kStored);
  EXPECT_EQ(get(key(""), 0), "");
  EXPECT_EQ(get(key(binary), 0), binary);
  EXPECT_EQ(get(key(long_key), 0), large);
  EXPECT_EQ(get(key(std::string_view(binary).substr(0, 4)), 0), std::nullopt);
}

TEST_P(EveryCache, KeysOfOneHashAreToldApart) {
  for (const char* text : {"a", "b", "c"}) set({text, 42}, text, 0, 0);
  EXPECT_EQ(get({"a", 42}, 0), "a");
  EXPECT_EQ(get({"c", 42}, 0), "c");
  EXPECT_EQ(get({"d", 42}, 0), std::nullopt);
  EXPECT_EQ(erase({"b", 42}, 0), Outcome::kDeleted);
  EXPECT_EQ(get({"c", 42}, 0), "c");
}

TEST_P(EveryCache, ExpiresWhenTheTtlHasPassed) {
  set(key("a"), "1", 10, 5);
  set(key("b"), "2", 0, 5);
  EXPECT_EQ(get(key("a"), 14), "1");
  EXPECT_EQ(stats().expirations, 0u);
  EXPECT_EQ(get(key("a"), 15), std::nullopt);
  EXPECT_EQ(stats().expirations, 1u);
  EXPECT_EQ(stats().items, 1u);
  EXPECT_EQ(get(key("b"), 1'000'000), "2");
}

TEST_P(EveryCache, OnlyASetRenewsATtl) {
  set(key("a"), "1", 10, 0);
  EXPECT_EQ(get(key("a"), 9), "1");
  EXPECT_EQ(add(key("a"), "2", 100, 9), Outcome::kNotStored);
  EXPECT_EQ(get(key("a"), 10), std::nullopt);
  EXPECT_EQ(add(key("a"), "2", 10, 10), Outcome::kStored);
  EXPECT_EQ(set(key("a"), "3", 10, 15), Outcome::kStored);
  EXPECT_EQ(get(key("a"), 24), "3");
  EXPECT_EQ(set(key("a"), "4", 0, 24), Outcome::kStored);  // without a TTL: for ever
  EXPECT_EQ(get(key("a"), 1'000'000), "4");
}

TEST_P(EveryCache, AnExpiredEntryIsAbsentToEveryCommand) {
  for (const char* text : {"get", "set", "add", "del"}) set(key(text), "old", 10, 0);
  EXPECT_EQ(get(key("get"), 10), std::nullopt);
  EXPECT_EQ(set(key("set"), "new", 0, 10), Outcome::kStored);
  EXPECT_EQ(add(key("add"), "new", 0, 10), Outcome::kStored);
  EXPECT_EQ(erase(key("del"), 10), Outcome::kNotFound);
  EXPECT_EQ(stats().expirations, 4u);
  EXPECT_EQ(stats().evictions, 0u);
  EXPECT_EQ(stats().items, 2u);
}

TEST_P(EveryCache, TheLongestTtlDoesNotOverflow) {
  set(key("a"), "1", std::numeric_limits<int64_t>::max(), 1'000);
  EXPECT_EQ(get(key("a"), 1'001), "1");
}

TEST(Cache, AnExpiredVictimCountsAsAnExpiration) {
  LocalCache<LruPolicy> cache({{.limit = 2}, kNoParams});
  cache.set(key("a"), "1", 10, 0);
  cache.set(key("b"), "2", 0, 0);
  cache.set(key("c"), "3", 0, 10);  // a is the victim, and has expired
  EXPECT_EQ(cache.stats().expirations, 1u);
  EXPECT_EQ(cache.stats().evictions, 0u);
  cache.set(key("d"), "4", 0, 10);
  EXPECT_EQ(cache.stats().evictions, 1u);
}

TEST(Cache, ByteCapacityChargesKeyValueAndAFixedPartPerItem) {
  const uint64_t item = 3 + 10 + kItemChargeBytes;
  LocalCache<FifoPolicy> cache({{.limit = 2 * item, .in_bytes = true}, kNoParams});
  const std::string ten(10, 'v');
  cache.set(key("aaa"), ten, 0, 0);
  cache.set(key("bbb"), ten, 0, 0);
  EXPECT_EQ(cache.stats().evictions, 0u);
  EXPECT_EQ(cache.policy().used(), 2 * item);
  cache.set(key("bbb"), ten + "x", 0, 0);  // one byte more, and the oldest goes
  EXPECT_EQ(cache.stats().evictions, 1u);
  EXPECT_EQ(cache.get(key("aaa"), 0), std::nullopt);
  EXPECT_EQ(cache.get(key("bbb"), 0), ten + "x");
}

TEST(Cache, ASetThatEvictsItsOwnEntryStoresItAnew) {
  const uint64_t small = 1 + 1 + kItemChargeBytes;
  LocalCache<FifoPolicy> cache({{.limit = 2 * small, .in_bytes = true}, kNoParams});
  cache.set(key("a"), "1", 0, 0);
  cache.set(key("b"), "2", 0, 0);
  // For FIFO a is the oldest, so making room for its longer value takes a itself.
  EXPECT_EQ(cache.set(key("a"), "10", 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.get(key("a"), 0), "10");
  EXPECT_EQ(cache.get(key("b"), 0), std::nullopt);
}

TEST(Cache, WhatCannotFitIsNotStoredAndTakesTheOldValueWithIt) {
  LocalCache<LruPolicy> cache({{.limit = 300, .in_bytes = true}, kNoParams});
  const std::string large(300, 'v');
  cache.set(key("a"), "1", 0, 0);
  cache.set(key("b"), "2", 0, 0);
  EXPECT_EQ(cache.set(key("c"), large, 0, 0), Outcome::kNotStored);
  EXPECT_EQ(cache.set(key("b"), large, 0, 0), Outcome::kNotStored);
  EXPECT_EQ(cache.get(key("b"), 0), std::nullopt) << "the old value would be stale";
  EXPECT_EQ(cache.get(key("a"), 0), "1");
}

TEST(Cache, GivesBackAllMemoryButTheTables) {
  LocalCache<LruPolicy> cache({{.limit = 1000}, kNoParams});
  const std::string value(10'000, 'v');
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2000; ++i) cache.set(key(std::to_string(i)), value, 0, 0);
    EXPECT_GT(cache.stats().bytes_used, 10'000'000u);
    for (int i = 0; i < 2000; ++i) cache.erase(key(std::to_string(i)), 0);
    EXPECT_EQ(cache.stats().payload_bytes, 0u);
    EXPECT_LT(cache.stats().bytes_used, 50'000u);
  }
}

// FIFO with ghosts that it never forgets, and a record of whom it was allowed to remember: the part
// of the contract that the policies of today do not use.
class RememberingPolicy {
 public:
  static constexpr PolicyInfo kInfo = {.name = "remembering", .summary = "", .paper = ""};
  explicit RememberingPolicy(const PolicySettings& settings) : fifo_(settings) {}

  template <class Sink>
  void hit(const Access&, Sink&) {}
  template <class Sink>
  bool resize(const Access& access, uint64_t old_size, Sink& sink) {
    Recorder<Sink> recorder{*this, sink};
    return fifo_.resize(access, old_size, recorder);
  }
  template <class Sink>
  bool insert(const Access& access, Sink& sink, uint32_t named = kNoSlot) {
    Recorder<Sink> recorder{*this, sink};
    return fifo_.insert(access, recorder, named);
  }
  template <class Sink>
  uint32_t next_victim(const Access& access, Sink& sink) {
    return fifo_.next_victim(access, sink);
  }
  template <class Sink>
  void erase(uint32_t slot, Sink& sink) {
    fifo_.erase(slot, sink);
  }
  bool resident(uint32_t slot) const { return fifo_.resident(slot); }
  void prefetch(uint32_t slot) const { fifo_.prefetch(slot); }
  void reserve(uint32_t slots) { fifo_.reserve(slots); }
  uint64_t used() const { return fifo_.used(); }
  uint64_t items() const { return fifo_.items(); }
  size_t bytes() const { return fifo_.bytes(); }

  std::vector<bool> may_remember;

 private:
  template <class Sink>
  struct Recorder {
    RememberingPolicy& policy;
    Sink& sink;
    uint64_t size(uint32_t slot) const { return sink.size(slot); }
    bool evicted(uint32_t slot) {
      policy.may_remember.push_back(sink.evicted(slot));
      return policy.may_remember.back();
    }
    void forgotten(uint32_t slot) { sink.forgotten(slot); }
  };
  FifoPolicy fifo_;
};

TEST(Cache, TellsThePolicyWhatMayBecomeAGhost) {
  const uint64_t small = 1 + 1 + kItemChargeBytes;
  LocalCache<RememberingPolicy> cache({{.limit = 2 * small, .in_bytes = true}, kNoParams});
  cache.set(key("a"), "1", 10, 0);
  cache.set(key("b"), "2", 0, 0);
  cache.set(key("c"), "3", 0, 10);   // a goes, expired
  cache.set(key("d"), "4", 0, 10);   // b goes, live
  cache.set(key("c"), "33", 0, 10);  // c goes, to be stored anew; then d, live
  EXPECT_EQ(cache.policy().may_remember, (std::vector<bool>{false, true, false, true}));
}

}  // namespace
}  // namespace cachegauge
