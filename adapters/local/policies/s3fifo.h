// S3-FIFO: three FIFO queues. Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for
// cache eviction", SOSP 2023.
//
// Objects enter a small queue. One that was hit `promote` times by the time it comes out goes on to
// the main queue, the others are evicted and remembered in a ghost queue. An object that comes back
// from there enters the main queue at once. The main queue gives its objects another round for each
// of up to three hits. The main queue is the one to evict from while it is above its part.
//
// Where the paper leaves a choice: counts go up to 3, start at 0 in either queue, and until the
// first eviction what the small queue has no room for goes to the main queue. Each queue has room
// for one object at least, and an object larger than the small queue may be in it. The ghosts are
// counted in entries, and in a cache bounded by bytes in proportion to the objects held.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"
#include "harness/core/error.h"

namespace cachegauge {

class S3FifoOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"small", "share = 10%", "the small queue's part of the capacity"},
      {"ghost", "share = 90%", "how many evicted objects it remembers, to those it can hold"},
      {"promote", "count = 2",
       "1 to 3: hits in the small queue that take an object to the main queue"}};
  static constexpr PolicyInfo kInfo = {
      .name = "s3fifo",
      .summary = "a small FIFO queue keeps what is used once out of the main one",
      .paper = "Yang et al., FIFO queues are all you need for cache eviction, 2023",
      .params = kParams};

  explicit S3FifoOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        small_limit_(std::max<uint64_t>(1, share_of(limit_, settings.spec.share("small", 0.1)))),
        ghost_share_(settings.spec.share("ghost", 0.9)),
        promote_(settings.spec.count("promote", 2)) {
    if (promote_ < 1 || promote_ > kMostHits) {
      throw Error::usage("s3fifo:promote: expected 1, 2 or 3 hits, got " +
                         std::to_string(promote_));
    }
  }

  void recall(const Access& access) {
    returning_ = queue_of(access.slot) == kGhost;
    if (returning_) forget(access.slot);
  }
  void enter(const Access& access) {
    const bool overflow = !evicting_ && used_[kSmall] >= small_limit_;
    push(access.slot, returning_ || overflow ? kMain : kSmall, access.size);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    uint8_t& state = states_[access.slot];
    if ((state & kHitsMask) < kMostHits) ++state;
  }
  void resized(const Access& access, uint64_t old_size) {
    used_[queue_of(access.slot)] += access.size - old_size;
  }
  void leave(uint32_t slot, uint64_t size) {
    used_[queue_of(slot)] -= size;
    queues_.unlink(slot);
    states_[slot] = 0;
  }
  bool retire(uint32_t slot, uint64_t size) {
    if (queue_of(slot) == kMain) return false;
    leave(slot, size);
    push(slot, kGhost, 1);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    evicting_ = true;
    if (used_[kMain] <= limit_ - small_limit_) {
      while (!queues_.empty(kSmall)) {
        const uint32_t slot = queues_.back(kSmall);
        if (hits_of(slot) < promote_) return slot;
        const uint64_t size = sizes.size(slot);
        leave(slot, size);
        push(slot, kMain, size);
      }
    }
    uint32_t slot = queues_.back(kMain);
    while (hits_of(slot) > 0) {
      --states_[slot];
      queues_.move_to_front(slot, kMain);
      slot = queues_.back(kMain);
    }
    return slot;
  }

  uint32_t surplus_ghost(uint64_t room) const {
    return used_[kGhost] > ghosts_for(room) ? queues_.back(kGhost) : kNoSlot;
  }
  void forget(uint32_t slot) { leave(slot, 1); }
  uint64_t max_ghosts() const { return ghosts_for(limit_); }

  bool holds(uint32_t slot) const {
    const uint32_t queue = queue_of(slot);
    return queue == kSmall || queue == kMain;
  }
  void reserve(uint32_t slots) {
    queues_.reserve(slots);
    grow_exactly(states_, slots);
  }
  // A hit needs the state alone.
  void prefetch(uint32_t slot) const { __builtin_prefetch(&states_[slot], 1); }
  size_t bytes() const { return queues_.bytes() + held_bytes(states_); }

 private:
  enum Queue : uint32_t { kSmall, kMain, kGhost, kQueues };
  static constexpr uint8_t kHitsMask = 3;
  static constexpr uint8_t kMostHits = 3;

  // A state is the number of hits, and above it 1 + the queue; 0 of what is in none.
  uint32_t queue_of(uint32_t slot) const { return (states_[slot] >> 2) - 1u; }
  uint64_t hits_of(uint32_t slot) const { return states_[slot] & kHitsMask; }

  void push(uint32_t slot, Queue queue, uint64_t size) {
    queues_.push_front(slot, queue);
    states_[slot] = static_cast<uint8_t>((queue + 1) << 2);
    used_[queue] += size;
  }
  uint64_t ghosts_for(uint64_t room) const {
    return std::max<uint64_t>(1, share_of(room, ghost_share_));
  }

  uint64_t limit_;
  uint64_t small_limit_;
  double ghost_share_;
  uint64_t promote_;
  SlotLists<kQueues> queues_;
  std::vector<uint8_t> states_;  // by slot
  uint64_t used_[kQueues] = {};  // what the objects take; of ghosts, their number
  bool evicting_ = false;        // it has evicted before
  bool returning_ = false;       // what enters next was a ghost
};

using S3FifoPolicy = OrderPolicy<S3FifoOrder>;

}  // namespace cachegauge
