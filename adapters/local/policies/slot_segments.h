// Doubly linked lists of slots in one flat array that also know which list a slot is in: 8 bytes a
// slot, as the list's number is in the two bits that slot numbers leave free.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

// Each list is a ring through a sentinel, as in SlotLists.
template <uint32_t kLists>
class SlotSegments {
  static_assert(kLists <= 4);

 public:
  static constexpr uint32_t kNowhere = kLists;

  SlotSegments() : nodes_(kLists) {
    for (uint32_t list = 0; list < kLists; ++list) link(list, list, list, list);
  }

  // kNowhere if it is in none.
  uint32_t list_of(uint32_t slot) const {
    const Node& node = nodes_[slot + kLists];
    return node.next == kUnlinked ? kNowhere : node.high << 1 | node.low;
  }
  // How many slots the list has.
  uint64_t count(uint32_t list) const { return counts_[list]; }
  // kNoSlot when the list is empty.
  uint32_t back(uint32_t list) const {
    if (counts_[list] == 0) return kNoSlot;
    // What is old is in no cache of the processor. The last but two is looked at when the last has
    // gone and the last but one goes.
    const uint32_t last = nodes_[list].prev;
    __builtin_prefetch(&nodes_[nodes_[nodes_[last].prev].prev], 1);
    return last - kLists;
  }

  // The slot must be in no list.
  void push_front(uint32_t slot, uint32_t list) {
    const uint32_t node = slot + kLists;
    const uint32_t first = nodes_[list].next;
    link(node, list, first, list);
    nodes_[first].prev = node;
    nodes_[list].next = node;
    ++counts_[list];
  }

  // The slot must be in `list`.
  void unlink(uint32_t slot, uint32_t list) {
    Node& node = nodes_[slot + kLists];
    nodes_[node.prev].next = node.next;
    nodes_[node.next].prev = node.prev;
    node.next = kUnlinked;
    --counts_[list];
  }

  // The slot must be in `from`.
  void move_to_front(uint32_t slot, uint32_t from, uint32_t to) {
    unlink(slot, from);
    push_front(slot, to);
  }

  void reserve(uint32_t slots) {
    grow_exactly(nodes_, size_t{slots} + kLists, Node{kUnlinked, 0, kUnlinked, 0});
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&nodes_[slot + kLists], 1); }
  size_t bytes() const { return held_bytes(nodes_); }

 private:
  static constexpr uint32_t kUnlinked = 0x7fffffff;
  struct Node {
    uint32_t prev : 31;
    uint32_t low : 1;
    uint32_t next : 31;
    uint32_t high : 1;
  };

  void link(uint32_t node, uint32_t prev, uint32_t next, uint32_t list) {
    nodes_[node] = {prev, list & 1, next, list >> 1};
  }

  std::vector<Node> nodes_;
  std::array<uint64_t, kLists> counts_ = {};
};

}  // namespace cachegauge
