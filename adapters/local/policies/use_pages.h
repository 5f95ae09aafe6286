// Slots by the position in a trace at which each is used next: which is furthest? A calendar queue
// (Brown, "Calendar queues: a fast O(1) priority queue implementation for the simulation event set
// problem", Communications of the ACM 1988) read from its far end.
//
// A page has the positions of a fixed stretch of the trace, in the order in which they came. To add
// one is to append it, and a page is sorted when it is the last one that has any. What lies in the
// past is thrown away a page at a time. 8 bytes an entry.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"

namespace cachegauge {

class UsePages {
 public:
  struct Use {
    uint64_t position;
    uint32_t slot;
  };

  void add(uint64_t position, uint32_t slot) {
    const uint64_t page = position >> kPageBits;
    if (page >= pages_.size()) grow(page);
    pages_[page].entries.push_back(entry_of(position, slot));
    in_use_[page / 64] |= uint64_t{1} << page % 64;
    last_word_ = std::max(last_word_, page / 64);
  }

  // There must be one.
  Use furthest() {
    Page& page = pages_[last_page()];
    if (page.sorted < page.entries.size()) sort(page);
    const uint64_t entry = page.entries.back();
    return {last_page_ << kPageBits | entry >> 32, static_cast<uint32_t>(entry)};
  }
  // After furthest().
  void drop_furthest() { drop_from(last_page_); }
  // If it is the last of its page, as the furthest is: so what was evicted leaves nothing behind.
  void drop_last(uint64_t position, uint32_t slot) {
    const uint64_t at = position >> kPageBits;
    const std::vector<uint64_t>& entries = pages_[at].entries;
    if (!entries.empty() && entries.back() == entry_of(position, slot)) drop_from(at);
  }
  // After furthest(): likely to be the furthest when that one is dropped.
  uint32_t likely_next_slot() const {
    const std::vector<uint64_t>& entries = pages_[last_page_].entries;
    return static_cast<uint32_t>(entries[entries.size() - (entries.size() > 1 ? 2 : 1)]);
  }

  // What lies before is of no use any more. Positions of the page that it is on may stay.
  void pass(uint64_t position) {
    for (const uint64_t now = position >> kPageBits; passed_ < now; ++passed_) {
      pages_[passed_] = {};
      mark_empty(passed_);
    }
  }

  size_t bytes() const {
    size_t bytes = held_bytes(pages_) + held_bytes(in_use_);
    for (const Page& page : pages_) bytes += held_bytes(page.entries);
    return bytes;
  }

 private:
  static constexpr uint32_t kPageBits = 14;
  static constexpr uint64_t kPageMask = (uint64_t{1} << kPageBits) - 1;

  struct Page {
    std::vector<uint64_t> entries;  // where on the page, and below that the slot
    size_t sorted = 0;              // so many of them rise
  };

  static uint64_t entry_of(uint64_t position, uint32_t slot) {
    return (position & kPageMask) << 32 | slot;
  }

  uint64_t last_page() {
    while (in_use_[last_word_] == 0) --last_word_;
    return last_page_ = last_word_ * 64 + 63 - std::countl_zero(in_use_[last_word_]);
  }

  void drop_from(uint64_t at) {
    Page& page = pages_[at];
    page.entries.pop_back();
    page.sorted = std::min(page.sorted, page.entries.size());
    if (page.entries.empty()) mark_empty(at);
  }

  void mark_empty(uint64_t page) { in_use_[page / 64] &= ~(uint64_t{1} << page % 64); }

  [[gnu::noinline]] void grow(uint64_t page) {
    pages_.resize(page + 1);
    in_use_.resize(page / 64 + 1);
  }

  static void sort(Page& page) {
    const auto begin = page.entries.begin(), end = page.entries.end();
    const auto middle = begin + static_cast<std::ptrdiff_t>(page.sorted);
    std::sort(middle, end);
    std::inplace_merge(begin, middle, end);
    page.sorted = page.entries.size();
  }

  std::vector<Page> pages_;
  std::vector<uint64_t> in_use_;  // a bit for each page that has entries
  uint64_t last_word_ = 0;        // none behind it has any
  uint64_t last_page_ = 0;        // where furthest() found it
  uint64_t passed_ = 0;           // pages that lie in the past
};

}  // namespace cachegauge
