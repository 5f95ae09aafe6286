#include "harness/core/hit_history.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kParts = 16;
constexpr uint64_t kLeastGets = 50;    // of a part
constexpr double kSignificance = 3.3;  // |z| of p = 0.001, two-sided
constexpr double kLeastChange = 0.01;  // of the hit ratio, over the half

double median(std::vector<double>& values) {
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle),
                   values.end());
  const double upper = values[middle];
  if (values.size() % 2 == 1) return upper;
  return (*std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle)) +
          upper) /
         2;
}

// n(n-1)(2n+5): 18 times the variance that n values without ties, or n tied ones, have in S.
double variance_term(size_t n) {
  const auto x = static_cast<double>(n);
  return x * (x - 1) * (2 * x + 5);
}

}  // namespace

uint64_t HitHistory::segment_end(uint64_t place) {
  const uint64_t offset = place < begin_ ? 0 : place - begin_;
  while (offset / length_ >= kMaxSegments) coarsen();
  return begin_ + (offset / length_ + 1) * length_;
}

void HitHistory::add(uint64_t place, const HitCounts& counts) {
  const uint64_t segment = segment_end(place);  // which may double the length
  const size_t index = (segment - begin_) / length_ - 1;
  if (index >= segments_.size()) segments_.resize(index + 1);
  segments_[index] += counts;
  end_ = std::max(end_, place + 1);
}

void HitHistory::finish(uint64_t end) {
  if (end <= end_) return;
  segment_end(end - 1);
  end_ = end;
}

void HitHistory::coarsen() {
  for (size_t i = 0; 2 * i < segments_.size(); ++i) {
    HitCounts sum = segments_[2 * i];
    if (2 * i + 1 < segments_.size()) sum += segments_[2 * i + 1];
    segments_[i] = sum;
  }
  segments_.resize((segments_.size() + 1) / 2);
  length_ *= 2;
}

void HitHistory::merge(const HitHistory& other) {
  if (other.end_ == other.begin_) return;
  if (end_ == begin_) {
    *this = other;
    return;
  }
  HitHistory theirs = other;
  while (length_ < theirs.length_) coarsen();
  while (theirs.length_ < length_) theirs.coarsen();
  if (theirs.segments_.size() > segments_.size()) segments_.resize(theirs.segments_.size());
  for (size_t i = 0; i < theirs.segments_.size(); ++i) segments_[i] += theirs.segments_[i];
  end_ = std::min(end_, theirs.end_);
  segments_.resize(std::min<size_t>(segments_.size(), (end_ - begin_ + length_ - 1) / length_));
}

HitHistory HitHistory::restore(uint64_t begin, uint64_t end, uint64_t length,
                               std::vector<HitCounts> segments) {
  const bool doubled =
      length >= kFirstLength && length % kFirstLength == 0 && (length & (length - 1)) == 0;
  if (!doubled || end < begin || length > UINT64_MAX / kMaxSegments ||
      (end - begin + length - 1) / length > kMaxSegments ||
      segments.size() > (end - begin + length - 1) / length) {
    throw Error::failed("a history of hits whose parts do not agree");
  }
  HitHistory history(begin);
  history.end_ = end;
  history.length_ = length;
  history.segments_ = std::move(segments);
  return history;
}

Trend find_trend(std::span<const double> values) {
  const size_t n = values.size();
  std::vector<double> slopes;
  double s = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      const double rise = values[j] - values[i];
      s += rise > 0 ? 1 : rise < 0 ? -1 : 0;
      slopes.push_back(rise / static_cast<double>(j - i));
    }
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  double variance = variance_term(n);
  for (size_t i = 0; i < n;) {
    size_t ties = 1;
    while (i + ties < n && sorted[i + ties] == sorted[i]) ++ties;
    variance -= variance_term(ties);
    i += ties;
  }
  Trend trend;
  trend.slope = median(slopes);
  // A step of S is 2, so half of one is taken off for continuity.
  if (variance > 0 && s != 0) trend.z = (s > 0 ? s - 1 : s + 1) / std::sqrt(variance / 18);
  return trend;
}

bool still_warming(const HitHistory& history) {
  // Whole segments alone: the last one's few requests would weigh as much as a full one's.
  const uint64_t whole = (history.end() - history.begin()) / history.length();
  const size_t count = std::min<size_t>(whole, history.segments().size());
  if (count < 2 * kParts) return false;
  const size_t first = count - count / 2;
  std::array<double, kParts> hit_ratios;
  for (size_t part = 0; part < kParts; ++part) {
    HitCounts sum;
    for (size_t i = first + (count - first) * part / kParts;
         i < first + (count - first) * (part + 1) / kParts; ++i) {
      sum += history.segments()[i];
    }
    if (sum.gets < kLeastGets) return false;
    hit_ratios[part] = static_cast<double>(sum.hits) / static_cast<double>(sum.gets);
  }
  const Trend trend = find_trend(hit_ratios);
  return std::abs(trend.z) > kSignificance && std::abs(trend.slope) * kParts >= kLeastChange;
}

}  // namespace cachegauge
