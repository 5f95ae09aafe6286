// Doubly linked lists of slots in one flat array: 8 bytes a slot, and a slot is in one list at
// most.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

// Each list is a ring through a sentinel, and the sentinels are the first kLists nodes of the
// array, so linking and unlinking have no special case at the ends.
template <uint32_t kLists = 1>
class SlotLists {
 public:
  SlotLists() {
    for (uint32_t list = 0; list < kLists; ++list) links_.push_back({list, list});
  }

  bool linked(uint32_t slot) const { return links_[slot + kLists].next != kUnlinked; }
  bool empty(uint32_t list = 0) const { return links_[list].next == list; }
  // kNoSlot when the list is empty.
  uint32_t front(uint32_t list = 0) const { return slot_of(links_[list].next); }
  uint32_t back(uint32_t list = 0) const { return slot_of(links_[list].prev); }
  // The slot's neighbour towards the front, or kNoSlot.
  uint32_t before(uint32_t slot) const { return slot_of(links_[slot + kLists].prev); }

  void push_front(uint32_t slot, uint32_t list = 0) {
    const uint32_t node = slot + kLists;
    const uint32_t first = links_[list].next;
    links_[node] = {list, first};
    links_[first].prev = node;
    links_[list].next = node;
  }

  void unlink(uint32_t slot) {
    Link& link = links_[slot + kLists];
    links_[link.prev].next = link.next;
    links_[link.next].prev = link.prev;
    link.next = kUnlinked;
  }

  // All of one list, in their order, to the front of another.
  void move_all_to_front(uint32_t from, uint32_t list) {
    if (empty(from)) return;
    const auto [last, first] = std::exchange(links_[from], Link{from, from});
    const uint32_t behind = links_[list].next;
    links_[first].prev = list;
    links_[last].next = behind;
    links_[behind].prev = last;
    links_[list].next = first;
  }

  void move_to_front(uint32_t slot, uint32_t list = 0) {
    unlink(slot);
    push_front(slot, list);
  }

  void reserve(uint32_t slots) {
    grow_exactly(links_, size_t{slots} + kLists, Link{kUnlinked, kUnlinked});
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&links_[slot + kLists], 1); }
  // What is needed to take the back away, when the one behind it has gone.
  void prefetch_back(uint32_t list = 0) const {
    __builtin_prefetch(&links_[links_[links_[list].prev].prev], 1);
  }
  size_t bytes() const { return held_bytes(links_); }

 private:
  static constexpr uint32_t kUnlinked = 0xffffffff;
  struct Link {
    uint32_t prev;
    uint32_t next;
  };

  static uint32_t slot_of(uint32_t node) { return node < kLists ? kNoSlot : node - kLists; }

  std::vector<Link> links_;
};

}  // namespace cachegauge
