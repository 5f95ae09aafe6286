// How large the window of W-TinyLFU should be (wtinylfu.h), by hill climbing on the hit ratio.
// Einziger, Eytan, Friedman, Manes, "Adaptive software cache management", Middleware 2018.
//
// After each ten requests for each object held the window changes by a step: in the same direction
// as before, unless the hit ratio has fallen since the last one. Steps are those of the authors'
// library, Caffeine: 6.25 % of the capacity at first and after each change of the hit ratio by 0.05
// or more, and otherwise 2 % smaller than the last, so that it comes to rest. The first one is up,
// and the window keeps to 80 % of the capacity.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cachegauge {

class WindowClimber {
 public:
  // Sizes are in the unit of the capacity.
  WindowClimber(uint64_t capacity, uint64_t window)
      : first_step_(kFirstStep * static_cast<double>(capacity)),
        most_(std::max(kMost * static_cast<double>(capacity), 1.0)),
        window_(static_cast<double>(window)),
        step_(first_step_) {}

  uint64_t window() const { return static_cast<uint64_t>(window_); }

  // A request, in a cache of so many objects. True if the window has changed.
  bool add(bool hit, uint64_t held) {
    hits_ += hit;
    if (++requests_ < kRequestsPerObject * held) return false;
    const double ratio = static_cast<double>(hits_) / static_cast<double>(requests_);
    const double gain = ratio - last_ratio_;
    if (gain < 0) step_ = -step_;
    window_ = std::clamp(window_ + step_, 1.0, most_);
    step_ = std::abs(gain) < kRestart ? kDecay * step_ : std::copysign(first_step_, step_);
    last_ratio_ = ratio;
    requests_ = hits_ = 0;
    return true;
  }

 private:
  static constexpr uint64_t kRequestsPerObject = 10;
  static constexpr double kFirstStep = 0.0625;
  static constexpr double kDecay = 0.98;
  static constexpr double kRestart = 0.05;
  static constexpr double kMost = 0.8;

  double first_step_;
  double most_;
  double window_;
  double step_;  // the next one, below 0 if the window shrinks
  double last_ratio_ = 0;
  uint64_t requests_ = 0, hits_ = 0;  // of the sample under way
};

}  // namespace cachegauge
