#include "tests/simulate/simulation_property.h"

#include <algorithm>
#include <map>

#include "harness/core/random.h"
#include "tests/simulate/zipf_requests.h"

namespace cachegauge {

const std::vector<SimulationMix> kSimulationMixes = {
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

std::vector<Request> random_requests(const SimulationMix& mix, uint64_t seed) {
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

namespace {

TEST(SimulationProperty, AClockOfSeveralBitsIsThatOfTheRealCache) {
  compare_all<ClockPolicy>(":bits=2");
}

TEST(SimulationProperty, AWindowThatAdaptsIsThatOfTheRealCache) {
  compare_all<WTinyLfuPolicy>(":adaptive=on");
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
  EXPECT_GT(compare_all<TtlPolicy>(":ttl=200ns,admission=tinylfu"), 0u);
}

// A policy that serves many requests at a time counts as it does when it is asked one by one, and
// goes on from there.
template <class Policy>
void compare_runs_with_single_requests(const Spec& policy) {
  std::vector<Request> requests = zipf_requests(30'000, 5'000);
  for (Request& request : requests) request.value_size_bytes = 1;
  const InternedTrace trace(InMemoryWorkload(requests), {}, UINT64_MAX);
  const std::vector<uint64_t> keys = keys_by_id(requests);
  for (const uint64_t limit : {1, 2, 16, 1'000, 4'000}) {
    for (const uint64_t window : {uint64_t{0}, uint64_t{700}}) {
      SCOPED_TRACE(testing::Message() << limit << " entries, windows of " << window);
      SimulationSetup setup = {
          .policy = policy, .capacity = {.limit = limit}, .warmup_requests = 10'000};
      if (window > 0) setup.window.requests = window;
      std::vector<Removal> removed;
      Simulation<Policy, IdListener> single(trace, setup, {&removed, &keys});
      Simulation<Policy> runs(trace, setup);
      expect_same(runs.run(false), single.run(false));
      EXPECT_EQ(runs.policy().used(), single.policy().used());
    }
  }
}

TEST(SimulationProperty, ServesRunsAsSingleRequests) {
  compare_runs_with_single_requests<LruPolicy>(Spec("lru"));
  compare_runs_with_single_requests<MruPolicy>(Spec("mru"));
  compare_runs_with_single_requests<RandomPolicy>(Spec("random"));
  compare_runs_with_single_requests<FifoPolicy>(Spec("fifo"));
  compare_runs_with_single_requests<ClockPolicy>(Spec("clock"));
  compare_runs_with_single_requests<SievePolicy>(Spec("sieve"));
}

}  // namespace
}  // namespace cachegauge
