// The accounting of a policy: what its residents take of the capacity.
#pragma once

#include <cstdint>

#include "adapters/local/policies/policy.h"

namespace cachegauge {

// Of a number below 2^63: a signed one is converted by one instruction, an unsigned one by several
// and a branch.
inline double to_double(uint64_t number) {
  return static_cast<double>(static_cast<int64_t>(number));
}

// A share of a capacity, rounded down.
inline uint64_t share_of(uint64_t limit, double share) {
  return static_cast<uint64_t>(static_cast<double>(limit) * share);
}

class Charges {
 public:
  explicit Charges(const PolicyCapacity& capacity) : capacity_(capacity) {}

  // Whether an object of this size could be held by a cache that holds nothing else.
  bool can_ever_hold(uint64_t size) const { return size <= capacity_.limit; }
  bool has_room_for(uint64_t size) const { return size <= capacity_.limit - used_; }
  bool exceeded() const { return used_ > capacity_.limit; }

  void add(uint64_t size) {
    used_ += size;
    ++items_;
  }
  void remove(uint64_t size) {
    used_ -= size;
    --items_;
  }
  // A resident's size changes; used() may exceed the limit until others were removed.
  void change(uint64_t old_size, uint64_t size) { used_ += size - old_size; }

  uint64_t used() const { return used_; }
  uint64_t items() const { return items_; }
  // How many objects the cache has room for, by which ghosts are counted out: with a capacity in
  // bytes, as many as it holds.
  uint64_t room_in_entries() const { return capacity_.in_bytes ? items_ : capacity_.limit; }

 private:
  PolicyCapacity capacity_;
  uint64_t used_ = 0;
  uint64_t items_ = 0;
};

}  // namespace cachegauge
