// The one random generator, and draws from it that are the same with every standard library
// (<random>'s distributions are not).
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "harness/core/hash.h"

namespace cachegauge {

// splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t next() { return mix64(state_ += kStep); }
  void discard(uint64_t draws) { state_ += draws * kStep; }

  // Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Uniform in [0, bound), bound > 0: Lemire, "Fast random integer generation in an interval",
  // 2019, without the rejection step; the bias is below bound / 2^64.
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  // Standard normal: Box and Muller 1958, one of the pair.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  double exponential(double mean) { return -mean * std::log(1.0 - uniform()); }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  uint64_t state_;
};

// A generator for one purpose, independent of those for others under the same seed.
inline SplitMix64 random_stream(uint64_t seed, uint64_t purpose) {
  return SplitMix64(mix64(seed ^ mix64(purpose * 0x9e3779b97f4a7c15ULL + 1)));
}

}  // namespace cachegauge
