// The depths in the LRU stack (lru_stack.h) of the objects of a trace from which nothing is ever
// erased and where each weighs 1: no holes, so that the stack is the order of last uses and no
// more.
//
// Requests are served some at a time, one step of all of them after another. Where each object was
// is read, and what counts the places behind that is fetched from memory, long before it is
// counted; and since it is known of all of them, nothing is asked for twice.
//
// Memory: 4 bytes an object for its place, and 1 for the places behind it. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/simulate/suffix_counts.h"

namespace cachegauge {

class LruDepths {
 public:
  static constexpr size_t kMostAtOnce = 128;

  // For ids below `ids`.
  explicit LruDepths(uint32_t ids)
      : full_(std::min(uint64_t{6} * ids + 1024, kMostPlaces)), places_(ids, kNowhere) {}

  // The objects go onto the top, one after another: at most kMostAtOnce of them. Calls
  // visit(i, depth) for each in order, with the depth that it had just before, 0 if it was not
  // there.
  template <class Visit>
  void push(std::span<const uint32_t> ids, const Visit& visit) {
    if (full_.size() - next_ < ids.size()) renumber();
    std::array<uint32_t, kMostAtOnce> places;
    for (size_t i = 0; i < ids.size(); ++i) {
      uint32_t& place = places_[ids[i]];
      places[i] = place;
      if (place != kNowhere) full_.prefetch(place);
      place = next_ + static_cast<uint32_t>(i);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      visit(i, places[i] == kNowhere ? 0 : full_.take(places[i], 1));
      full_.append(next_++, 1);
    }
  }
  void prefetch(uint32_t id) const { __builtin_prefetch(&places_[id], 1); }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;
  static constexpr uint64_t kMostPlaces = uint64_t{kNowhere} - 64;  // which may be rounded up

  // To the same order without the places that are empty.
  void renumber() {
    const auto objects = static_cast<uint32_t>(full_.all());
    for (uint32_t& place : places_) {
      if (place != kNowhere) place = objects - static_cast<uint32_t>(full_.from(place));
    }
    full_.assign(objects);
    next_ = objects;
  }

  SuffixCounts full_;                                          // whether a place has an object
  std::vector<uint32_t, HugePageAllocator<uint32_t>> places_;  // by id
  uint32_t next_ = 0;
};

}  // namespace cachegauge
