// A learning rate that is learned itself, by hill climbing on the hit ratio: Cacheus' (cacheus.h).
// Rodriguez, Yusuf, Lyons, Paz, Rangaswami, Liu, Zhao, Narasimhan, "Learning cache replacement with
// CACHEUS", FAST 2021.
//
// It begins at sqrt(2 ln 2 / period) and is looked at after each period of requests. Where rate and
// hit ratio changed together, up or down, it goes up, and otherwise down, by itself times its last
// change. Where only the hit ratio fell, it goes by a quarter up or down, as chance has it; and
// after ten such periods, or ten without any hit, it begins anew. Both are compared in thousandths,
// and the rate keeps between 0.001 and 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "harness/core/random.h"

namespace cachegauge {

class LearningRate {
 public:
  explicit LearningRate(uint64_t period)
      : first_(std::clamp(std::sqrt(2 * std::log(2) / static_cast<double>(period)), kLeast, 1.0)),
        rate_(first_) {}

  double rate() const { return rate_; }

  // A period has ended with this hit ratio.
  void update(double hit_ratio, SplitMix64& random) {
    const double hits = in_thousandths(hit_ratio);
    const double gain = hits - last_hits_;
    const double change = in_thousandths(rate_) - in_thousandths(last_rate_);
    last_hits_ = hits;
    last_rate_ = rate_;
    if (gain != 0 && change != 0) {
      const double step = std::abs(rate_ * change) * ((gain > 0) == (change > 0) ? 1 : -1);
      rate_ = std::clamp(rate_ + step, kLeast, 1.0);
      misfortunes_ = 0;
    } else if (gain < 0 || hits == 0) {
      if (++misfortunes_ == kMostMisfortunes) {
        rate_ = first_;
        misfortunes_ = 0;
      } else if (gain < 0) {
        jump(random);
      }
    }
  }

 private:
  static constexpr double kLeast = 0.001;
  static constexpr int kMostMisfortunes = 10;

  static double in_thousandths(double number) { return std::round(number * 1000) / 1000; }

  void jump(SplitMix64& random) {
    if (rate_ >= 1) {
      rate_ = 0.9;
    } else if (rate_ <= kLeast) {
      rate_ = 0.005;
    } else {
      rate_ = std::clamp(rate_ * (random.below(2) == 0 ? 1.25 : 0.75), kLeast, 1.0);
    }
  }

  double first_;
  double rate_;
  double last_rate_ = 0;
  double last_hits_ = 0;
  int misfortunes_ = 0;  // periods in a row without a gain
};

}  // namespace cachegauge
