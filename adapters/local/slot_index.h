// Key hash -> slot: the hash table of a local cache, at 4 bytes a slot of its hash, and 4 a cell.
//
// Open addressing with linear probing; erasing shifts the cells behind back (Knuth, "The Art of
// Computer Programming" vol. 3, 1973, algorithm 6.4R), so there are no tombstones and no rebuilding
// under churn. A cell holds a slot number in as many bits as slots need and fills up with bits of
// the hash, which spare a look at the key of nearly every other slot: 12 bits at a million slots.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class SlotIndex {
 public:
  // A table with cells for each slot to spare is faster: a miss looks at 3.6 cells on average where
  // there are 5/3 a slot, and at 8.5, half a cache line, where there are 4/3.
  explicit SlotIndex(double cells_per_slot = 5.0 / 3)
      : cells_per_slot_(cells_per_slot), cells_(kFirstCells, kEmpty) {}

  // Slots [0, slots) may be inserted from now on. At most kMaxSlots.
  void reserve_slots(uint32_t slots) {
    if (slots <= hashes_.size()) return;
    grow_exactly(hashes_, slots);
    const auto cells = std::max(kFirstCells, static_cast<size_t>(slots * cells_per_slot_) + 1);
    // So many bits that no slot is all ones, as an empty cell is.
    rebuild(cells, std::bit_width(slots));
  }

  // The first slot of this hash for which is_key(slot) is true, or kNoSlot.
  template <class IsKey>
  uint32_t find(uint64_t key_hash, IsKey&& is_key) const {
    const uint32_t hash = fold(key_hash);
    const uint32_t mask = slot_mask();
    const uint32_t wanted = hash << slot_bits_;
    for (size_t i = home(hash); cells_[i] != kEmpty; i = after(i)) {
      const uint32_t cell = cells_[i];
      if (((cell ^ wanted) & ~mask) == 0 && is_key(cell & mask)) return cell & mask;
    }
    return kNoSlot;
  }

  // The slot must not be in the index.
  void insert(uint64_t key_hash, uint32_t slot) {
    hashes_[slot] = fold(key_hash);
    place(slot);
    ++size_;
  }

  // The slot must be in the index.
  void erase(uint32_t slot) {
    size_t hole = home(hashes_[slot]);
    while ((cells_[hole] & slot_mask()) != slot) hole = after(hole);
    // Each cell behind may move into the hole unless that would put it before its home.
    for (size_t i = after(hole); cells_[i] != kEmpty; i = after(i)) {
      const size_t wish = home(hashes_[cells_[i] & slot_mask()]);
      if (distance(wish, i) < distance(hole, i)) continue;
      cells_[hole] = cells_[i];
      hole = i;
    }
    cells_[hole] = kEmpty;
    --size_;
  }

  size_t size() const { return size_; }
  size_t bytes() const { return held_bytes(cells_) + held_bytes(hashes_); }

 private:
  static constexpr uint32_t kEmpty = 0xffffffff;
  static constexpr size_t kFirstCells = 16;

  // The upper half finds the home, its lower bits the cell's tag; both come from all that is kept
  // of the hash, so that cells can be moved and rebuilt without the keys.
  static uint32_t fold(uint64_t key_hash) { return static_cast<uint32_t>(key_hash >> 32); }

  // Lemire, "Fast random integer generation in an interval", 2019: any number of cells will do.
  size_t home(uint32_t hash) const { return (uint64_t{hash} * cells_.size()) >> 32; }
  size_t after(size_t i) const { return i + 1 == cells_.size() ? 0 : i + 1; }
  size_t distance(size_t from, size_t to) const {
    return to >= from ? to - from : to + cells_.size() - from;
  }
  uint32_t slot_mask() const { return (uint32_t{1} << slot_bits_) - 1; }

  void place(uint32_t slot) {
    const uint32_t hash = hashes_[slot];
    size_t i = home(hash);
    while (cells_[i] != kEmpty) i = after(i);
    cells_[i] = hash << slot_bits_ | slot;
  }

  void rebuild(size_t cell_count, int slot_bits) {
    const std::vector<uint32_t> old =
        std::exchange(cells_, std::vector<uint32_t>(cell_count, kEmpty));
    const uint32_t old_mask = slot_mask();
    slot_bits_ = slot_bits;
    for (const uint32_t cell : old) {
      if (cell != kEmpty) place(cell & old_mask);
    }
  }

  double cells_per_slot_;
  std::vector<uint32_t> cells_;
  std::vector<uint32_t> hashes_;  // by slot
  int slot_bits_ = 1;
  size_t size_ = 0;
};

}  // namespace cachegauge
