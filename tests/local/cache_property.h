// Random gets, sets, adds and deletes with sizes and TTLs: a local cache against the naive model,
// answer by answer and victim by victim.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/local/cache.h"
#include "harness/core/random.h"
#include "tests/local/naive_cache.h"
#include "tests/support/sanitized.h"

namespace cachegauge {

struct RecordingObserver {
  std::vector<NaiveCache::Removal>* removals;
  void removed(std::string_view key, bool expired) {
    removals->push_back({std::string(key), expired});
  }
};

// What the random requests are like.
struct Mix {
  PolicyCapacity capacity;
  uint64_t keys;
  uint64_t sets, adds, deletes;  // percent; the others are gets
  uint64_t largest_value;
  int64_t largest_ttl_ns;  // of half the stores; 0: no TTLs
};

inline constexpr Mix kMixes[] = {
    {{.limit = 50}, 200, 30, 10, 5, 40, 0},
    {{.limit = 50}, 200, 30, 10, 5, 40, 300},
    {{.limit = 1}, 4, 30, 20, 20, 10, 10},
    {{.limit = 2}, 6, 30, 10, 10, 10, 0},
    {{.limit = 7}, 30, 20, 10, 3, 10, 0},
    {{.limit = 1000}, 300, 30, 10, 10, 400, 2000},  // never full
    {{.limit = 5000, .in_bytes = true}, 200, 30, 10, 5, 200, 0},
    {{.limit = 5000, .in_bytes = true}, 200, 40, 10, 2, 200, 300},
    {{.limit = 900, .in_bytes = true}, 40, 50, 5, 5, 1000, 100},  // some values never fit
    {{.limit = 200'000, .in_bytes = true}, 30, 50, 5, 5, 150'000, 100},
};

template <class Policy, class Order>
void compare(const Mix& mix, uint64_t seed, int steps, std::string_view params) {
  SplitMix64 random(seed);
  Order order;
  NaiveCache naive(mix.capacity, order, params.find("admission=tinylfu") != params.npos);
  const Spec spec = Spec::parse(std::string(Policy::kInfo.name) + std::string(params));
  std::vector<NaiveCache::Removal> removals;
  LocalCache<Policy, RecordingObserver> cache({mix.capacity, spec}, {&removals});
  int64_t now = 0;
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    now += static_cast<int64_t>(random.below(4));
    // The smaller of two draws: lower numbers are more popular.
    const uint64_t number = std::min(random.below(mix.keys), random.below(mix.keys));
    const std::string text = std::string(number % 7, 'k') + std::to_string(number);
    const HashedKey key{text, hash_text_key(text)};
    const std::string value(random.below(mix.largest_value + 1),
                            static_cast<char>(random.below(256)));
    const int64_t ttl = mix.largest_ttl_ns > 0 && random.below(2) == 0
                            ? 1 + static_cast<int64_t>(random.below(mix.largest_ttl_ns))
                            : 0;
    const uint64_t op = random.below(100);
    if (op < mix.sets) {
      ASSERT_EQ(cache.set(key, value, ttl, now), naive.set(text, value, ttl, now));
    } else if (op < mix.sets + mix.adds) {
      ASSERT_EQ(cache.add(key, value, ttl, now), naive.add(text, value, ttl, now));
    } else if (op < mix.sets + mix.adds + mix.deletes) {
      ASSERT_EQ(cache.erase(key, now), naive.erase(text, now));
    } else {
      ASSERT_EQ(cache.get(key, now), naive.get(text, now));
    }
    if (order.default_ttl() > 0) {  // what expires at one time is swept in any order
      std::sort(removals.begin(), removals.end());
      std::sort(naive.removals.begin(), naive.removals.end());
    }
    ASSERT_EQ(removals, naive.removals);
    removals.clear();
    naive.removals.clear();
    const CacheStats stats = cache.stats();
    ASSERT_EQ(stats.items, naive.items());
    ASSERT_EQ(stats.payload_bytes, naive.payload_bytes());
    ASSERT_EQ(stats.expirations, naive.expirations);
    ASSERT_EQ(stats.not_admitted, naive.not_admitted);
    ASSERT_EQ(cache.policy().used(), naive.used());
    ASSERT_LE(cache.policy().used(), mix.capacity.limit);
  }
}

// As it is, and behind the filter that asks for the next victim.
template <class Policy, class Order>
void compare_all(const std::string& params = "") {
  const std::string filtered = params + (params.empty() ? ":" : ",") + "admission=tinylfu";
  for (const Mix& mix : kMixes) {
    for (uint64_t seed = 1; seed <= (kSanitized ? 2 : 4); ++seed) {
      SCOPED_TRACE(testing::Message() << "mix " << &mix - kMixes << ", seed " << seed);
      compare<Policy, Order>(mix, seed, 2500, params);
      if (testing::Test::HasFatalFailure()) return;
      if (seed % 2 == 0) compare<Policy, Order>(mix, seed, 2500, filtered);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace cachegauge
