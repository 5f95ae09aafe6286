#include "harness/core/stampede_series.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "harness/core/recovery.h"

namespace cachegauge {
namespace {

using Buckets = std::span<const StampedeBucket>;

std::optional<double> per_second(uint64_t count, int64_t observed_ns) {
  if (observed_ns == 0) return std::nullopt;
  return static_cast<double>(count) * 1e9 / static_cast<double>(observed_ns);
}

std::optional<double> hit_ratio_of(const ServedCounts& served) {
  const auto blocked = blocked_share(served);
  return blocked ? std::optional(1 - *blocked) : std::nullopt;
}

StampedePoint point_of(const StampedeBucket& bucket, int64_t begins_ns) {
  StampedePoint point;
  point.t_ms = static_cast<double>(begins_ns) / 1e6;
  point.arrivals_rps = per_second(bucket.arrivals, bucket.observed_ns);
  point.origin_calls_rps = per_second(bucket.origin_calls, bucket.observed_ns);
  if (bucket.observed_ns > 0) {
    point.at_origin_mean =
        static_cast<double>(bucket.at_origin_ns) / static_cast<double>(bucket.observed_ns);
  }
  point.at_origin_peak = bucket.peak_at_origin;
  point.served = bucket.served;
  point.hit_ratio = hit_ratio_of(bucket.served);
  point.p50_ns = bucket.times.percentile(0.5);
  point.p99_ns = bucket.times.percentile(0.99);
  return point;
}

// Those that tell how it is when nothing happens.
Buckets calm_part(const StampedeSeries& series) {
  const Buckets all = series.buckets;
  const auto before = static_cast<size_t>(-series.begins_ns / series.interval_ns);
  if (before > 0) return all.first(std::min(all.size(), std::max<size_t>(1, before / 2)));
  return all.last(all.size() / 10);
}

StampedeBucket sum_of(Buckets buckets) {
  StampedeBucket sum;
  for (const StampedeBucket& bucket : buckets) {
    sum.served += bucket.served;
    sum.times.merge(bucket.times);
  }
  return sum;
}

}  // namespace

ServedCounts& ServedCounts::operator+=(const ServedCounts& other) {
  for (size_t i = 0; i < kServedCount; ++i) by_kind[i] += other.by_kind[i];
  return *this;
}

uint64_t ServedCounts::total() const {
  return std::accumulate(by_kind.begin(), by_kind.end(), uint64_t{0});
}

std::optional<double> share_of(const ServedCounts& counts, Served served) {
  const uint64_t total = counts.total();
  if (total == 0) return std::nullopt;
  return static_cast<double>(counts[served]) / static_cast<double>(total);
}

std::optional<double> blocked_share(const ServedCounts& counts) {
  const uint64_t total = counts.total();
  if (total == 0) return std::nullopt;
  const uint64_t served_at_once = counts[Served::kFresh] + counts[Served::kStale];
  return static_cast<double>(total - served_at_once) / static_cast<double>(total);
}

std::vector<StampedePoint> stampede_points(const StampedeSeries& series) {
  std::vector<StampedePoint> points;
  int64_t begins_ns = series.begins_ns;
  for (const StampedeBucket& bucket : series.buckets) {
    if (bucket.observed_ns > 0) points.push_back(point_of(bucket, begins_ns));
    begins_ns += series.interval_ns;
  }
  return points;
}

StampedeRecovery recovery_of(const StampedeSeries& series) {
  StampedeRecovery recovery;
  if (series.interval_ns == 0) return recovery;
  const StampedeBucket calm = sum_of(calm_part(series));
  recovery.baseline_hit_ratio = hit_ratio_of(calm.served);
  recovery.baseline_p99_ns = calm.times.percentile(0.99);
  std::vector<RecoveryPoint> points;  // from 0 on
  const auto first = static_cast<size_t>(-series.begins_ns / series.interval_ns);
  for (size_t i = first; i < series.buckets.size(); ++i) {
    const StampedeBucket& bucket = series.buckets[i];
    points.push_back({hit_ratio_of(bucket.served), bucket.times.percentile(0.99)});
  }
  const RecoveryIndices indices =
      settled(points, {recovery.baseline_hit_ratio, recovery.baseline_p99_ns});
  const auto to_ms = [&](std::optional<size_t> index) -> std::optional<double> {
    if (!index) return std::nullopt;
    return static_cast<double>(series.interval_ns) * static_cast<double>(*index) / 1e6;
  };
  recovery.hit_ratio_ms = to_ms(indices.hit_ratio);
  recovery.p99_ms = to_ms(indices.p99);
  return recovery;
}

}  // namespace cachegauge
