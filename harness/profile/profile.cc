#include "harness/profile/profile.h"

#include <array>
#include <cmath>
#include <future>
#include <memory>

#include "harness/profile/columns.h"
#include "harness/profile/key_uses.h"
#include "harness/profile/popularity.h"
#include "harness/profile/sampled_trace.h"
#include "harness/profile/soon_reused.h"
#include "harness/profile/tally.h"

namespace cachegauge {
namespace {

constexpr double kShares[] = {0.5, 0.8, 0.9, 0.95};
constexpr size_t kCurvePoints = 100;

uint64_t count_of(const TraceSummary& summary, Op op) { return summary.ops[static_cast<int>(op)]; }

void describe_sizes(const InternedTrace& trace, Traffic& traffic) {
  traffic.footprint_bytes = trace.summary().footprint_bytes;
  traffic.value_bytes = spread_of(value_sizes(trace));
  traffic.ttl_s = spread_of(ttls_ms(trace), 1e-3);
  Tally objects, keys;
  uint64_t huge_bytes = 0;
  trace.for_each_key([&](uint32_t id, const TraceChunk& chunk, uint32_t i) {
    const uint64_t key = trace.stated_key_size_bytes(id), value = chunk.value_sizes[i];
    keys.record(static_cast<int64_t>(key));
    objects.record(static_cast<int64_t>(key + value));
    if (value < Traffic::kHugeBytes) return;
    ++traffic.huge_objects;
    huge_bytes += key + value;
  });
  traffic.key_bytes = spread_of(keys.histogram());
  traffic.object_bytes = spread_of(objects.histogram());
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

// A byte for each key: where it is among the hottest, or behind them.
void count_gets(const InternedTrace& trace, const std::vector<uint32_t>& ids,
                std::vector<HotKey>& keys) {
  std::vector<uint8_t> places(trace.unique_keys(), static_cast<uint8_t>(ids.size()));
  for (size_t i = 0; i < ids.size(); ++i) places[ids[i]] = static_cast<uint8_t>(i);
  std::array<uint64_t, kHottestKeys + 1> gets{};
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      gets[places[chunk.ids[i]]] += chunk.ops[i] == Op::kGet;
    }
  }
  for (size_t i = 0; i < ids.size(); ++i) keys[i].gets = gets[i];
}

// Returns the ids of the hottest keys.
std::vector<uint32_t> describe_popularity(std::vector<uint32_t> requests, Popularity& popularity) {
  std::vector<uint32_t> ids = hottest_ids(requests);
  uint64_t all = 0;
  for (uint32_t count : requests) all += count;
  std::vector<HotKey> hottest;
  for (uint32_t id : ids) {
    const double share = static_cast<double>(requests[id]) / static_cast<double>(all);
    hottest.push_back({.requests = requests[id], .gets = requests[id], .share = share});
  }
  popularity = popularity_of(std::move(requests));
  popularity.hottest = std::move(hottest);
  return ids;
}

// What hangs on one key's use after another. It takes about as long as all else.
struct Followed {
  Followed(const InternedTrace& trace, bool by_time) {
    const KeyUses uses(trace, by_time);
    windows = uses.windows();
    unread_writes = uses.unread_writes();
    const Histogram gaps = uses.gaps();
    gap = spread_of(gaps);
    time_s = spread_of(uses.times_us(), 1e-6);
    soon = soon_reused(gaps, uses.requests());
    hottest = describe_popularity(uses.requests(), popularity);
    if (!trace.only_gets()) count_gets(trace, hottest, popularity.hottest);
  }

  std::vector<ProfileWindow> windows;
  uint64_t unread_writes;
  std::optional<Spread> gap, time_s;
  std::optional<SoonReused> soon;
  Popularity popularity;
  std::vector<uint32_t> hottest;  // ids
};

// Of the objects as first seen, with keys as caches are sent them.
uint64_t largest_charge(const InternedTrace& trace, const Traffic& traffic) {
  if (!traffic.object_bytes) return 0;
  auto largest = static_cast<uint64_t>(traffic.object_bytes->max);
  if (trace.summary().misstated_key_bytes > 0) {
    largest = 0;
    trace.for_each_key([&](uint32_t id, const TraceChunk& chunk, uint32_t i) {
      largest = std::max(largest, trace.key_size_bytes(id) + chunk.value_sizes[i]);
    });
  }
  return largest + kItemChargeBytes;
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
  profiled.sizes = std::make_unique<LruSizes>(sample, reuse.sample_rate, gets, stop, &trace,
                                              largest_charge(trace, profiled.traffic));
  if (gets > 0) {
    reuse.best_hit_ratio =
        1 - static_cast<double>(trace.compulsory_misses(0)) / static_cast<double>(gets);
  }
  if (stop) return;  // they may have been cut short
  const LruSizes& sizes = *profiled.sizes;
  reuse.exact = sizes.exact();
  reuse.largest_object_bytes = sizes.largest_object_bytes();
  reuse.sizes_in_bytes = sizes.in_bytes();
  reuse.distance = sizes.distances();
  for (const double share : kShares) {
    const auto size = sizes.size_for(share * sizes.best_hit_ratio());
    if (size) reuse.sizes.push_back({share, *size});
  }
  reuse.curve = sizes.curve(kCurvePoints);
}

}  // namespace

ProfiledTrace profile_trace(const InternedTrace& trace, bool has_times,
                            const std::atomic<bool>& stop,
                            const std::function<void(const ProfiledTrace&)>& meanwhile) {
  ProfiledTrace profiled;
  Traffic& traffic = profiled.traffic;
  for (int op = 0; op < kOpCount; ++op) {
    traffic.ops.emplace_back(op_name(static_cast<Op>(op)), trace.summary().ops[op]);
  }
  if (has_times) traffic.rate = rate_of(trace);
  const bool by_time = traffic.windows_by_time = traffic.rate.has_value();
  auto following = std::async(std::launch::async, [&] { return Followed(trace, by_time); });
  describe_sizes(trace, traffic);
  describe_reuse(trace, profiled, stop);
  if (meanwhile) meanwhile(profiled);
  Followed followed = following.get();
  describe_writes(trace, followed.unread_writes, traffic);
  traffic.windows = std::move(followed.windows);
  traffic.reuse.gap = std::move(followed.gap);
  traffic.reuse.time_s = std::move(followed.time_s);
  traffic.reuse.soon = followed.soon;
  traffic.popularity = std::move(followed.popularity);
  profiled.hottest = std::move(followed.hottest);
  return profiled;
}

}  // namespace cachegauge
