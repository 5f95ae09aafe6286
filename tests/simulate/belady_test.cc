// Policies that know the future: Belady's on a sequence that can be followed by hand, against a
// naive model, and as the bound that no other policy passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
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

// A policy of ten bytes that holds a (6 bytes) and b (3) when c (4) comes at `position`.
std::string sized_victims(uint64_t a_next, uint64_t b_next, uint64_t position) {
  Letters<BeladySizePolicy> p(kTenBytes);
  p.use('a', 6, a_next, 0);
  p.use('b', 3, b_next, 1);
  p.use('c', 4, kNeverUsed, position);
  return p.sink.victims;
}

TEST(BeladySizeGolden, EvictsTheLargestProductOfSizeAndTimeToTheNextUse) {
  EXPECT_EQ(sized_victims(12, 20, 2), "a");  // 6 × 10 = 60 beats 3 × 18 = 54
  EXPECT_EQ(sized_victims(12, 20, 3), "a");  // 6 × 9 = 54 beats 3 × 17 = 51
  EXPECT_EQ(sized_victims(12, 20, 4), "a");  // 6 × 8 = 3 × 16: the larger goes
  EXPECT_EQ(sized_victims(12, 20, 5), "b");  // 6 × 7 = 42, and 3 × 15 = 45
  EXPECT_EQ(sized_victims(12, kNeverUsed, 2), "b");
  EXPECT_EQ(sized_victims(kNeverUsed, kNeverUsed, 2), "a");
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

// The rule of belady_size.h, written as plainly as can be. Objects are numbered in the order in
// which they first came.
class NaiveBeladySize {
 public:
  NaiveBeladySize(const Requests& requests, PolicyCapacity capacity)
      : requests_(requests), capacity_(capacity) {}

  uint64_t hits() {
    uint64_t hits = 0;
    for (; now_ < requests_.size(); ++now_) {
      const Request& request = requests_[now_];
      const uint64_t id = ids_.emplace(request.integer_key, ids_.size()).first->second;
      const bool live = held_.contains(id);
      if (request.op == Op::kDelete) {
        held_.erase(id);
      } else if (request.op == Op::kAdd) {
        if (!live) insert(id);
      } else {
        hits += live && request.op == Op::kGet;
        if (live) held_[id].next = next_use(requests_, now_);
        if (live && request.op == Op::kSet) resize(id);
        if (!held_.contains(id)) insert(id);
      }
    }
    return hits;
  }

 private:
  struct Object {
    uint64_t size;
    size_t next;
  };

  uint64_t charge_now() const {
    const Request& request = requests_[now_];
    return charge(capacity_, std::to_string(request.integer_key).size(), request.value_size_bytes);
  }
  uint64_t used() const {
    uint64_t sum = 0;
    for (const auto& [id, object] : held_) sum += object.size;
    return sum;
  }
  // Never used again, product, size: of the object that goes next the greatest.
  std::tuple<bool, uint64_t, uint64_t> worth_losing(const Object& object) const {
    if (object.next == requests_.size()) return {true, 0, object.size};
    return {false, object.size * (object.next - now_), object.size};
  }
  void evict() {
    held_.erase(std::max_element(held_.begin(), held_.end(), [&](const auto& a, const auto& b) {
      return worth_losing(a.second) < worth_losing(b.second);
    }));
  }
  void resize(uint64_t id) {
    held_[id].size = charge_now();
    if (charge_now() > capacity_.limit) held_.erase(id);
    while (used() > capacity_.limit) evict();
  }
  void insert(uint64_t id) {
    if (charge_now() > capacity_.limit) return;
    while (used() + charge_now() > capacity_.limit) evict();
    held_[id] = {charge_now(), next_use(requests_, now_)};
  }

  const Requests& requests_;
  PolicyCapacity capacity_;
  std::map<uint64_t, uint64_t> ids_;  // by key
  std::map<uint64_t, Object> held_;   // by id
  size_t now_ = 0;
};

TEST(BeladySize, AgreesWithTheNaiveModel) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    for (const uint64_t limit : {300, 2000, 10'000, 100'000}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << limit << " bytes");
      const PolicyCapacity capacity = {.limit = limit, .in_bytes = true};
      for (Requests requests : {random_requests(seed, 0, 0, 0), random_requests(seed, 20, 10, 5)}) {
        SplitMix64 random(seed);
        for (Request& request : requests) request.value_size_bytes = random.below(500);
        EXPECT_EQ(hits("beladysize", requests, capacity),
                  NaiveBeladySize(requests, capacity).hits());
      }
    }
  }
}

TEST(BeladySize, IsBeladyWhereSizesAreEqual) {
  for (const uint64_t entries : {1, 2, 7, 50, 300}) {
    const Requests requests = random_requests(1, 20, 0, 5);
    EXPECT_EQ(hits("beladysize", requests, {.limit = entries}),
              hits("belady", requests, {.limit = entries}));
  }
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

// What it takes beyond what reserve() took, at the most.
template <class Policy>
size_t most_bytes(const InternedTrace& trace, uint64_t limit) {
  const Spec spec(std::string(Policy::kInfo.name));
  Policy policy({{.limit = limit}, spec});
  policy.reserve(trace.unique_keys());
  const size_t reserved = policy.bytes();
  DeafSink sink;
  size_t most = 0;
  uint64_t position = 0;
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i, ++position) {
      const Access access = {
          .slot = chunk.ids[i], .next_use = chunk.next_use(i, position), .position = position};
      if (policy.resident(access.slot)) {
        policy.hit(access, sink);
      } else {
        policy.insert(access, sink);
      }
      if (position % 256 == 0) most = std::max(most, policy.bytes() - reserved);
    }
  }
  return most;
}

TEST(Belady, TakesNoMoreMemoryThanIsPlannedFor) {
  constexpr size_t kPage = 16384 * sizeof(uint64_t);  // of which a part may lie in the past
  std::vector<uint64_t> loop, scan;
  for (uint64_t i = 0; i < 100'000; ++i) {
    loop.push_back(i % 20'000);
    scan.push_back(i);
  }
  for (const InMemoryWorkload& workload :
       {InMemoryWorkload::popular_low_numbers(100'000, 20'000), InMemoryWorkload::gets(loop),
        InMemoryWorkload::gets(scan)}) {
    InternedTrace trace(workload, {}, UINT64_MAX);
    trace.find_next_uses();
    for (const uint64_t limit : {1000, 10'000}) {
      EXPECT_LE(most_bytes<BeladyPolicy>(trace, limit),
                limit * BeladyPolicy::kInfo.bytes_of_resident + kPage);
      EXPECT_LE(most_bytes<BeladySizePolicy>(trace, limit),
                limit * BeladySizePolicy::kInfo.bytes_of_resident + kPage);
    }
  }
}

}  // namespace
}  // namespace cachegauge
