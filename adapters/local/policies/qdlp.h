// QD-LP: quick demotion by a small FIFO queue in front, lazy promotion by CLOCK behind it
// (fifo_queues.h). Yang, Qiu, Zhang, Yue, Rashmi, "FIFO can be better than LRU: the power of lazy
// promotion and quick demotion", HotOS 2023.
//
// Objects enter the small queue, the paper's probationary one. What was used by the time it comes
// out goes on to the main queue, and the rest is evicted and remembered for as many entries as the
// main queue has. An object that comes back from there enters the main queue at once. S3-FIFO
// (s3fifo.h) grew out of this; here the two queues are two caches of fixed sizes: what the main
// queue takes in makes room there, and it never grows at the small one's cost.
//
// As long as the main queue has room (at the start, or after deletes) nothing is evicted: what the
// small queue has no room for goes on, used or not.
#pragma once

#include <cstdint>

#include "adapters/local/policies/fifo_queues.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class QdLpOrder : public FifoQueues {
 public:
  static constexpr ParamInfo kParams[] = {
      {"small", "share = 10%", "the small queue's part of the capacity"},
      {"ghost", "share = 90%", "how many evicted objects it remembers, to those it can hold"}};
  static constexpr PolicyInfo kInfo = {
      .name = "qdlp",
      .summary = "a small FIFO queue in front of CLOCK, each of a fixed size",
      .paper = "Yang et al., FIFO can be better than LRU, 2023",
      .params = kParams};

  using FifoQueues::FifoQueues;

  void recall(const Access& access) {
    coming_to_main_ = size_in_main(access);
    FifoQueues::recall(access);
  }
  template <class Sizes>
  void enter(const Access& access, const Sizes& sizes) {
    push(access.slot, returning() ? kMain : kSmall, access.size);
    coming_to_main_ = 0;
    while (used(kSmall) > small_limit() && used(kMain) < main_limit()) {
      const uint64_t size = sizes.size(back(kSmall));
      if (used(kMain) + size > main_limit()) break;
      move_to_main(back(kSmall), size);
    }
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    return victim_for(coming_to_main_, sizes);
  }
  template <class Sizes>
  uint32_t next_victim(const Access& access, const Sizes& sizes) {
    return victim_for(size_in_main(access), sizes);
  }

 private:
  // What the object will take of the main queue when it enters.
  uint64_t size_in_main(const Access& access) const {
    return remembers(access.slot) ? access.size : 0;
  }
  template <class Sizes>
  uint32_t victim_for(uint64_t coming_to_main, const Sizes& sizes) {
    while (!empty(kSmall)) {
      if (used(kMain) + coming_to_main > main_limit() && !empty(kMain)) break;
      const uint32_t slot = back(kSmall);
      if (hits_of(slot) == 0) return slot;
      move_to_main(slot, sizes.size(slot));
    }
    return main_victim();
  }

  uint64_t coming_to_main_ = 0;  // the size of what is about to enter there
};

using QdLpPolicy = OrderPolicy<QdLpOrder>;

}  // namespace cachegauge
