// Fills on their way from an origin that takes a fixed time to answer. A get that arrives
// meanwhile waits for the fill instead of asking the origin again: a delayed hit (Atre, Sherry,
// Wang, Berger, "Caching with Delayed Hits", SIGCOMM 2020). As there, an object enters the cache
// when its fill arrives, and those who waited do not count as uses of it.
//
// What is written or deleted while a fill is under way makes that fill worthless: it is not stored,
// and a get that follows does not wait for it.
//
// Memory: 16 bytes an object, and 40 a fill under way. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "adapters/local/policies/policy.h"

namespace cachegauge {

struct Fetch {
  uint32_t id = 0;
  uint64_t value_size = 0;
  int64_t ttl_ns = 0;
  int64_t arrives_ns = 0;
  uint64_t next_use = kNeverUsed;  // behind the last get that waits for it
};

class Fetches {
 public:
  explicit Fetches(int64_t latency_ns) : latency_ns_(latency_ns) {}

  int64_t latency_ns() const { return latency_ns_; }
  void reserve(uint32_t ids) { pending_.resize(ids); }

  // Begins one; `fetch.arrives_ns` is set. Times never run backwards.
  void begin(Fetch fetch, int64_t now_ns) {
    if (__builtin_add_overflow(now_ns, latency_ns_, &fetch.arrives_ns)) return;  // never arrives
    queue_.push_back(fetch);
    pending_[fetch.id] = {arrived_ + queue_.size(), fetch.next_use};
  }
  bool under_way(uint32_t id) const { return pending_[id].number != kNone; }
  // How long a get that arrives now waits for it.
  int64_t wait_ns(uint32_t id, int64_t now_ns, uint64_t next_use) {
    pending_[id].next_use = next_use;
    return queue_[pending_[id].number - arrived_ - 1].arrives_ns - now_ns;
  }
  void cancel(uint32_t id) { pending_[id].number = kNone; }

  // Calls arrive(fetch) for each that has arrived by now, in order.
  template <class Arrive>
  void arrive_until(int64_t now_ns, Arrive&& arrive) {
    while (!queue_.empty() && queue_.front().arrives_ns <= now_ns) {
      Fetch fetch = queue_.front();
      queue_.pop_front();
      Pending& pending = pending_[fetch.id];
      if (pending.number != ++arrived_) continue;  // it was cancelled
      fetch.next_use = pending.next_use;
      pending.number = kNone;
      arrive(fetch);
    }
  }

 private:
  static constexpr uint64_t kNone = 0;
  struct Pending {
    uint64_t number = kNone;  // from 1, in the order in which they begin
    uint64_t next_use = kNeverUsed;
  };

  int64_t latency_ns_;
  std::vector<Pending> pending_;  // by id
  std::deque<Fetch> queue_;       // in order of arrival, as all take the same time
  uint64_t arrived_ = 0;          // how many have left the queue
};

}  // namespace cachegauge
