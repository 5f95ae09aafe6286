// Which keys a sample holds: those whose hash, mixed anew, lies below a threshold. So all requests
// of a key are in the sample or none, and it is the same on every pass (Waldspurger, Park,
// Garthwaite, Ahmad, "Efficient MRC construction with SHARDS", FAST 2015). A cache of size C is
// estimated by one of size C × rate.
#pragma once

#include <cmath>
#include <cstdint>

#include "harness/core/hash.h"

namespace cachegauge {

class KeySample {
 public:
  // Parts of a sample that have no key in common.
  static constexpr uint32_t kParts = 8;

  // All keys.
  KeySample() = default;
  // A share of the keys within (0, 1], which the seed chooses.
  KeySample(double rate, uint64_t seed)
      : rate_(rate),
        seed_(seed),
        salt_(mix64(seed ^ 0xd6d018f5c7a3e1b9ULL)),  // the hash of no key that is likely
        threshold_(rate < 1 ? static_cast<uint64_t>(std::ldexp(rate, 64)) : UINT64_MAX) {}

  bool holds_all() const { return rate_ >= 1; }
  double rate() const { return rate_; }
  uint64_t seed() const { return seed_; }
  // A key is held if its place is below the threshold.
  uint64_t place(uint64_t key_hash) const { return mix64(key_hash ^ salt_); }
  bool holds(uint64_t key_hash) const { return holds_all() || place(key_hash) < threshold_; }
  // By bits of the place that do not decide whether it is held.
  uint32_t part(uint64_t key_hash) const { return static_cast<uint32_t>(place(key_hash) % kParts); }

 private:
  double rate_ = 1;
  uint64_t seed_ = 0;
  uint64_t salt_ = 0;
  uint64_t threshold_ = UINT64_MAX;
};

}  // namespace cachegauge
