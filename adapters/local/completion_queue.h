// What an in-process session has completed and not yet handed out.
//
// A hit's value is copied here, since the next command may evict it from the cache. A view handed
// out by poll() stays valid until the next poll(), whatever is submitted in between: there are two
// batches, one that fills and one that is handed out from, and they change places in poll() alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/session.h"

namespace cachegauge {

class CompletionQueue {
 public:
  void push(uint64_t tag, Outcome outcome) { filling().entries.push_back({tag, 0, 0, 0, outcome}); }

  void push_hit(uint64_t tag, std::string_view value) {
    Completion hit;
    hit.tag = tag;
    hit.outcome = Outcome::kHit;
    hit.value = value;
    push(hit);
  }

  void push(const Completion& done) {
    Batch& batch = filling();
    batch.entries.push_back(
        {done.tag, batch.values.size(), done.value.size(), done.lease, done.outcome});
    batch.values.append(done.value);
  }

  // Hands out from one batch: what was submitted after an incomplete poll() comes with a later one.
  size_t poll(std::span<Completion> out) {
    if (handed_out_ == serving().entries.size()) swap_batches();
    const Batch& batch = serving();
    const size_t count = std::min(out.size(), batch.entries.size() - handed_out_);
    for (size_t i = 0; i < count; ++i) {
      const Entry& entry = batch.entries[handed_out_ + i];
      out[i] = {.tag = entry.tag,
                .outcome = entry.outcome,
                .value = {batch.values.data() + entry.offset, entry.size},
                .lease = entry.lease};
    }
    handed_out_ += count;
    return count;
  }

 private:
  struct Entry {
    uint64_t tag;
    size_t offset;  // of the value in Batch::values, which may move while the batch fills
    size_t size;
    uint64_t lease;
    Outcome outcome;
  };
  struct Batch {
    std::vector<Entry> entries;
    std::string values;
  };

  Batch& filling() { return batches_[filling_]; }
  Batch& serving() { return batches_[filling_ ^ 1]; }

  void swap_batches() {
    filling_ ^= 1;
    filling().entries.clear();
    filling().values.clear();
    handed_out_ = 0;
  }

  Batch batches_[2];
  int filling_ = 0;
  size_t handed_out_ = 0;  // of serving()
};

}  // namespace cachegauge
