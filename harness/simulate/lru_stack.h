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

#include "adapters/local/policies/policy.h"
#include "harness/core/huge_pages.h"
#include "harness/simulate/suffix_counts.h"
#include "harness/simulate/suffix_sums.h"

namespace cachegauge {

// What an object holds beside its place in the stack.
struct StackedObject {
  uint64_t value_size = 0;
  int64_t expires_ns = kNeverExpires;

  void store(uint64_t size_bytes, int64_t now_ns, int64_t ttl_ns) {
    value_size = size_bytes;
    if (ttl_ns == 0 || __builtin_add_overflow(now_ns, ttl_ns, &expires_ns)) {
      expires_ns = kNeverExpires;
    }
  }
};

template <class Sums>
class LruStack {
 public:
  // For ids below `ids`. With `most_places`, which is twice as many as the ids at least, positions
  // run out sooner.
  explicit LruStack(uint32_t ids, uint64_t most_places = kMostPlaces)
      : sums_(std::min(uint64_t{6} * ids + 1024, most_places)),
        owners_(sums_.size()),
        places_(ids, kNowhere) {}

  bool holds(uint32_t id) const { return places_[id] != kNowhere; }
  uint64_t depth(uint32_t id) const { return sums_.from(places_[id]); }
  // Onto the top, from wherever it was. Returns the depth that it had there, 0 if it was not.
  uint64_t push(uint32_t id, uint64_t weight) {
    if (next_ == owners_.size()) renumber();
    const uint32_t old = places_[id];
    const bool was_there = old != kNowhere;
    const bool leaves_no_hole =
        was_there && holes_.empty() && (!kWeighs || sums_[old] == weight);  // the usual case
    uint64_t depth = 0;
    if (leaves_no_hole) {
      depth = sums_.take(old, weight);
    } else if (was_there) {
      depth = sums_.from(old);
    }
    sums_.append(next_, weight);
    owners_[next_] = id;
    places_[id] = next_++;
    if (leaves_no_hole) return depth;
    if (was_there) make_hole(old);
    absorb(weight);
    return depth;
  }
  void erase(uint32_t id) {
    make_hole(places_[id]);
    places_[id] = kNowhere;
  }
  // As though it had never been there: caches have no room where it was.
  void forget(uint32_t id) {
    sums_.take(places_[id], sums_[places_[id]]);
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
  static constexpr uint64_t kMostPlaces = uint64_t{kNowhere} - 64;  // which may be rounded up
  static constexpr bool kWeighs = !std::is_same_v<Sums, SuffixCounts>;

  void make_hole(uint32_t place) {
    owners_[place] = kHole;
    holes_.push_back(place);
    std::push_heap(holes_.begin(), holes_.end());
  }

  void absorb(uint64_t pressure) {
    while (pressure > 0 && !holes_.empty()) {
      const uint32_t top = holes_.front();
      const uint64_t taken = std::min<uint64_t>(pressure, sums_[top]);
      sums_.take(top, taken);
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
    holes_.clear();
    sums_.for_each([&](size_t place, typename Sums::Entry weight) {
      const auto next = static_cast<uint32_t>(weights.size());  // not behind the place
      const uint32_t owner = owners_[place];
      if (kWeighs && owner == kHole && next > 0 && owners_[next - 1] == kHole) {
        weights.back() += weight;
        return;
      }
      if (owner == kHole) holes_.push_back(next);
      if (owner != kHole) places_[owner] = next;
      owners_[next] = owner;
      weights.push_back(weight);
    });
    std::make_heap(holes_.begin(), holes_.end());
    sums_.assign(weights);
    next_ = static_cast<uint32_t>(weights.size());
  }

  using Numbers = std::vector<uint32_t, HugePageAllocator<uint32_t>>;

  Sums sums_;                    // weights by position; 0: nothing is there any more
  Numbers owners_;               // ids by position, or kHole
  Numbers places_;               // positions by id
  std::vector<uint32_t> holes_;  // a heap: the topmost first
  uint32_t next_ = 0;
};

}  // namespace cachegauge
