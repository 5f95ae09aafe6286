// Lets in what was used more often of late than what would have to go for it. Einziger, Friedman,
// Manes, "TinyLFU: a highly efficient cache admission policy", ACM Transactions on Storage 2017,
// before any policy, which names the victim. (W-TinyLFU, the paper's own cache with a window, is
// the policy wtinylfu.)
//
// Hits and misses are counted by the sketch that the policy has (frequency_sketch.h): 4-bit
// counters that age after ten uses for each object held; no doorkeeper of its own. While there is
// room everything is let in, and so is what would take the place of an object that has expired.
// With a capacity in bytes a candidate may need the room of several: it is compared with the first
// of them alone.
#pragma once

#include <vector>

#include "adapters/local/policies/admission/filter.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/frequency_sketch.h"

namespace cachegauge {

class TinyLfuFilter final : public AdmissionFilter {
 public:
  static constexpr AdmissionInfo kInfo = {
      .name = "tinylfu",
      .summary = "lets in what was used more often than the policy's next victim",
      .paper =
          "Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, 2017"};

  explicit TinyLfuFilter(const AdmissionSettings&) {}

  bool admits(const Sighting& candidate, uint32_t victim) override {
    hit(candidate);
    const uint32_t hash = short_hash(candidate);
    if (victim != kNoSlot && sketch_.count(hash) <= sketch_.count(hashes_[victim])) return false;
    hashes_[candidate.slot] = hash;
    return true;
  }
  void hit(const Sighting& used) override {
    sketch_.reserve(used.items);
    sketch_.add(short_hash(used));
  }

  bool compares() const override { return true; }
  void reserve(uint32_t slots) override { grow_exactly(hashes_, slots); }
  size_t bytes() const override { return held_bytes(hashes_) + sketch_.bytes(); }

 private:
  static uint32_t short_hash(const Sighting& object) {
    return static_cast<uint32_t>(object.key_hash);
  }

  std::vector<uint32_t> hashes_;  // short_hash() of residents, by slot
  FrequencySketch sketch_;
};

}  // namespace cachegauge
