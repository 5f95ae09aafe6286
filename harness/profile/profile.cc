#include "harness/profile/profile.h"

#include <cmath>
#include <future>
#include <memory>

#include "harness/profile/columns.h"
#include "harness/profile/key_uses.h"
#include "harness/profile/popularity.h"
#include "harness/profile/sampled_trace.h"
#include "harness/profile/soon_reused.h"

namespace cachegauge {
namespace {

constexpr double kShares[] = {0.5, 0.8, 0.9, 0.95};
constexpr size_t kCurvePoints = 100;

uint64_t count_of(const TraceSummary& summary, Op op) { return summary.ops[static_cast<int>(op)]; }

void describe_sizes(const InternedTrace& trace, Traffic& traffic) {
  traffic.footprint_bytes = trace.summary().footprint_bytes;
  traffic.value_bytes = spread_of(value_sizes(trace));
  traffic.ttl_s = spread_of(ttls_ms(trace), 1e-3);
  Histogram objects, keys;
  uint64_t huge_bytes = 0;
  trace.for_each_key([&](uint32_t id, const TraceChunk& chunk, uint32_t i) {
    const uint64_t key = trace.key_size_bytes(id), value = chunk.value_sizes[i];
    keys.record(static_cast<int64_t>(key));
    objects.record(static_cast<int64_t>(key + value));
    if (value < Traffic::kHugeBytes) return;
    ++traffic.huge_objects;
    huge_bytes += key + value;
  });
  traffic.key_bytes = spread_of(keys);
  traffic.object_bytes = spread_of(objects);
  if (huge_bytes > 0) {
    traffic.huge_byte_share =
        static_cast<double>(huge_bytes) / static_cast<double>(traffic.footprint_bytes);
  }
}

void describe_writes(const InternedTrace& trace, uint64_t unread, Traffic& traffic) {
  const TraceSummary& summary = trace.summary();
  Writes& writes = traffic.writes;
  const uint64_t sets = count_of(summary, Op::kSet), gets = count_of(summary, Op::kGet);
  writes.writes = sets + count_of(summary, Op::kAdd);
  writes.deletes = count_of(summary, Op::kDelete);
  writes.unread = unread;
  if (writes.writes > 0) {
    writes.gets_per_write = static_cast<double>(gets) / static_cast<double>(writes.writes);
  }
  if (sets > 0) writes.unread_share = static_cast<double>(unread) / static_cast<double>(sets);
  writes.stores = writes.writes > 0 ? writes.writes : gets;
  for (const TraceChunk& chunk : trace.chunks()) {
    if (chunk.ops.all_same() && chunk.ttls_ns.all_same()) {
      const Op op = chunk.ops.same();
      const bool stores = op != Op::kDelete && (op == Op::kGet) == (writes.writes == 0);
      if (stores && chunk.ttls_ns.same() == 0) writes.stores_without_ttl += chunk.count;
      continue;
    }
    for (uint32_t i = 0; i < chunk.count; ++i) {
      const Op op = chunk.ops[i];
      const bool stores = op != Op::kDelete && (op == Op::kGet) == (writes.writes == 0);
      writes.stores_without_ttl += stores && chunk.ttls_ns[i] == 0;
    }
  }
}

void describe_popularity(std::vector<uint32_t> requests, ProfiledTrace& profiled) {
  profiled.hottest = hottest_ids(requests);
  uint64_t all = 0;
  for (uint32_t count : requests) all += count;
  std::vector<HotKey> hottest;
  for (uint32_t id : profiled.hottest) {
    const double share = static_cast<double>(requests[id]) / static_cast<double>(all);
    hottest.push_back({.requests = requests[id], .share = share});
  }
  profiled.traffic.popularity = popularity_of(std::move(requests));
  profiled.traffic.popularity.hottest = std::move(hottest);
}

void describe_reuse(const InternedTrace& trace, ProfiledTrace& profiled,
                    const std::atomic<bool>& stop) {
  Reuse& reuse = profiled.traffic.reuse;
  const uint64_t gets = count_of(trace.summary(), Op::kGet);
  const uint32_t halvings = sample_halvings(trace.summary().requests, trace.unique_keys());
  reuse.sample_rate = std::ldexp(1, -static_cast<int>(halvings));
  if (halvings > 0) profiled.sample = sample_trace(trace, halvings);
  const InternedTrace& sample = profiled.judged_by(trace);
  reuse.sampled_keys = sample.unique_keys();
  profiled.sizes = std::make_unique<LruSizes>(sample, reuse.sample_rate, gets, stop);
  const LruSizes& sizes = *profiled.sizes;
  reuse.exact = sizes.exact();
  reuse.distance = sizes.distances();
  if (gets > 0) {
    reuse.best_hit_ratio =
        1 - static_cast<double>(trace.compulsory_misses(0)) / static_cast<double>(gets);
  }
  for (const double share : kShares) {
    const auto size = sizes.size_for(share * sizes.best_hit_ratio());
    if (size) reuse.sizes.push_back({share, *size});
  }
  reuse.curve = sizes.curve(kCurvePoints);
}

}  // namespace

ProfiledTrace profile_trace(const InternedTrace& trace, bool has_times,
                            const std::atomic<bool>& stop) {
  ProfiledTrace profiled;
  Traffic& traffic = profiled.traffic;
  for (int op = 0; op < kOpCount; ++op) {
    traffic.ops.emplace_back(op_name(static_cast<Op>(op)), trace.summary().ops[op]);
  }
  if (has_times) traffic.rate = rate_of(trace);
  const bool by_time = traffic.windows_by_time = traffic.rate.has_value();
  // It takes about as long as all the others.
  auto following =
      std::async(std::launch::async, [&] { return std::make_unique<KeyUses>(trace, by_time); });
  describe_sizes(trace, traffic);
  describe_reuse(trace, profiled, stop);
  const std::unique_ptr<const KeyUses> followed = following.get();
  const KeyUses& uses = *followed;
  traffic.windows = uses.windows();
  describe_writes(trace, uses.unread_writes(), traffic);
  std::vector<uint32_t> requests = uses.requests();
  const Histogram gaps = uses.gaps();
  traffic.reuse.gap = spread_of(gaps);
  traffic.reuse.time_s = spread_of(uses.times_us(), 1e-6);
  traffic.reuse.soon = soon_reused(gaps, requests);
  describe_popularity(std::move(requests), profiled);
  return profiled;
}

}  // namespace cachegauge
