// MQ: an LRU queue for each order of magnitude of uses. Zhou, Philbin, Li, "The multi-queue
// replacement algorithm for second level buffer caches", USENIX ATC 2001, with the paper's names.
//
// An object with f uses is in queue log2(f) of eight. The least recently used of the lowest queue
// that is not empty goes, and is remembered with its uses in Q_out, a FIFO queue. The one at the
// head of each queue that has been there for longer than lifeTime falls to the tail of the next
// lower queue, which is looked after with each use. Time is counted in uses and insertions.
//
// lifeTime is the peak temporal distance: most uses come so long after the last use of their
// object. The paper takes it from statistics of the running system. Here the distances, of objects
// remembered as well as held, are counted by powers of two, and each 1024 of them the upper end of
// the most frequent ones is the new lifeTime, and all counts are halved. Distances of fewer
// requests than objects are held are left out: any cache has them as hits, and the paper's, which
// lies behind another, does not see them. Before the first 1024 lifeTime is as many requests as
// objects are held. A change of lifeTime holds for what is in the queues, too; the paper notes the
// time of expiry when an object enters its queue.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

// The distance at which most uses are; powers of two.
class PeakDistance {
 public:
  // True if there is a new peak().
  bool add(uint64_t distance) {
    ++counts_[std::bit_width(distance)];
    if (++added_ < kPeriod) return false;
    added_ = 0;
    const auto most = std::max_element(counts_.begin(), counts_.end());
    peak_ = uint64_t{1} << std::min<ptrdiff_t>(most - counts_.begin(), 62);
    for (uint32_t& count : counts_) count /= 2;
    return true;
  }
  // All distances of the most frequent kind are below this.
  uint64_t peak() const { return peak_; }

 private:
  static constexpr uint32_t kPeriod = 1024;

  std::array<uint32_t, 65> counts_ = {};  // of distances in [2^(i - 1), 2^i)
  uint32_t added_ = 0;
  uint64_t peak_ = 0;
};

class MultiQueueOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"lifetime", "count = 0",
       "after so many requests without a use it falls one queue; 0: as measured"},
      {"ghosts", "number = 4", "how many evicted objects it remembers, for each it can hold"}};
  static constexpr PolicyInfo kInfo = {
      .name = "multiqueue",
      .summary = "LRU queues by the logarithm of uses, through which the unused fall",
      .paper =
          "Zhou, Philbin, Li, The multi-queue replacement algorithm for second level buffer "
          "caches, 2001",
      .params = kParams};

  explicit MultiQueueOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        ghosts_(number_between(settings.spec, "ghosts", 4, 0, 100)),
        lifetime_(settings.spec.count("lifetime", 0)),
        measures_(lifetime_ == 0) {}

  void recall(const Access& access) {
    Life& life = lives_[access.slot];
    if (life.queue == kOut) {
      measure(life);
      forget(access.slot);
    } else {
      life.uses = 0;
    }
  }
  void enter(const Access& access) {
    ++held_;
    use(access.slot);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    measure(lives_[access.slot]);
    queues_.unlink(access.slot);
    use(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    --held_;
    forget(slot);
  }
  bool retire(uint32_t slot, uint64_t size) {
    leave(slot, size);
    put(slot, kOut);
    ++remembered_;
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    uint32_t queue = 0;
    while (queues_.empty(queue)) ++queue;
    return queues_.back(queue);
  }

  uint32_t surplus_ghost(uint64_t room) const {
    return remembered_ > share_of(room, ghosts_) ? queues_.back(kOut) : kNoSlot;
  }
  void forget(uint32_t slot) {
    remembered_ -= lives_[slot].queue == kOut;
    lives_[slot].queue = kAbsent;
    queues_.unlink(slot);
  }
  uint64_t max_ghosts() const { return share_of(limit_, ghosts_); }

  bool holds(uint32_t slot) const { return lives_[slot].queue < kOut; }
  void reserve(uint32_t slots) {
    queues_.reserve(slots);
    grow_exactly(lives_, slots);
  }
  void prefetch(uint32_t slot) const {
    queues_.prefetch(slot);
    __builtin_prefetch(&lives_[slot], 1);
  }
  size_t bytes() const { return queues_.bytes() + held_bytes(lives_); }

 private:
  static constexpr uint32_t kQueues = 8;
  enum Place : uint32_t { kOut = kQueues, kAbsent };

  struct Life {
    uint64_t used = 0;   // when it was used last
    uint64_t since = 0;  // when it entered its queue
    uint32_t uses = 0;
    uint32_t queue = kAbsent;
  };

  // The object comes to the tail of the queue of its uses.
  void use(uint32_t slot) {
    Life& life = lives_[slot];
    if (life.uses < std::numeric_limits<uint32_t>::max()) ++life.uses;
    life.used = now_;
    put(slot, std::min<uint32_t>(std::bit_width(life.uses) - 1, kQueues - 1));
    adjust();
  }
  void put(uint32_t slot, uint32_t queue) {
    queues_.push_front(slot, queue);
    lives_[slot].queue = queue;
    lives_[slot].since = now_;
  }
  // The paper's Adjust().
  void adjust() {
    ++now_;
    const uint64_t lifetime = lifetime_ == 0 ? held_ : lifetime_;
    for (uint32_t queue = 1; queue < kQueues; ++queue) {
      const uint32_t head = queues_.back(queue);
      if (head == kNoSlot || now_ - lives_[head].since <= lifetime) continue;
      queues_.unlink(head);
      put(head, queue - 1);
    }
  }
  void measure(const Life& life) {
    const uint64_t distance = now_ - life.used;
    if (!measures_ || distance < held_) return;
    if (distances_.add(distance)) lifetime_ = distances_.peak();
  }

  uint64_t limit_;
  double ghosts_;
  uint64_t lifetime_;  // 0: not known yet
  bool measures_;
  PeakDistance distances_;
  SlotLists<kQueues + 1> queues_;  // and Q_out
  std::vector<Life> lives_;        // by slot
  uint64_t held_ = 0;
  uint64_t remembered_ = 0;  // in Q_out
  uint64_t now_ = 0;
};

using MultiQueuePolicy = OrderPolicy<MultiQueueOrder>;

}  // namespace cachegauge
