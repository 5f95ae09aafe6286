// The distributions of sizes.h: each draws one size from the random stream of a key.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {

// In double, for it may be infinite.
inline uint64_t round_size(double size, double least, double largest) {
  return static_cast<uint64_t>(std::llround(std::clamp(size, least, largest)));
}

struct LognormalDraw {
  double median, sigma, largest;
  uint64_t operator()(SplitMix64& random) const {
    return round_size(median * std::exp(sigma * random.normal()), 1.0, largest);
  }
};

struct UniformDraw {
  uint64_t least, largest;
  uint64_t operator()(SplitMix64& random) const {
    return least + random.below(largest - least + 1);
  }
};

// By inversion.
struct ParetoDraw {
  double least, shape, largest;
  uint64_t operator()(SplitMix64& random) const {
    return round_size(least * std::pow(1.0 - random.uniform(), -1.0 / shape), least, largest);
  }
};

class WeightedDraw {
 public:
  struct Entry {
    uint64_t size;
    double weight;
  };
  explicit WeightedDraw(std::vector<Entry> entries) : entries_(std::move(entries)) {
    double total = 0;
    for (Entry& entry : entries_) entry.weight = total += entry.weight;
  }
  uint64_t operator()(SplitMix64& random) const {
    const double at = random.uniform() * entries_.back().weight;
    const auto found =
        std::upper_bound(entries_.begin(), entries_.end() - 1, at,
                         [](double value, const Entry& entry) { return value < entry.weight; });
    return found->size;
  }

 private:
  std::vector<Entry> entries_;  // with weights added up
};

struct EtcKeyDraw {
  uint64_t operator()(SplitMix64& random) const {
    constexpr double kMu = 30.7984, kSigma = 8.20449, kShape = 0.078688;
    const double u = 1.0 - random.uniform();
    return round_size(kMu + kSigma / kShape * (std::pow(-std::log(u), -kShape) - 1), 1.0, 250.0);
  }
};

struct EtcValueDraw {
  // Of the values of 0 to 14 bytes.
  static constexpr std::array<double, 15> kHead = {0.00536, 0.00047, 0.17820, 0.09239, 0.00018,
                                                   0.02740, 0.00065, 0.00606, 0.00023, 0.00837,
                                                   0.00837, 0.08989, 0.00092, 0.00326, 0.01980};
  static constexpr double kSigma = 214.476, kShape = 0.348238;

  double largest;
  uint64_t operator()(SplitMix64& random) const {
    double u = random.uniform();
    for (size_t size = 0; size < kHead.size(); ++size) {
      if (u < kHead[size]) return std::min(size, static_cast<size_t>(largest));
      u -= kHead[size];
    }
    const double tail = std::pow(1.0 - random.uniform(), -kShape) - 1;
    return round_size(15 + kSigma / kShape * tail, 0.0, largest);
  }
};

}  // namespace cachegauge
