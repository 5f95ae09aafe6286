// S3-FIFO: three FIFO queues (fifo_queues.h). Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all
// you need for cache eviction", SOSP 2023.
//
// Objects enter a small queue. One that was hit `promote` times by the time it comes out goes on to
// the main queue, the others are evicted and remembered in a ghost queue. An object that comes back
// from there enters the main queue at once. The main queue is the one to evict from while it is
// above its part.
//
// Two things differ from the paper's pseudocode, both as in libCacheSim, the authors' simulator.
// Until the first eviction what the small queue has no room for goes to the main queue: up to
// 0.03 of the hit ratio where requests go round in loops. And what moves on may overfill the main
// queue, which then gives up an object with the next eviction and not at once: below 0.001.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/local/policies/fifo_queues.h"
#include "adapters/local/policies/order_policy.h"
#include "harness/core/error.h"

namespace cachegauge {

class S3FifoOrder : public FifoQueues {
 public:
  static constexpr ParamInfo kParams[] = {
      {"small", "share = 10%", "the small queue's part of the capacity"},
      {"ghost", "share = 90%", "how many evicted objects it remembers, to those it can hold"},
      {"promote", "count = 2",
       "1 to 3: hits in the small queue that take an object to the main queue"}};
  static constexpr PolicyInfo kInfo = {
      .name = "s3fifo",
      .summary = "a small FIFO queue keeps what is used once out of the main one",
      .paper = "Yang et al., FIFO queues are all you need for cache eviction, 2023",
      .params = kParams};

  explicit S3FifoOrder(const PolicySettings& settings)
      : FifoQueues(settings), promote_(settings.spec.count("promote", 2)) {
    if (promote_ < 1 || promote_ > kMostHits) {
      throw Error::usage("s3fifo:promote: expected 1, 2 or 3 hits, got " +
                         std::to_string(promote_));
    }
  }

  void enter(const Access& access) {
    choosing_ = false;
    const bool overflow = !evicting_ && used(kSmall) >= small_limit();
    push(access.slot, returning() || overflow ? kMain : kSmall, access.size);
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    if (!choosing_) from_small_ = used(kMain) <= main_limit();
    choosing_ = true;
    while (from_small_ && !empty(kSmall)) {
      const uint32_t slot = back(kSmall);
      if (hits_of(slot) < promote_) return slot;
      move_to_main(slot, sizes.size(slot));
    }
    return main_victim();
  }
  void give_up(uint32_t /*slot*/) {
    evicting_ = true;
    choosing_ = false;
  }

 private:
  uint64_t promote_;
  bool evicting_ = false;    // it has evicted before
  bool choosing_ = false;    // a victim is named that has not gone yet,
  bool from_small_ = false;  // and the small queue was the one to evict from
};

using S3FifoPolicy = OrderPolicy<S3FifoOrder>;

}  // namespace cachegauge
