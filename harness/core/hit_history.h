// How the hit ratio went over the requests of a run, and whether it had settled by the end.
//
// Kept by a request's place in the workload and not by time, so that it is the same on every run
// where the counts are, and threads, which share that order, line up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cachegauge {

struct HitCounts {
  uint64_t gets = 0;  // those answered: hits + misses
  uint64_t hits = 0;

  HitCounts& operator+=(const HitCounts& other) {
    gets += other.gets;
    hits += other.hits;
    return *this;
  }
  bool operator==(const HitCounts&) const = default;
};

// Segments of one length in requests of the workload. Neighbours are merged and the length doubles
// when there would be more than kMaxSegments: 4 KB, however long the run. Not thread-safe.
class HitHistory {
 public:
  static constexpr size_t kMaxSegments = 256;
  static constexpr uint64_t kFirstLength = 256;

  // `begin`: the place of the first request that is measured.
  explicit HitHistory(uint64_t begin = 0) : begin_(begin), end_(begin) {}

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }  // places seen so far lie below it
  uint64_t length() const { return length_; }
  const std::vector<HitCounts>& segments() const { return segments_; }

  // The end of the segment that `place` lies in; doubles the length as often as that takes.
  uint64_t segment_end(uint64_t place);
  // Adds to the segment of `place`, and takes it that every place up to it was seen.
  void add(uint64_t place, const HitCounts& counts);
  // Every place below `end` was seen.
  void finish(uint64_t end);

  // Adds what another thread did with its share of the same requests. What only one of them came to
  // (a duration ends threads at different places) is left out: over the rest, each segment has the
  // same mixture of both.
  void merge(const HitHistory& other);

  bool operator==(const HitHistory&) const = default;

  // Made of its parts. Throws Error::failed for parts that no history has.
  static HitHistory restore(uint64_t begin, uint64_t end, uint64_t length,
                            std::vector<HitCounts> segments);

 private:
  void coarsen();

  uint64_t begin_;
  uint64_t end_;
  uint64_t length_ = kFirstLength;
  std::vector<HitCounts> segments_;
};

struct Trend {
  double z = 0;      // of the Mann-Kendall test, normal under "no trend"
  double slope = 0;  // Theil-Sen, a step
};

// Whether `values`, in order and at equal distances, rise or fall. Mann-Kendall: Mann,
// "Nonparametric tests against trend", 1945; Kendall, "Rank Correlation Methods", 1975, with his
// correction of the variance for ties and for continuity. The slope is the median of those between
// all pairs: Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968. At least
// three values.
Trend find_trend(std::span<const double> values);

// True if the hit ratio still rose or fell in the second half of the run: the trend over 16 equal
// parts of it is significant (p < 0.001, two-sided) and comes to at least one percentage point over
// that half. False for a run too short to tell: under 8,192 requests, or a part with under 50 gets.
bool still_warming(const HitHistory& history);

}  // namespace cachegauge
