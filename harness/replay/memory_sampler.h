// Asks a backend for the memory it uses while a cell runs, from a thread of its own, so that no
// client waits for the answer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "harness/core/adapter.h"
#include "harness/core/series.h"

namespace cachegauge {

class MemorySampler {
 public:
  static constexpr int64_t kPeriodNs = 1'000'000'000;  // an INFO costs Redis 0.1 ms

  // Asks once a period, or once an interval where that is longer, from a period after now on. The
  // samples' times count from `start_ns`. `adapter` outlives it.
  MemorySampler(Adapter& adapter, int64_t start_ns, int64_t interval_ns,
                int64_t period_ns = kPeriodNs);
  MemorySampler(const MemorySampler&) = delete;
  ~MemorySampler() { stop(); }

  // Ends the thread, waiting for a question that is under way (bytes_used_now() says how long), and
  // gives the samples: a series without counts. While an answer took longer than a quarter of a
  // second, and where there was none, bytes_used is null.
  Series stop();

 private:
  void run();

  Adapter& adapter_;
  const int64_t start_ns_;
  const int64_t period_ns_;
  Series samples_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cachegauge
