// What S3-FIFO and QD-LP share (s3fifo.h, qdlp.h): a small FIFO queue for new objects, a main one,
// and one of ghosts, which remembers what was evicted from the small queue. The main queue is CLOCK
// with two bits: it gives its objects another round for each of up to three hits.
//
// Hits are counted from 0 in either queue. The small queue has room for one object at least, and an
// object larger than it may be in it. The ghosts are counted in entries, and in a cache bounded by
// bytes in proportion to the objects held; there is room for one at least.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

class FifoQueues {
 public:
  explicit FifoQueues(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        small_limit_(std::max<uint64_t>(1, share_of(limit_, settings.spec.share("small", 0.1)))),
        ghost_share_(settings.spec.share("ghost", 0.9)) {}

  void recall(const Access& access) {
    returning_ = remembers(access.slot);
    if (returning_) forget(access.slot);
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
    const uint32_t queue = queue_of(slot);
    used_[queue] -= size;
    queues_.unlink(slot);
    queues_.prefetch_back(queue);  // as the next to leave it
    states_[slot] = 0;
  }
  bool retire(uint32_t slot, uint64_t size) {
    if (queue_of(slot) == kMain) return false;
    move(slot, kGhost, size, 1);
    return true;
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
  // A hit needs the state alone, but what enters waits for its links: with both, simulations of a
  // million keys take two thirds of the time, though most requests hit.
  void prefetch(uint32_t slot) const {
    __builtin_prefetch(&states_[slot], 1);
    queues_.prefetch(slot);
  }
  size_t bytes() const { return queues_.bytes() + held_bytes(states_); }

 protected:
  enum Queue : uint32_t { kSmall, kMain, kGhost, kQueues };
  static constexpr uint8_t kMostHits = 3;

  uint64_t small_limit() const { return small_limit_; }
  uint64_t main_limit() const { return limit_ - small_limit_; }
  // What the queue's objects take; of ghosts, their number.
  uint64_t used(Queue queue) const { return used_[queue]; }
  bool empty(Queue queue) const { return queues_.empty(queue); }
  // The oldest.
  uint32_t back(Queue queue) const { return queues_.back(queue); }
  uint64_t hits_of(uint32_t slot) const { return states_[slot] & kHitsMask; }
  // What enters next was a ghost.
  bool returning() const { return returning_; }
  bool remembers(uint32_t slot) const { return queue_of(slot) == kGhost; }

  void push(uint32_t slot, Queue queue, uint64_t size) {
    queues_.push_front(slot, queue);
    states_[slot] = static_cast<uint8_t>((queue + 1) << 2);
    used_[queue] += size;
  }
  void move_to_main(uint32_t slot, uint64_t size) { move(slot, kMain, size, size); }
  // The one that goes next from the main queue, which must not be empty.
  uint32_t main_victim() {
    uint32_t slot = queues_.back(kMain);
    while (hits_of(slot) > 0) {
      --states_[slot];
      queues_.move_to_front(slot, kMain);
      slot = queues_.back(kMain);
    }
    return slot;
  }

 private:
  static constexpr uint8_t kHitsMask = 3;

  // A state is the number of hits, and above it 1 + the queue; 0 of what is in none.
  uint32_t queue_of(uint32_t slot) const { return (states_[slot] >> 2) - 1u; }

  void move(uint32_t slot, Queue queue, uint64_t old_size, uint64_t size) {
    leave(slot, old_size);
    push(slot, queue, size);
  }
  uint64_t ghosts_for(uint64_t room) const {
    return std::max<uint64_t>(1, share_of(room, ghost_share_));
  }

  uint64_t limit_;
  uint64_t small_limit_;
  double ghost_share_;
  SlotLists<kQueues> queues_;
  std::vector<uint8_t> states_;  // by slot
  uint64_t used_[kQueues] = {};
  bool returning_ = false;
};

}  // namespace cachegauge
