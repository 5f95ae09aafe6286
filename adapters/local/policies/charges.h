// The accounting of a policy: what its residents take of the capacity.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class Charges {
 public:
  explicit Charges(const PolicyCapacity& capacity) : capacity_(capacity) {}

  // Whether an object of this size could be held by a cache that holds nothing else.
  bool can_ever_hold(uint64_t size) const { return size <= capacity_.limit; }
  bool has_room_for(uint64_t size) const { return size <= capacity_.limit - used_; }
  bool exceeded() const { return used_ > capacity_.limit; }

  void add(uint32_t slot, uint64_t size) {
    used_ += size;
    ++items_;
    if (capacity_.in_bytes) sizes_[slot] = size;
  }
  void remove(uint32_t slot) {
    used_ -= size_of(slot);
    --items_;
  }
  // The resident object's size changes; used() may exceed the limit until others were removed.
  void change(uint32_t slot, uint64_t size) {
    if (!capacity_.in_bytes) return;
    used_ += size - sizes_[slot];
    sizes_[slot] = size;
  }

  uint64_t size_of(uint32_t slot) const { return capacity_.in_bytes ? sizes_[slot] : 1; }
  uint64_t used() const { return used_; }
  uint64_t items() const { return items_; }

  void reserve(uint32_t slots) {
    if (capacity_.in_bytes) grow_exactly(sizes_, slots);
  }
  size_t bytes() const { return held_bytes(sizes_); }

 private:
  PolicyCapacity capacity_;
  uint64_t used_ = 0;
  uint64_t items_ = 0;
  std::vector<uint64_t> sizes_;  // by slot; empty when entries are counted, where each is 1
};

}  // namespace cachegauge
