#include "harness/profile/columns.h"

#include <algorithm>
#include <numeric>

#include "harness/profile/tally.h"

namespace cachegauge {
namespace {

constexpr int64_t kFinestNs = 1'000'000;
constexpr int64_t kMostIntervals = 1000;
constexpr int64_t kSecondNs = 1'000'000'000;

// Calls take(value, times) for the values of a column, in order.
template <class T, class Take>
void for_each(const TraceChunk& chunk, const ChunkColumn<T>& column, Take take) {
  if (column.all_same()) return take(column.same(), chunk.count);
  for (uint32_t i = 0; i < chunk.count; ++i) take(column[i], 1u);
}

int64_t last_ns(const InternedTrace& trace) {
  const TraceChunk& last = trace.chunks().back();
  return last.now_ns[last.count - 1];
}

// The first request behind `i` that arrives later. Many share a moment.
uint32_t later_than(const TraceChunk& chunk, uint32_t i) {
  const int64_t now = chunk.now_ns[i];
  uint32_t step = 1;
  while (i + step < chunk.count && chunk.now_ns[i + step] == now) step *= 2;
  return chunk.first_at(i + step / 2 + 1, std::min(i + step, chunk.count), now + 1);
}

// The largest time that all arrivals are multiples of; not finer than kFinestNs.
int64_t tick_ns(const InternedTrace& trace) {
  int64_t tick = 0;
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count && tick != kFinestNs; i = later_than(chunk, i)) {
      const int64_t now = chunk.now_ns[i];
      if (now == 0 || (tick > 0 && now % tick == 0)) continue;
      tick = std::max(kFinestNs, std::gcd(tick, now));
    }
  }
  return tick;
}

int64_t interval_ns(int64_t span_ns, int64_t tick) {
  const int64_t least = std::max(tick, span_ns / kMostIntervals);
  for (int64_t decade = kFinestNs;; decade *= 10) {
    for (const int64_t step : {1, 2, 5}) {
      if (decade * step >= least) return decade * step;
    }
  }
}

std::vector<uint64_t> counts_by_interval(const InternedTrace& trace, int64_t interval) {
  std::vector<uint64_t> counts(1);
  int64_t end = interval;
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count;) {
      for (; chunk.now_ns[i] >= end; end += interval) counts.push_back(0);
      const uint32_t next = chunk.first_at(i, chunk.count, end);
      counts.back() += next - i;
      i = next;
    }
  }
  return counts;
}

}  // namespace

std::optional<Rate> rate_of(const InternedTrace& trace) {
  const int64_t span_ns = trace.chunks().empty() ? 0 : last_ns(trace);
  if (span_ns <= 0) return std::nullopt;
  const int64_t interval = interval_ns(span_ns, tick_ns(trace));
  std::vector<uint64_t> counts = counts_by_interval(trace, interval);
  if (counts.size() > 1) counts.pop_back();
  const auto n = static_cast<double>(counts.size());
  const double mean = std::accumulate(counts.begin(), counts.end(), 0.0) / n;
  double squares = 0;
  for (uint64_t count : counts) {
    const double off = static_cast<double>(count) - mean;
    squares += off * off;
  }
  const auto peak = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  const double interval_s = static_cast<double>(interval) / static_cast<double>(kSecondNs);
  const double span_s = static_cast<double>(span_ns) / static_cast<double>(kSecondNs);
  return Rate{.span_s = span_s,
              .mean_rps = static_cast<double>(trace.summary().requests) / span_s,
              .interval_s = interval_s,
              .peak_rps = peak / interval_s,
              .peak_to_mean = mean > 0 ? peak / mean : 1,
              .dispersion = mean > 0 ? squares / n / mean : 0};
}

Histogram value_sizes(const InternedTrace& trace) {
  Tally sizes;
  for (const TraceChunk& chunk : trace.chunks()) {
    for_each(chunk, chunk.value_sizes, [&](uint64_t size, uint32_t times) {
      sizes.record(static_cast<int64_t>(size), times);
    });
  }
  return sizes.histogram();
}

Histogram ttls_ms(const InternedTrace& trace) {
  Histogram ttls;
  for (const TraceChunk& chunk : trace.chunks()) {
    for_each(chunk, chunk.ttls_ns, [&](int64_t ttl, uint32_t times) {
      if (ttl > 0) ttls.record(ttl / 1'000'000, times);
    });
  }
  return ttls;
}

}  // namespace cachegauge
