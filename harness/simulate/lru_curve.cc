#include "harness/simulate/lru_curve.h"

#include <algorithm>
#include <cmath>

#include "adapters/local/policies/policy.h"
#include "harness/core/histogram.h"
#include "harness/simulate/lru_stack.h"

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 12;  // requests whose places are fetched early

// What an object holds beside its place in the stack.
struct Object {
  uint64_t value_size = 0;
  int64_t expires_ns = kNeverExpires;
};

int64_t expiry(int64_t now_ns, int64_t ttl_ns) {
  int64_t expires_ns;
  if (ttl_ns == 0 || __builtin_add_overflow(now_ns, ttl_ns, &expires_ns)) return kNeverExpires;
  return expires_ns;
}

}  // namespace

LruCurve::LruCurve(const InternedTrace& trace, const LruCurveOptions& options,
                   const std::atomic<bool>& stop)
    : options_(options) {
  if (options_.in_bytes) {
    LruStack<SuffixSums<uint64_t>> stack(trace.unique_keys());
    follow_any(trace, stack, stop);
  } else {
    LruStack<SuffixCounts> stack(trace.unique_keys());
    follow_any(trace, stack, stop);
  }
  for (const Gain& gain : pending_) count(gain);
  while (!gained_.empty() && gained_.back().gets == 0) gained_.pop_back();
}

template <class Stack>
void LruCurve::follow_any(const InternedTrace& trace, Stack& stack, const std::atomic<bool>& stop) {
  const bool is_plain = trace.only_gets() && trace.equal_sizes() && trace.summary().with_ttl == 0;
  is_plain ? follow_plain(trace, stack, stop) : follow(trace, stack, stop);
}

// Nothing but gets that fill, where an object is all that is to be known of it.
template <class Stack>
void LruCurve::follow_plain(const InternedTrace& trace, Stack& stack,
                            const std::atomic<bool>& stop) {
  const PolicyCapacity capacity = {.limit = UINT64_MAX, .in_bytes = options_.in_bytes};
  uint64_t warmup = options_.warmup_requests;  // what is left of it
  for (const TraceChunk& chunk : trace.chunks()) {
    if (stop) return;
    const uint64_t size = chunk.value_sizes.same;
    const auto begin = static_cast<uint32_t>(std::min<uint64_t>(chunk.count, warmup));
    warmup -= begin;
    gets_ += chunk.count - begin;
    get_bytes_ += (chunk.count - begin) * size;
    for (uint32_t i = 0; i < chunk.count; ++i) {
      if (i + kAhead < chunk.count) {
        stack.prefetch(chunk.ids[i + kAhead]);
        stack.prefetch_place(chunk.ids[i + kAhead / 2]);
      }
      const uint32_t id = chunk.ids[i];
      if (i >= begin && stack.holds(id)) gain(stack.depth(id), size);
      // Sizes of keys that are not asked for are not fetched from memory.
      stack.push(id, capacity.in_bytes ? charge(capacity, trace.key_size_bytes(id), size) : 1);
    }
  }
}

template <class Stack>
void LruCurve::follow(const InternedTrace& trace, Stack& stack, const std::atomic<bool>& stop) {
  std::vector<Object> objects(trace.unique_keys());
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
      Object& object = objects[id];
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
      object = {chunk.value_sizes[i], expiry(chunk.now_ns[i], chunk.ttls_ns[i])};
      stack.push(id, charge(capacity, trace.key_size_bytes(id), object.value_size));
    }
  }
}

void LruCurve::gain(uint64_t depth, uint64_t value_size) {
  const size_t step = options_.in_bytes ? Histogram::bucket_of(static_cast<int64_t>(depth)) : depth;
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

uint64_t LruCurve::size_at(size_t step) const {
  return options_.in_bytes ? static_cast<uint64_t>(Histogram::bucket_high(step)) : step;
}

std::vector<CurvePoint> LruCurve::points(size_t count) const {
  std::vector<CurvePoint> points;
  if (gained_.size() < 2) return points;
  const double first = std::log(static_cast<double>(std::max<uint64_t>(1, size_at(1))));
  const double last = std::log(static_cast<double>(size_at(gained_.size() - 1)));
  const double stride = (last - first) / static_cast<double>(count);
  double next = first;
  CurvePoint point = {.size = 0, .misses = gets_, .miss_bytes = get_bytes_};
  for (size_t step = 0; step < gained_.size(); ++step) {
    point.size = size_at(step);
    point.misses -= gained_[step].gets;
    point.miss_bytes -= gained_[step].bytes;
    const double place = std::log(static_cast<double>(point.size));
    if (step == 0 || (place < next && step + 1 < gained_.size())) continue;
    points.push_back(point);
    while (next <= place) next += std::max(stride, 1e-9);
  }
  return points;
}

}  // namespace cachegauge
