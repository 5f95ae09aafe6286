#include "harness/core/series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/core/error.h"
#include "harness/core/statistics.h"

namespace cachegauge {
namespace {

// What came later within one bucket.
void follow(MemorySample& sample, const MemorySample& later) {
  if (later.taken) sample = later;
}

// What another thread or process heard over the same time.
void join(MemorySample& sample, const MemorySample& other) {
  if (!sample.taken || !sample.bytes_used) follow(sample, other);
}

}  // namespace

int64_t CoarseTimes::slot_midpoint(uint32_t slot) {
  if (slot < 32) return slot;
  const int shift = static_cast<int>(slot >> 4) - 1;
  const int64_t low = static_cast<int64_t>((slot & 15) + 16) << shift;
  return low + (int64_t{1} << shift) / 2;
}

void CoarseTimes::merge(const CoarseTimes& other) {
  if (other.slots.empty()) return;
  std::vector<Slot> merged;
  merged.reserve(slots.size() + other.slots.size());
  auto a = slots.begin();
  auto b = other.slots.begin();
  while (a != slots.end() || b != other.slots.end()) {
    if (b == other.slots.end() || (a != slots.end() && a->index < b->index)) {
      merged.push_back(*a++);
    } else if (a == slots.end() || b->index < a->index) {
      merged.push_back(*b++);
    } else {
      Slot sum = *a++;
      sum.count = std::min<uint64_t>(sum.count + b->count, kMostCounted);
      ++b;
      merged.push_back(sum);
    }
  }
  slots = std::move(merged);
}

uint64_t CoarseTimes::count() const {
  uint64_t sum = 0;
  for (const Slot& slot : slots) sum += slot.count;
  return sum;
}

std::optional<int64_t> CoarseTimes::percentile(double q) const {
  if (slots.empty()) return std::nullopt;
  const auto wanted = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count())));
  uint64_t seen = 0;
  for (const Slot& slot : slots) {
    seen += slot.count;
    if (seen >= wanted) return slot_midpoint(slot.index);
  }
  return slot_midpoint(slots.back().index);
}

CoarseTimes OpenTimes::take() {
  CoarseTimes times;
  if (empty_) return times;
  for (uint32_t i = 0; i < CoarseTimes::kSlots; ++i) {
    if (counts_[i] == 0) continue;
    times.slots.push_back({i, std::min(counts_[i], CoarseTimes::kMostCounted)});
    counts_[i] = 0;
  }
  empty_ = true;
  return times;
}

SeriesCounts& SeriesCounts::operator+=(const SeriesCounts& other) {
  requests += other.requests;
  gets += other.gets;
  hits += other.hits;
  misses += other.misses;
  errors += other.errors;
  return *this;
}

SeriesCounts SeriesCounts::operator-(const SeriesCounts& other) const {
  return {.requests = requests - other.requests,
          .gets = gets - other.gets,
          .hits = hits - other.hits,
          .misses = misses - other.misses,
          .errors = errors - other.errors};
}

SeriesCounts Series::total() const {
  SeriesCounts sum;
  for (const SeriesBucket& bucket : buckets_) sum += bucket.counts;
  return sum;
}

SeriesBucket& Series::at(int64_t t_ns) {
  while (end_of(t_ns) / interval_ns_ > static_cast<int64_t>(kMaxBuckets)) coarsen(2 * interval_ns_);
  const auto index = static_cast<size_t>(end_of(t_ns) / interval_ns_ - 1);
  if (index >= buckets_.size()) buckets_.resize(index + 1);
  return buckets_[index];
}

void Series::coarsen(int64_t interval_ns) {
  std::vector<SeriesBucket> merged;
  int64_t end_ns = 0;
  for (SeriesBucket& bucket : buckets_) {
    end_ns += interval_ns_;
    const auto index = static_cast<size_t>((end_ns - 1) / interval_ns);
    if (index >= merged.size()) {
      merged.resize(index);
      merged.push_back(std::move(bucket));
    } else {
      SeriesBucket& into = merged[index];
      into.counts += bucket.counts;
      into.times.merge(bucket.times);
      follow(into.memory, bucket.memory);
    }
  }
  buckets_ = std::move(merged);
  interval_ns_ = interval_ns;
}

void Series::merge(const Series& other) {
  if (other.interval_ns_ == 0) return;
  if (interval_ns_ == 0) {
    *this = other;
    return;
  }
  if (interval_ns_ < other.interval_ns_) coarsen(other.interval_ns_);
  Series theirs = other;
  if (theirs.interval_ns_ < interval_ns_) theirs.coarsen(interval_ns_);
  if (theirs.buckets_.size() > buckets_.size()) buckets_.resize(theirs.buckets_.size());
  for (size_t i = 0; i < theirs.buckets_.size(); ++i) {
    buckets_[i].counts += theirs.buckets_[i].counts;
    buckets_[i].times.merge(theirs.buckets_[i].times);
    join(buckets_[i].memory, theirs.buckets_[i].memory);
  }
}

void Series::append(SeriesBucket bucket) {
  if (interval_ns_ == 0 || buckets_.size() == kMaxBuckets) {
    throw Error::failed("a series whose interval and buckets do not agree");
  }
  buckets_.push_back(std::move(bucket));
}

std::vector<SeriesPoint> series_points(const Series& series, int64_t duration_ns) {
  std::vector<SeriesPoint> points;
  const int64_t interval_ns = series.interval_ns();
  std::optional<uint64_t> bytes_used;
  int64_t start_ns = 0;
  for (const SeriesBucket& bucket : series.buckets()) {
    const bool last = points.size() + 1 == series.buckets().size();
    int64_t end_ns = start_ns + interval_ns;
    if (last && duration_ns > start_ns) end_ns = std::min(end_ns, duration_ns);
    if (bucket.memory.taken) bytes_used = bucket.memory.bytes_used;
    const SeriesCounts& c = bucket.counts;
    points.push_back({.t_s = static_cast<double>(end_ns) / 1e9,
                      .counts = c,
                      .throughput_rps = static_cast<double>(c.requests) * 1e9 /
                                        static_cast<double>(end_ns - start_ns),
                      .hit_ratio = ratio(c.hits, c.hits + c.misses),
                      .p99_ns = bucket.times.percentile(0.99),
                      .bytes_used = bytes_used});
    start_ns = end_ns;
  }
  return points;
}

}  // namespace cachegauge
