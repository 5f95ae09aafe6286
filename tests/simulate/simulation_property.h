// Random gets, sets, adds and deletes with sizes and TTLs: for every policy of the list, the
// simulator and the cache that holds keys and values count the same and evict the same objects in
// the same order. simulation_property_part.cc.in is the test of one part of the list.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "adapters/local/cache.h"
#include "adapters/local/policies/policy_list.h"
#include "harness/simulate/simulation.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/sanitized.h"

namespace cachegauge {

struct SimulationMix {
  PolicyCapacity capacity;
  uint64_t keys;
  uint64_t sets, adds, deletes;  // percent; the others are gets
  uint64_t largest_value;
  int64_t largest_ttl_ns;  // of half the requests; 0: no TTLs
  bool fills_misses;
};

extern const std::vector<SimulationMix> kSimulationMixes;

std::vector<Request> random_requests(const SimulationMix& mix, uint64_t seed);
std::vector<uint64_t> keys_by_id(const std::vector<Request>& requests);
void expect_same(const SimulationCounts& simulated, const SimulationCounts& real);

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

// How many objects an admission filter turned away.
template <class Policy>
uint64_t compare(const SimulationMix& mix, uint64_t seed, const std::string& params) {
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
  for (SimulationMix mix : kSimulationMixes) {
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

}  // namespace cachegauge
