// No limit and no eviction: the cache that people start with, and the hit ratio that no capacity
// can exceed.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class UnboundedPolicy {
 public:
  static constexpr PolicyInfo kInfo = {.name = "unbounded",
                                       .summary = "keeps everything; grows without limit",
                                       .paper = "",
                                       .needs = kNeedsNothing};

  explicit UnboundedPolicy(const PolicySettings&) {}

  template <class Sink>
  void hit(const Access&, Sink&) {}

  template <class Sink>
  bool resize(const Access&, uint64_t /*old_size*/, Sink&) {
    return true;
  }

  template <class Sink>
  bool insert(const Access& access, Sink&, uint32_t /*named*/ = kNoSlot) {
    resident_[access.slot] = 1;
    ++items_;
    return true;
  }

  template <class Sink>
  uint32_t next_victim(const Access&, Sink&) {
    return kNoSlot;
  }

  template <class Sink>
  void erase(uint32_t slot, Sink&) {
    resident_[slot] = 0;
    --items_;
  }

  bool resident(uint32_t slot) const { return resident_[slot] != 0; }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&resident_[slot], 1); }
  // Entries: without a limit there is nothing to charge sizes against.
  uint64_t used() const { return items_; }
  uint64_t items() const { return items_; }
  void reserve(uint32_t slots) { grow_exactly(resident_, slots); }
  size_t bytes() const { return held_bytes(resident_); }

 private:
  std::vector<uint8_t> resident_;  // by slot
  uint64_t items_ = 0;
};

}  // namespace cachegauge
