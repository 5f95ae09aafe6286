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
    pending_[fetch.id] = {fetch.arrives_ns, fetch.next_use};
    queue_.push_back(fetch);
  }
  bool under_way(uint32_t id) const { return pending_[id].arrives_ns != kNone; }
  // How long a get that arrives now waits for it.
  int64_t wait_ns(uint32_t id, int64_t now_ns, uint64_t next_use) {
    pending_[id].next_use = next_use;
    return pending_[id].arrives_ns - now_ns;
  }
  void cancel(uint32_t id) { pending_[id].arrives_ns = kNone; }

  // Calls arrive(fetch) for each that has arrived by now, in order.
  template <class Arrive>
  void arrive_until(int64_t now_ns, Arrive&& arrive) {
    while (!queue_.empty() && queue_.front().arrives_ns <= now_ns) {
      Fetch fetch = queue_.front();
      queue_.pop_front();
      Pending& pending = pending_[fetch.id];
      if (pending.arrives_ns != fetch.arrives_ns) continue;  // it was cancelled
      fetch.next_use = pending.next_use;
      pending.arrives_ns = kNone;
      arrive(fetch);
    }
  }

 private:
  static constexpr int64_t kNone = -1;
  struct Pending {
    int64_t arrives_ns = kNone;
    uint64_t next_use = kNeverUsed;
  };

  int64_t latency_ns_;
  std::vector<Pending> pending_;  // by id
  std::deque<Fetch> queue_;       // in order of arrival, as all take the same time
};

}  // namespace cachegauge
