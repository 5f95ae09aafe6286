// The LRU stack of a trace (Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage
// hierarchies", IBM Systems Journal 9(2), 1970): the objects in order of last use. An object is in
// an LRU cache of size C exactly if its depth, the weight of all objects down to it and its own, is
// at most C; so one pass tells the hits of every size.
//
// An object that is erased leaves a hole of its weight: caches at least that deep have room, and
// those that are shallower had evicted it. What is pushed onto the top presses down on all below,
// and the holes on its way absorb the pressure, the topmost first. With weights above 1 this holds
// for sizes that are not below any object's weight: a cache passes by an object larger than itself.
//
// Positions only ever rise, and are renumbered when they run out. `Sums` is SuffixCounts for
// weights of 1, SuffixSums<uint64_t> for others. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/simulate/suffix_sums.h"

namespace cachegauge {

template <class Sums>
class LruStack {
 public:
  // For ids below `ids`.
  explicit LruStack(uint32_t ids)
      : sums_(size_t{3} * ids + 1024), owners_(sums_.size()), places_(ids, kNowhere) {}

  bool holds(uint32_t id) const { return places_[id] != kNowhere; }
  uint64_t depth(uint32_t id) const {
    const uint32_t place = places_[id];
    return sums_.after(place) + sums_[place];
  }
  // Onto the top, from wherever it was.
  void push(uint32_t id, uint64_t weight) {
    if (next_ == owners_.size()) renumber();
    const uint32_t old = places_[id];
    sums_.add(next_, weight);
    owners_[next_] = id;
    places_[id] = next_++;
    if (old != kNowhere && holes_.empty() && sums_[old] == weight) {
      sums_.add(old, 0 - weight);  // the usual case
      return;
    }
    if (old != kNowhere) make_hole(old);
    absorb(weight);
  }
  void erase(uint32_t id) {
    make_hole(places_[id]);
    places_[id] = kNowhere;
  }
  void prefetch(uint32_t id) const { __builtin_prefetch(&places_[id], 1); }
  // Some requests later, when the place is known: what lies there.
  void prefetch_place(uint32_t id) const {
    if (holds(id)) sums_.prefetch(places_[id]);
  }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;
  static constexpr uint32_t kHole = UINT32_MAX;
  static constexpr bool kMerges = !std::is_same_v<Sums, SuffixCounts>;

  void make_hole(uint32_t place) {
    owners_[place] = kHole;
    holes_.push_back(place);
    std::push_heap(holes_.begin(), holes_.end());
  }

  void absorb(uint64_t pressure) {
    while (pressure > 0 && !holes_.empty()) {
      const uint32_t top = holes_.front();
      const uint64_t taken = std::min<uint64_t>(pressure, sums_[top]);
      sums_.add(top, 0 - taken);
      pressure -= taken;
      if (sums_[top] > 0) return;
      std::pop_heap(holes_.begin(), holes_.end());
      holes_.pop_back();
    }
  }

  // Neighbouring holes become one, so that there are never many more of them than objects; holes of
  // weight 1 and objects are together never more than the ids.
  void renumber() {
    std::vector<typename Sums::Entry> weights;
    std::vector<uint32_t> owners;
    holes_.clear();
    for (uint32_t place = 0; place < next_; ++place) {
      if (sums_[place] == 0) continue;
      const uint32_t owner = owners_[place];
      if (kMerges && owner == kHole && !owners.empty() && owners.back() == kHole) {
        weights.back() += sums_[place];
        continue;
      }
      if (owner == kHole) holes_.push_back(static_cast<uint32_t>(owners.size()));
      if (owner != kHole) places_[owner] = static_cast<uint32_t>(owners.size());
      owners.push_back(owner);
      weights.push_back(sums_[place]);
    }
    std::make_heap(holes_.begin(), holes_.end());
    sums_.assign(weights);
    std::copy(owners.begin(), owners.end(), owners_.begin());
    next_ = static_cast<uint32_t>(owners.size());
  }

  Sums sums_;                     // weights by position; 0: nothing is there any more
  std::vector<uint32_t> owners_;  // ids by position, or kHole
  std::vector<uint32_t, HugePageAllocator<uint32_t>> places_;  // positions by id
  std::vector<uint32_t> holes_;                                // a heap: the topmost first
  uint32_t next_ = 0;
};

}  // namespace cachegauge
