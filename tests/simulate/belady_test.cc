// Policies that know the future: Belady's on a sequence that can be followed by hand, against a
// naive model, and as the bound that no other policy passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/local/policies/policy_list.h"
#include "harness/core/random.h"
#include "harness/simulate/simulators.h"
#include "tests/local/letters.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

TEST(BeladyGolden, EvictsWhatIsUsedAgainLast) {
  Letters<BeladyPolicy> p(kThreeEntries);
  p.use_all("abcdabceab");
  // d comes for c, whose next use is the last; then, as d is not used again, c for d; and e for c.
  EXPECT_EQ(p.sink.victims, "cdc");
  EXPECT_EQ(p.residents(), "abe");
}

using Requests = std::vector<Request>;

// The next get or set of the request's key, unless a delete comes first.
size_t next_use(const Requests& requests, size_t position) {
  for (size_t i = position + 1; i < requests.size(); ++i) {
    if (requests[i].integer_key != requests[position].integer_key) continue;
    if (requests[i].op == Op::kDelete) break;
    if (requests[i].op != Op::kAdd) return i;
  }
  return requests.size();
}

// The hits of gets in a cache of so many entries.
uint64_t naive_belady_hits(const Requests& requests, uint64_t entries) {
  std::map<uint64_t, size_t> held;  // key -> next use
  uint64_t hits = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto& [key, op] = std::pair(requests[i].integer_key, requests[i].op);
    const bool live = held.contains(key);
    hits += live && op == Op::kGet;
    if (op == Op::kDelete) held.erase(key);
    if (op == Op::kDelete || (op == Op::kAdd && live)) continue;
    if (!live && held.size() == entries) {
      held.erase(std::max_element(held.begin(), held.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      }));
    }
    held[key] = next_use(requests, i);
  }
  return hits;
}

Requests random_requests(uint64_t seed, uint64_t sets, uint64_t adds, uint64_t deletes) {
  SplitMix64 random(seed);
  Requests requests;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t key = std::min(random.below(200), random.below(200));
    const uint64_t draw = random.below(100);
    const Op op = draw < sets                    ? Op::kSet
                  : draw < sets + adds           ? Op::kAdd
                  : draw < sets + adds + deletes ? Op::kDelete
                                                 : Op::kGet;
    requests.push_back(InMemoryWorkload::request(op, key));
  }
  return requests;
}

uint64_t hits(std::string_view policy, const Requests& requests, PolicyCapacity capacity) {
  InternedTrace trace(InMemoryWorkload(requests), {}, UINT64_MAX);
  trace.find_next_uses();
  const SimulationSetup setup = {.policy = Spec(std::string(policy)), .capacity = capacity};
  return require_simulator(policy).run(trace, setup, false).counts.hits;
}

TEST(Belady, AgreesWithTheNaiveModel) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const uint64_t entries : {1, 2, 7, 50, 300}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << entries << " entries");
      for (const Requests& requests :
           {random_requests(seed, 0, 0, 0), random_requests(seed, 20, 10, 5)}) {
        EXPECT_EQ(hits("belady", requests, {.limit = entries}),
                  naive_belady_hits(requests, entries));
      }
    }
  }
}

TEST(Belady, NoPolicyHitsMoreOftenWhereSizesAreEqual) {
  // Popular keys, a loop, a scan, and popular keys again.
  Requests requests = random_requests(1, 0, 0, 0);
  for (int i = 0; i < 3000; ++i) requests.push_back(InMemoryWorkload::request(Op::kGet, i % 61));
  for (int i = 0; i < 1000; ++i) requests.push_back(InMemoryWorkload::request(Op::kGet, 1000 + i));
  for (const Request& request : random_requests(2, 0, 0, 0)) requests.push_back(request);
  for (const uint64_t entries : {1, 2, 10, 60, 150}) {
    const uint64_t most = hits("belady", requests, {.limit = entries});
    EXPECT_GT(most, 0u);
    for (const PolicyInfo& policy : kPolicyTable) {
      if ((policy.needs & kNeedsCapacity) == 0) continue;
      EXPECT_LE(hits(policy.name, requests, {.limit = entries}), most)
          << policy.name << " with " << entries << " entries";
    }
  }
}

}  // namespace
}  // namespace cachegauge
