#include "harness/cli/recorded_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

using Counts = std::unordered_map<uint64_t, uint64_t>;  // by the keys' hashes

constexpr size_t kCandidates = 1 << 16;
constexpr size_t kMostArrivals = 20'000'000;

// Calls take(request) for each get among the first `limit` requests.
template <class Take>
void for_each_get(const Workload& workload, std::optional<uint64_t> limit, Take take) {
  const auto source = workload.open();
  std::array<Request, 256> batch;
  uint64_t left = limit.value_or(UINT64_MAX);
  while (left > 0) {
    const size_t count = source->read(batch);
    if (count == 0) return;
    const size_t taken = std::min<uint64_t>(count, left);
    left -= taken;
    for (const Request& request : std::span(batch).first(taken)) {
      if (request.op == Op::kGet) take(request);
    }
  }
}

void count_candidate(Counts& counts, uint64_t key) {
  if (const auto known = counts.find(key); known != counts.end()) {
    ++known->second;
  } else if (counts.size() < kCandidates) {
    counts.emplace(key, 1);
  } else {
    for (auto& [other, count] : counts) --count;
    std::erase_if(counts, [](const auto& one) { return one.second == 0; });
  }
}

Counts find_candidates(const Workload& workload, std::optional<uint64_t> limit) {
  Counts counts;
  for_each_get(workload, limit,
               [&](const Request& get) { count_candidate(counts, get.key_hash()); });
  return counts;
}

// The ranks of the hottest, from 0, by the keys' hashes.
Counts rank_hottest(const Workload& workload, std::optional<uint64_t> limit, uint32_t hottest) {
  Counts counts = find_candidates(workload, limit);
  for (auto& [key, count] : counts) count = 0;
  for_each_get(workload, limit, [&](const Request& get) {
    const auto known = counts.find(get.key_hash());
    if (known != counts.end()) ++known->second;
  });
  std::vector<std::pair<uint64_t, uint64_t>> by_count;  // count and key
  for (const auto& [key, count] : counts) by_count.emplace_back(count, key);
  std::sort(by_count.rbegin(), by_count.rend());
  Counts ranks;
  for (const auto& [count, key] : by_count) {
    if (ranks.size() == hottest) break;
    ranks.emplace(key, ranks.size());
  }
  return ranks;
}

}  // namespace

RecordedLoad record_load(const Workload& workload, uint32_t hottest,
                         std::optional<uint64_t> limit) {
  const std::string name = workload.spec().redacted();
  if (!workload.traits().carries_time) {
    throw Error::failed(fmt::format(
        "{} has no times, which are what a stampede is made of: say --rate instead", name));
  }
  const Counts ranks = rank_hottest(workload, limit, hottest);
  if (ranks.empty()) throw Error::failed(fmt::format("{} has no gets", name));
  auto arrivals = std::make_shared<std::vector<HotKeyArrival>>();
  int64_t latest_ns = 0;
  for_each_get(workload, limit, [&](const Request& get) {
    const auto rank = ranks.find(get.key_hash());
    if (rank == ranks.end()) return;
    if (arrivals->size() == kMostArrivals) {
      throw Error::failed(
          fmt::format("{} asks for its hot keys more than {} times, which is more than is kept: "
                      "give --limit",
                      name, kMostArrivals));
    }
    latest_ns = std::max(latest_ns, get.time_ns);  // times may run backwards
    arrivals->push_back({latest_ns, static_cast<uint32_t>(rank->second)});
  });
  RecordedLoad load;
  load.keys = static_cast<uint32_t>(ranks.size());
  load.length_ns = static_cast<double>(latest_ns);
  load.arrivals = std::move(arrivals);
  return load;
}

}  // namespace cachegauge
