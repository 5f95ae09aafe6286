#include "harness/simulate/lru_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "adapters/local/policies/policy.h"
#include "harness/core/histogram.h"
#include "harness/core/huge_pages.h"
#include "harness/simulate/lru_depths.h"
#include "harness/simulate/lru_stack.h"

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 12;  // requests whose places are fetched early

double log_of(uint64_t size) { return std::log(static_cast<double>(size)); }

// The smallest size with at least this logarithm, which need not be taken of each then.
uint64_t first_size(double log) {
  auto size = static_cast<uint64_t>(std::exp(log));
  while (size > 1 && log_of(size - 1) >= log) --size;
  while (log_of(size) < log) ++size;
  return size;
}

}  // namespace

LruCurve::LruCurve(const InternedTrace& trace, const LruCurveOptions& options,
                   const std::atomic<bool>& stop)
    : options_(options) {
  // Nothing but gets that fill, where an object is all that is to be known of it.
  const bool is_plain = trace.only_gets() && trace.equal_sizes() && trace.summary().with_ttl == 0;
  if (is_plain) {
    options_.in_bytes ? follow_plain_in_bytes(trace, stop) : follow_plain_in_entries(trace, stop);
  } else if (options_.in_bytes) {
    follow(trace, LruStack<SuffixSums<uint64_t>>(trace.unique_keys()), stop);
  } else {
    follow(trace, LruStack<SuffixCounts>(trace.unique_keys()), stop);
  }
  for (const Gain& gain : pending_) count(gain);
  while (!gained_.empty() && gained_.back().gets == 0) gained_.pop_back();
  // So that there is a size from which on it holds, if all is hit below that.
  if (!gained_.empty()) gained_.resize(std::max(gained_.size(), step_of(holds_from_) + 1));
}

void LruCurve::follow_plain_in_entries(const InternedTrace& trace, const std::atomic<bool>& stop) {
  constexpr auto kAtOnce = static_cast<uint32_t>(LruDepths::kMostAtOnce);
  LruDepths stack(trace.unique_keys());
  Counts gets(size_t{trace.unique_keys()} + 1);  // by depth; at 0 what is no hit
  std::array<uint32_t, kAtOnce> depths;
  for (const TraceChunk& chunk : trace.chunks()) {
    if (stop) break;
    const uint32_t warmup = take_warmup(chunk);
    for (uint32_t begin = 0; begin < chunk.count; begin += kAtOnce) {
      const std::span ids(chunk.ids + begin, std::min(kAtOnce, chunk.count - begin));
      // Those of the last batch are fetched again, which costs less than to ask.
      const uint32_t* const ahead =
          ids.data() + std::min(kAtOnce, chunk.count - begin - static_cast<uint32_t>(ids.size()));
      stack.push(ids, [&](size_t i, uint64_t depth) {
        stack.prefetch(ahead[i]);
        __builtin_prefetch(&gets[depth], 1);
        depths[i] = static_cast<uint32_t>(depth);
      });
      if (begin < warmup) std::fill_n(depths.begin(), std::min(kAtOnce, warmup - begin), 0);
      for (size_t i = 0; i < ids.size(); ++i) ++gets[depths[i]];
    }
  }
  gain_all(gets, trace);
}

void LruCurve::follow_plain_in_bytes(const InternedTrace& trace, const std::atomic<bool>& stop) {
  const PolicyCapacity capacity = {.limit = UINT64_MAX, .in_bytes = true};
  LruStack<SuffixSums<uint64_t>> stack(trace.unique_keys());
  Counts gets(step_of(INT64_MAX) + 1);
  for (const TraceChunk& chunk : trace.chunks()) {
    if (stop) break;
    const uint32_t warmup = take_warmup(chunk);
    const uint64_t value_size = chunk.value_sizes.same();
    for (uint32_t i = 0; i < chunk.count; ++i) {
      stack.prefetch(chunk.ids[std::min(i + 2 * kAhead, chunk.count - 1)]);
      stack.prefetch_place(chunk.ids[std::min(i + kAhead, chunk.count - 1)]);
      const uint32_t id = chunk.ids[i];
      const uint64_t weight = charge(capacity, trace.key_size_bytes(id), value_size);
      holds_from_ = std::max(holds_from_, weight);
      const uint64_t depth = stack.push(id, weight);
      ++gets[i >= warmup ? step_of(depth) : 0];  // at a depth of 0 it is a miss
    }
  }
  gain_all(gets, trace);
}

uint32_t LruCurve::take_warmup(const TraceChunk& chunk) {
  const auto requests =
      static_cast<uint32_t>(std::min<uint64_t>(chunk.count, options_.warmup_requests - warmed_up_));
  warmed_up_ += requests;
  gets_ += chunk.count - requests;
  return requests;
}

void LruCurve::gain_all(const Counts& gets, const InternedTrace& trace) {
  const uint64_t size = trace.chunks().empty() ? 0 : trace.chunks().front().value_sizes.same();
  get_bytes_ = gets_ * size;
  gained_.resize(gets.size());
  for (size_t step = 1; step < gets.size(); ++step) gained_[step] = {gets[step], gets[step] * size};
}

template <class Stack>
void LruCurve::follow(const InternedTrace& trace, Stack stack, const std::atomic<bool>& stop) {
  std::vector<StackedObject> objects(trace.unique_keys());
  exact_ = trace.summary().with_ttl == 0 && trace.summary().ops[static_cast<int>(Op::kAdd)] == 0;
  const PolicyCapacity capacity = {.limit = UINT64_MAX, .in_bytes = options_.in_bytes};
  uint64_t place = 0;
  for (const TraceChunk& chunk : trace.chunks()) {
    if (stop) return;
    for (uint32_t i = 0; i < chunk.count; ++i, ++place) {
      if (i + kAhead < chunk.count) {
        stack.prefetch(chunk.ids[i + kAhead]);
        __builtin_prefetch(&objects[chunk.ids[i + kAhead]], 1);
      }
      const uint32_t id = chunk.ids[i];
      const bool counts = place >= options_.warmup_requests;
      StackedObject& object = objects[id];
      const bool held = stack.holds(id);
      const bool live = held && chunk.now_ns[i] < object.expires_ns;
      if (chunk.ops[i] == Op::kDelete) {
        if (held) stack.erase(id);
        continue;
      }
      if (chunk.ops[i] == Op::kGet) {
        if (counts) {
          ++gets_;
          get_bytes_ += live ? object.value_size : chunk.value_sizes[i];
          if (live) gain(stack.depth(id), object.value_size);
        }
        if (live) {
          exact_ &= object.value_size == chunk.value_sizes[i];
          stack.push(id, charge(capacity, trace.key_size_bytes(id), object.value_size));
          continue;
        }
      }
      object.store(chunk.value_sizes[i], chunk.now_ns[i], chunk.ttls_ns[i]);
      const uint64_t weight = charge(capacity, trace.key_size_bytes(id), object.value_size);
      holds_from_ = std::max(holds_from_, weight);
      stack.push(id, weight);
    }
  }
}

void LruCurve::gain(uint64_t depth, uint64_t value_size) {
  const size_t step = step_of(depth);
  if (step >= gained_.size()) gained_.resize(std::max(step + 1, gained_.size() * 3 / 2));
  __builtin_prefetch(&gained_[step], 1);
  Gain& oldest = pending_[next_pending_++ % pending_.size()];
  count(oldest);
  oldest = {step, {.gets = 1, .bytes = value_size}};
}

void LruCurve::count(const Gain& gain) {
  if (gain.hits.gets == 0) return;
  gained_[gain.step].gets += gain.hits.gets;
  gained_[gain.step].bytes += gain.hits.bytes;
}

size_t LruCurve::step_of(uint64_t depth) const {
  return options_.in_bytes ? Histogram::bucket_of(static_cast<int64_t>(depth)) : depth;
}

uint64_t LruCurve::size_at(size_t step) const {
  return options_.in_bytes ? static_cast<uint64_t>(Histogram::bucket_high(step)) : step;
}

size_t LruCurve::first_step(double sample_rate) const {
  const double least = static_cast<double>(holds_from_) * sample_rate;
  size_t step = 1;
  while (step + 1 < gained_.size() && static_cast<double>(size_at(step)) < least) ++step;
  return step;
}

std::vector<CurvePoint> LruCurve::points(size_t count, double sample_rate) const {
  std::vector<CurvePoint> points;
  if (gained_.size() < 2) return points;
  const size_t begin = first_step(sample_rate);
  const double first = log_of(size_at(begin));
  const double last = log_of(size_at(gained_.size() - 1));
  const double stride = std::max((last - first) / static_cast<double>(count), 1e-9);
  double next = first;
  uint64_t next_size = first_size(next);
  CurvePoint point = {.size = 0, .misses = gets_, .miss_bytes = get_bytes_};
  for (size_t step = 0; step < gained_.size(); ++step) {
    point.size = size_at(step);
    point.misses -= gained_[step].gets;
    point.miss_bytes -= gained_[step].bytes;
    if (step < begin || (point.size < next_size && step + 1 < gained_.size())) continue;
    points.push_back(point);
    const double whole = static_cast<double>(point.size) / sample_rate;
    points.back().size = static_cast<uint64_t>(std::llround(whole));
    while (next <= log_of(point.size)) next += stride;
    next_size = first_size(next);
  }
  return points;
}

std::vector<CurvePoint> LruCurve::points_at(const std::vector<CurvePoint>& sizes,
                                            double sample_rate) const {
  std::vector<CurvePoint> points;
  CurvePoint point = {.size = 0, .misses = gets_, .miss_bytes = get_bytes_};
  size_t step = 0;
  for (const CurvePoint& wanted : sizes) {
    const auto size = std::llround(static_cast<double>(wanted.size) * sample_rate);
    for (; step < gained_.size() && size_at(step) <= static_cast<uint64_t>(size); ++step) {
      point.misses -= gained_[step].gets;
      point.miss_bytes -= gained_[step].bytes;
    }
    point.size = wanted.size;
    points.push_back(point);
  }
  return points;
}

}  // namespace cachegauge
