#include "harness/stampede/episode_series.h"

#include <algorithm>
#include <utility>

namespace cachegauge {
namespace {

constexpr int64_t round_up(int64_t ns, int64_t to_ns) { return (ns + to_ns - 1) / to_ns * to_ns; }

int64_t interval_for(int64_t span_ns) {
  constexpr int64_t kMostNs = EpisodeSeries::kMostBuckets * EpisodeSeries::kIntervalNs;
  return EpisodeSeries::kIntervalNs * std::max<int64_t>(1, (span_ns + kMostNs - 1) / kMostNs);
}

}  // namespace

EpisodeSeries::EpisodeSeries(int64_t before_ns, int64_t after_ns)
    : interval_ns_(interval_for(before_ns + after_ns)),
      before_ns_(round_up(before_ns, interval_ns_)),
      bucket_count_(
          static_cast<size_t>((before_ns_ + round_up(after_ns, interval_ns_)) / interval_ns_)) {}

EpisodeSeries::Open* EpisodeSeries::at(int64_t time_ns) {
  const int64_t since_ns = time_ns - (zero_ns_ - before_ns_);
  if (since_ns < 0) return nullptr;
  const auto index = static_cast<size_t>(since_ns / interval_ns_);
  return index < buckets_.size() ? &buckets_[index] : nullptr;
}

void EpisodeSeries::begin(int64_t zero_ns, int64_t now_ns) {
  observe_until(now_ns);
  if (buckets_.empty()) buckets_.resize(bucket_count_);
  zero_ns_ = zero_ns;
  // Before an episode that nobody knew of nothing is at the origin: what is kept is all there was.
  observed_until_ns_ = std::min(now_ns, std::max(kept_since_ns_, zero_ns - before_ns_));
  const uint64_t at_origin = std::exchange(at_origin_, 0);
  observe_until(now_ns);
  at_origin_ = at_origin;
  for (const Kept& one : kept_) add(one);
}

void EpisodeSeries::observe_until(int64_t now_ns) {
  const int64_t begins_ns = zero_ns_ - before_ns_;
  int64_t from_ns = std::max(observed_until_ns_, begins_ns);
  observed_until_ns_ = now_ns;
  while (from_ns < now_ns) {
    Open* const open = at(from_ns);
    if (!open) return;
    const int64_t ends_ns = begins_ns + ((from_ns - begins_ns) / interval_ns_ + 1) * interval_ns_;
    const int64_t ns = std::min(ends_ns, now_ns) - from_ns;
    open->bucket.observed_ns += ns;
    open->bucket.at_origin_ns += ns * static_cast<int64_t>(at_origin_);
    open->bucket.peak_at_origin = std::max(open->bucket.peak_at_origin, at_origin_);
    from_ns += ns;
  }
}

void EpisodeSeries::add(const Kept& one) {
  Open* const open = at(one.intended_ns);
  if (!open) return;
  if (one.what == What::kArrival) {
    ++open->bucket.arrivals;
  } else {
    ++open->bucket.served[one.served];
    open->times.record(one.response_ns);
  }
}

void EpisodeSeries::keep(const Kept& one, int64_t now_ns) {
  kept_since_ns_ = std::min(kept_since_ns_, one.intended_ns);
  kept_.push_back(one);
  while (!kept_.empty() && kept_.front().intended_ns < now_ns - before_ns_) kept_.pop_front();
  if (kept_.size() <= kMostKept) return;
  kept_.pop_front();
  kept_since_ns_ = kept_.front().intended_ns;
}

void EpisodeSeries::started(int64_t intended_ns, int64_t now_ns) {
  const Kept one{intended_ns, 0, What::kArrival, Served::kFresh};
  add(one);
  keep(one, now_ns);
}

void EpisodeSeries::answered(int64_t intended_ns, int64_t now_ns, Served served) {
  const Kept one{intended_ns, now_ns - intended_ns, What::kAnswer, served};
  add(one);
  keep(one, now_ns);
}

void EpisodeSeries::load_began(int64_t now_ns) {
  observe_until(now_ns);
  ++at_origin_;
  if (Open* const open = at(now_ns)) {
    ++open->bucket.origin_calls;
    open->bucket.peak_at_origin = std::max(open->bucket.peak_at_origin, at_origin_);
  }
}

void EpisodeSeries::load_ended(int64_t now_ns) {
  observe_until(now_ns);
  --at_origin_;
}

StampedeSeries EpisodeSeries::take(int64_t now_ns) {
  observe_until(now_ns);
  StampedeSeries series;
  if (buckets_.empty()) return series;
  series.interval_ns = interval_ns_;
  series.begins_ns = -before_ns_;
  for (Open& open : buckets_) {
    open.bucket.times = open.times.take();
    series.buckets.push_back(std::move(open.bucket));
  }
  return series;
}

}  // namespace cachegauge
