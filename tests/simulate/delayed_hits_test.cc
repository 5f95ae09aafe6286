// Fills that take time: sequences that can be followed by hand, a naive model, and the limit in
// which a fill arrives before the next request.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "adapters/local/policies/policy_list.h"
#include "harness/core/random.h"
#include "harness/simulate/simulation.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

using Requests = std::vector<Request>;

template <class Policy>
SimulationCounts simulate(const Requests& requests, uint64_t entries, int64_t origin_ns,
                          uint64_t warmup = 0) {
  InternedTrace trace(InMemoryWorkload(requests), {}, UINT64_MAX);
  if constexpr ((Policy::kInfo.needs & kNeedsTheFuture) != 0) trace.find_next_uses();
  const SimulationSetup setup = {.policy = Spec(std::string(Policy::kInfo.name)),
                                 .capacity = {.limit = entries},
                                 .warmup_requests = warmup,
                                 .origin_ns = origin_ns};
  return Simulation<Policy>(trace, setup).run(false);
}

Request at(int64_t time, char key, Op op = Op::kGet) {
  return InMemoryWorkload::request(op, static_cast<uint64_t>(key), 100, 0, time);
}

TEST(DelayedHits, AnObjectEntersWhenItsFillArrives) {
  const Requests requests = {
      at(0, 'a'),   // a miss; its fill arrives at 10
      at(4, 'a'),   // waits 6
      at(10, 'a'),  // a hit: the fill has just arrived
      at(11, 'b'),  // a miss, whose fill arrives at 21
      at(12, 'a'),  // a hit: a is still there
      at(21, 'a'),  // b has arrived and evicted a: a miss
      at(25, 'b'),  // a hit
  };
  const SimulationCounts c = simulate<LruPolicy>(requests, 1, 10);
  EXPECT_EQ(c.gets, 7u);
  EXPECT_EQ(c.hits, 3u);
  EXPECT_EQ(c.misses, 4u);
  EXPECT_EQ(c.delayed_hits, 1u);
  EXPECT_EQ(c.waited_ns, 36u);
  EXPECT_EQ(c.admissions, 2u);  // the last fill is still under way
  EXPECT_EQ(c.evictions, 1u);
  EXPECT_EQ(c.get_bytes, 700u);
  EXPECT_EQ(c.hit_bytes, 300u);
  const SimulationCounts later = simulate<LruPolicy>(requests, 1, 10, 1);
  EXPECT_EQ(later.misses, 3u);
  EXPECT_EQ(later.delayed_hits, 1u);  // of a fill that began in the warm-up
  EXPECT_EQ(later.waited_ns, 26u);
}

TEST(DelayedHits, WhatIsWrittenMeanwhileMakesAFillWorthless) {
  const SimulationCounts set =
      simulate<LruPolicy>({at(0, 'a'), at(3, 'a', Op::kSet), at(5, 'a'), at(20, 'a')}, 5, 10);
  EXPECT_EQ(set.hits, 2u);
  EXPECT_EQ(set.waited_ns, 10u);
  EXPECT_EQ(set.delayed_hits, 0u);
  EXPECT_EQ(set.admissions, 1u);
  const SimulationCounts erased =
      simulate<LruPolicy>({at(0, 'a'), at(1, 'a', Op::kDelete), at(2, 'a'), at(11, 'a'),
                           at(12, 'a'), at(30, 'b'), at(31, 'b', Op::kAdd), at(32, 'b')},
                          5, 10);
  EXPECT_EQ(erased.hits, 2u);          // at 12 and 32
  EXPECT_EQ(erased.delayed_hits, 1u);  // at 11, for the fill that began at 2
  EXPECT_EQ(erased.waited_ns, 10u + 10 + 1 + 10);
}

// At one moment: it makes no difference that the worthless fill would have arrived at the same
// time.
TEST(DelayedHits, AFillBegunAnewArrivesBehindThoseBegunBefore) {
  const SimulationCounts c = simulate<LruPolicy>(
      {at(0, 'a'), at(0, 'b'), at(0, 'a', Op::kDelete), at(0, 'a'), at(4, 'a'), at(10, 'a')}, 1,
      10);
  EXPECT_EQ(c.delayed_hits, 1u);
  EXPECT_EQ(c.hits, 1u);  // a came behind b, and evicted it
  EXPECT_EQ(c.waited_ns, 10u + 10 + 10 + 6);
}

TEST(DelayedHits, WhatKnowsTheFutureLooksBehindThoseWhoWaited) {
  const Requests requests = {at(0, 'a'),  at(1, 'b'),  at(5, 'a'),  at(12, 'c'), at(20, 'b'),
                             at(23, 'd'), at(30, 'b'), at(35, 'a'), at(40, 'c')};
  // c, arriving at 22, evicts a, whose next use is that at 35 and not the one at 5, which waited.
  const SimulationCounts c = simulate<BeladyPolicy>(requests, 2, 10);
  EXPECT_EQ(c.delayed_hits, 1u);
  EXPECT_EQ(c.hits, 3u);  // b at 20 and 30, and c
}

// LRU with a list, and a map of the fills under way.
class NaiveCache {
 public:
  NaiveCache(size_t entries, int64_t origin_ns) : entries_(entries), origin_ns_(origin_ns) {}

  void serve(const Request& request) {
    arrive_until(request.time_ns);
    const uint64_t key = request.integer_key;
    drop_expired(key, request.time_ns);
    const bool held = expiries_.contains(key);
    switch (request.op) {
      case Op::kGet:
        ++counts.gets;
        if (held) {
          ++counts.hits;
          touch(key);
        } else if (const auto fill = fills_.find(key); fill != fills_.end()) {
          ++counts.delayed_hits;
          counts.waited_ns += static_cast<uint64_t>(fill->second.time_ns - request.time_ns);
        } else {
          counts.waited_ns += static_cast<uint64_t>(origin_ns_);
          Request arrival = request;
          arrival.time_ns += origin_ns_;
          fills_[key] = arrival;
        }
        return;
      case Op::kSet:
        store(request);
        break;
      case Op::kAdd:
        if (!held) store(request);
        break;
      case Op::kDelete:
        if (held) remove(key);
        break;
    }
    fills_.erase(key);
  }

  SimulationCounts counts;

 private:
  void arrive_until(int64_t now) {
    while (!fills_.empty()) {
      const auto next = std::min_element(fills_.begin(), fills_.end(), [](auto& a, auto& b) {
        return a.second.time_ns < b.second.time_ns;
      });
      if (next->second.time_ns > now) return;
      store(next->second);
      fills_.erase(next);
    }
  }
  void drop_expired(uint64_t key, int64_t now) {
    const auto found = expiries_.find(key);
    if (found == expiries_.end() || now < found->second) return;
    ++counts.expirations;
    remove(key);
  }
  void store(const Request& request) {
    const uint64_t key = request.integer_key;
    if (!expiries_.contains(key) && order_.size() == entries_) {
      const uint64_t victim = order_.back();
      ++(request.time_ns >= expiries_[victim] ? counts.expirations : counts.evictions);
      remove(victim);
    }
    if (expiries_.contains(key)) order_.remove(key);
    order_.push_front(key);
    expiries_[key] = request.ttl_ns > 0 ? request.time_ns + request.ttl_ns : INT64_MAX;
  }
  void touch(uint64_t key) {
    order_.remove(key);
    order_.push_front(key);
  }
  void remove(uint64_t key) {
    order_.remove(key);
    expiries_.erase(key);
  }

  size_t entries_;
  int64_t origin_ns_;
  std::list<uint64_t> order_;  // the latest first
  std::map<uint64_t, int64_t> expiries_;
  std::map<uint64_t, Request> fills_;  // each at the time at which it arrives
};

// At least `step` apart, and one fill begins at a time, so that arrivals have one order.
Requests timed_requests(uint64_t seed, uint64_t writes, int64_t ttl, int64_t step) {
  SplitMix64 random(seed);
  Requests requests;
  int64_t now = 0;
  for (int i = 0; i < (kSanitized ? 2000 : 8000); ++i) {
    now += step + static_cast<int64_t>(random.below(5));
    const uint64_t draw = random.below(100);
    const Op op = draw < writes       ? Op::kSet
                  : draw < 2 * writes ? Op::kAdd
                  : draw < 3 * writes ? Op::kDelete
                                      : Op::kGet;
    const uint64_t key = std::min(random.below(100), random.below(100));
    const int64_t time_to_live = random.below(2) ? ttl : 0;
    requests.push_back(InMemoryWorkload::request(op, key, 100, time_to_live, now));
  }
  return requests;
}

TEST(DelayedHits, AgreeWithTheNaiveModel) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const int64_t origin_ns : {1, 7, 60, 1000}) {
      for (const auto& [writes, ttl] : {std::pair(0, 0), std::pair(5, 0), std::pair(5, 150)}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", origin " << origin_ns
                                        << ", writes " << writes << ", ttl " << ttl);
        const Requests requests = timed_requests(seed, writes, ttl, 1);
        NaiveCache naive(20, origin_ns);
        for (const Request& request : requests) naive.serve(request);
        const SimulationCounts c = simulate<LruPolicy>(requests, 20, origin_ns);
        EXPECT_EQ(c.gets, naive.counts.gets);
        EXPECT_EQ(c.hits, naive.counts.hits);
        EXPECT_EQ(c.misses, c.gets - c.hits);
        EXPECT_EQ(c.delayed_hits, naive.counts.delayed_hits);
        EXPECT_EQ(c.waited_ns, naive.counts.waited_ns);
        EXPECT_EQ(c.evictions, naive.counts.evictions);
        EXPECT_EQ(c.expirations, naive.counts.expirations);
      }
    }
  }
}

TEST(DelayedHits, AFillThatArrivesBeforeTheNextRequestChangesNothing) {
  Requests requests = timed_requests(1, 5, 0, 2);
  // By then the last fill has arrived.
  requests.push_back(InMemoryWorkload::request(Op::kDelete, 1000, 0, 0, int64_t{1} << 30));
  AllPolicies::for_each([&]<class Policy>() {
    const SimulationCounts at_once = simulate<Policy>(requests, 20, 0);
    const SimulationCounts waiting = simulate<Policy>(requests, 20, 1);
    EXPECT_EQ(waiting.hits, at_once.hits) << Policy::kInfo.name;
    EXPECT_EQ(waiting.evictions, at_once.evictions) << Policy::kInfo.name;
    EXPECT_EQ(waiting.delayed_hits, 0u);
    EXPECT_EQ(waiting.waited_ns, waiting.misses);
    EXPECT_EQ(at_once.waited_ns, 0u);
  });
}

}  // namespace
}  // namespace cachegauge
