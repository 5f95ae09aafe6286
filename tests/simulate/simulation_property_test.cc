// Random gets, sets, adds and deletes with sizes and TTLs: for every policy of the list, the
// simulator and the cache that holds keys and values count the same and evict the same objects in
// the same order.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/local/cache.h"
#include "adapters/local/policies/policy_list.h"
#include "harness/core/random.h"
#include "harness/simulate/simulation.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

struct Mix {
  PolicyCapacity capacity;
  uint64_t keys;
  uint64_t sets, adds, deletes;  // percent; the others are gets
  uint64_t largest_value;
  int64_t largest_ttl_ns;  // of half the requests; 0: no TTLs
  bool fills_misses;
};

constexpr Mix kMixes[] = {
    {{.limit = 50}, 200, 0, 0, 0, 0, 0, true},  // what the simulator has a loop of its own for
    {{.limit = 50}, 200, 0, 0, 0, 300, 0, true},
    {{.limit = 50}, 200, 30, 10, 5, 40, 0, false},
    {{.limit = 50}, 200, 20, 10, 5, 40, 300, true},
    {{.limit = 1}, 4, 30, 20, 20, 10, 10, true},
    {{.limit = 7}, 30, 20, 10, 3, 10, 0, true},
    {{.limit = 1000}, 300, 30, 10, 10, 400, 2000, true},  // never full
    {{.limit = 5000, .in_bytes = true}, 200, 30, 10, 5, 200, 0, true},
    {{.limit = 5000, .in_bytes = true}, 200, 40, 10, 2, 200, 300, false},
    {{.limit = 900, .in_bytes = true}, 40, 50, 5, 5, 1000, 100, true},  // some values never fit
};

struct Removal {
  uint64_t key;
  bool expired;
  bool operator==(const Removal&) const = default;
};

struct CacheObserver {
  std::vector<Removal>* removals;
  void removed(std::string_view key, bool expired) {
    removals->push_back({std::stoull(std::string(key)), expired});
  }
};

struct IdListener {
  std::vector<Removal>* removals;
  const std::vector<uint64_t>* keys;  // by id
  void removed(uint32_t id, bool expired) { removals->push_back({(*keys)[id], expired}); }
};

std::vector<Request> random_requests(const Mix& mix, uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<Request> requests;
  int64_t now = 0;
  for (int i = 0; i < 4000; ++i) {
    now += static_cast<int64_t>(random.below(4));
    // The smaller of two draws: lower numbers are more popular.
    const uint64_t key = std::min(random.below(mix.keys), random.below(mix.keys));
    const uint64_t value = random.below(mix.largest_value + 1);
    const bool has_ttl = mix.largest_ttl_ns > 0 && random.below(2) == 0;
    const int64_t ttl = has_ttl ? 1 + static_cast<int64_t>(random.below(mix.largest_ttl_ns)) : 0;
    const uint64_t draw = random.below(100);
    const Op op = draw < mix.sets                            ? Op::kSet
                  : draw < mix.sets + mix.adds               ? Op::kAdd
                  : draw < mix.sets + mix.adds + mix.deletes ? Op::kDelete
                                                             : Op::kGet;
    requests.push_back(InMemoryWorkload::request(op, key, value, ttl, now));
  }
  return requests;
}

std::vector<uint64_t> keys_by_id(const std::vector<Request>& requests) {
  std::vector<uint64_t> keys;
  std::map<uint64_t, bool> known;
  for (const Request& request : requests) {
    if (known.emplace(request.integer_key, true).second) keys.push_back(request.integer_key);
  }
  return keys;
}

// What the cache-aside pattern does with a local cache, counted.
template <class Cache>
SimulationCounts replay(Cache& cache, const std::vector<Request>& requests, bool fills_misses) {
  SimulationCounts counts;
  const auto store = [&](Outcome outcome) {
    if (outcome == Outcome::kStored) ++counts.admissions;
  };
  for (const Request& r : requests) {
    const std::string text = std::to_string(r.integer_key);
    const HashedKey key{text, r.key_hash()};
    const std::string value(r.value_size_bytes, 'v');
    ++counts.requests;
    switch (r.op) {
      case Op::kGet: {
        ++counts.gets;
        const auto found = cache.get(key, r.time_ns);
        counts.hits += found.has_value();
        counts.misses += !found.has_value();
        counts.get_bytes += found ? found->size() : value.size();
        counts.hit_bytes += found ? found->size() : 0;
        if (!found && fills_misses) store(cache.set(key, value, r.ttl_ns, r.time_ns));
        break;
      }
      case Op::kSet:
        ++counts.sets;
        cache.set(key, value, r.ttl_ns, r.time_ns);
        break;
      case Op::kAdd:
        ++counts.adds;
        store(cache.add(key, value, r.ttl_ns, r.time_ns));
        break;
      case Op::kDelete:
        ++counts.deletes;
        cache.erase(key, r.time_ns);
        break;
    }
  }
  counts.evictions = cache.stats().evictions;
  counts.expirations = cache.stats().expirations;
  counts.not_admitted = cache.stats().not_admitted;
  return counts;
}

void expect_same(const SimulationCounts& simulated, const SimulationCounts& real) {
  EXPECT_EQ(simulated.requests, real.requests);
  EXPECT_EQ(simulated.gets, real.gets);
  EXPECT_EQ(simulated.hits, real.hits);
  EXPECT_EQ(simulated.misses, real.misses);
  EXPECT_EQ(simulated.sets, real.sets);
  EXPECT_EQ(simulated.adds, real.adds);
  EXPECT_EQ(simulated.deletes, real.deletes);
  EXPECT_EQ(simulated.evictions, real.evictions);
  EXPECT_EQ(simulated.expirations, real.expirations);
  EXPECT_EQ(simulated.not_admitted, real.not_admitted);
  EXPECT_EQ(simulated.get_bytes, real.get_bytes);
  EXPECT_EQ(simulated.hit_bytes, real.hit_bytes);
  if (real.sets == 0) {
    EXPECT_EQ(simulated.admissions, real.admissions);
  }
}

// How many objects an admission filter turned away.
template <class Policy>
uint64_t compare(const Mix& mix, uint64_t seed, const std::string& params) {
  const std::vector<Request> requests = random_requests(mix, seed);
  const std::vector<uint64_t> keys = keys_by_id(requests);
  const Spec spec = Spec::parse(std::string(Policy::kInfo.name) + params);

  std::vector<Removal> removed_by_cache;
  LocalCache<Policy, CacheObserver> cache({mix.capacity, spec}, {&removed_by_cache});
  const SimulationCounts real = replay(cache, requests, mix.fills_misses);

  std::vector<Removal> removed_by_simulation;
  const InternedTrace trace(InMemoryWorkload(requests), {}, UINT64_MAX);
  const SimulationSetup setup = {
      .policy = spec, .capacity = mix.capacity, .fills_misses = mix.fills_misses};
  Simulation<Policy, IdListener> simulation(trace, setup, {&removed_by_simulation, &keys});
  expect_same(simulation.run(false), real);
  EXPECT_EQ(simulation.policy().used(), cache.policy().used());
  EXPECT_TRUE(removed_by_simulation == removed_by_cache);
  return real.not_admitted;
}

template <class Policy>
uint64_t compare_all(const std::string& params = "") {
  uint64_t not_admitted = 0;
  for (Mix mix : kMixes) {
    if ((Policy::kInfo.needs & kNeedsCapacity) == 0) mix.capacity = {};
    for (uint64_t seed = 1; seed <= (kSanitized ? 2 : 4); ++seed) {
      SCOPED_TRACE(testing::Message()
                   << Policy::kInfo.name << params << ", limit " << mix.capacity.limit << ", ttl "
                   << mix.largest_ttl_ns << ", seed " << seed);
      not_admitted += compare<Policy>(mix, seed, params);
      if (testing::Test::HasFailure()) return not_admitted;
    }
  }
  return not_admitted;
}

TEST(SimulationProperty, EveryPolicyDoesWhatTheRealCacheDoes) {
  AllPolicies::for_each([]<class Policy>() {
    if constexpr ((Policy::kInfo.needs & kNeedsTheFuture) == 0) compare_all<Policy>();
  });
}

TEST(SimulationProperty, ATtlOfThePolicyIsThatOfTheRealCache) {
  compare_all<TtlPolicy>(":ttl=200ns");
}

TEST(SimulationProperty, AdmissionTurnsAwayWhatItDoesInTheRealCache) {
  for (const char* filter :
       {":admission=size,admission.max=100B", ":admission=probability",
        ":admission=probability,admission.c=50B", ":admission=bloom,admission.window=20",
        ":admission=adaptsize,admission.window=1000"}) {
    EXPECT_GT(compare_all<LruPolicy>(filter), 0u) << filter;
  }
  EXPECT_GT(compare_all<S3FifoPolicy>(":admission=bloom,admission.window=50"), 0u);
  EXPECT_GT(compare_all<TtlPolicy>(":ttl=200ns,admission=probability"), 0u);
}

TEST(SimulationProperty, TinyLfuComparesWithTheVictimOfTheRealCache) {
  EXPECT_GT(compare_all<LruPolicy>(":admission=tinylfu"), 0u);
  EXPECT_GT(compare_all<ClockPolicy>(":admission=tinylfu"), 0u);
  EXPECT_GT(compare_all<SievePolicy>(":admission=tinylfu"), 0u);
  EXPECT_GT(compare_all<SlruPolicy>(":admission=tinylfu"), 0u);
  EXPECT_GT(compare_all<TtlPolicy>(":ttl=200ns,admission=tinylfu"), 0u);
}

}  // namespace
}  // namespace cachegauge
