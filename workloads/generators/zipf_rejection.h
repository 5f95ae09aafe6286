// Draws from Zipf's law without a table: rejection-inversion (Hörmann and Derflinger,
// "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3),
// 1996). The hat is the integral H of h(x) = x^-alpha: a uniform draw between H(3/2) - 1 and
// H(n + 1/2) is inverted, rounded to a rank, and kept unless it lies above the bar of that rank,
// which is at most a few draws in ten. It needs no memory, and takes any number of keys.
#pragma once

#include <cstdint>

#include "harness/core/random.h"

namespace cachegauge {

// Immutable and thread-safe.
class ZipfRejection {
 public:
  static constexpr uint64_t kMostKeys = uint64_t{1} << 40;

  // 1 <= keys <= kMostKeys, alpha >= 0.
  ZipfRejection(uint64_t keys, double alpha);

  // From 1 to keys; takes one draw of `random` or more.
  uint64_t rank(SplitMix64& random) const;

 private:
  double integral(double x) const;          // H
  double inverse_integral(double y) const;  // of H
  double weight(double x) const;            // h

  double keys_;
  double alpha_;
  double low_, high_;  // of H, between which is drawn
  double sure_;        // ranks at most this far above x are kept without a look at the bar
};

}  // namespace cachegauge
