#include "harness/replay/memory_sampler.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/core/clock.h"

namespace cachegauge {
namespace {

constexpr int64_t kLateAnswerNs = 250'000'000;

}  // namespace

MemorySampler::MemorySampler(Adapter& adapter, int64_t start_ns, int64_t interval_ns,
                             int64_t period_ns)
    : adapter_(adapter),
      start_ns_(start_ns),
      period_ns_(std::max(period_ns, interval_ns)),
      samples_(interval_ns),
      thread_([this] { run(); }) {}

void MemorySampler::run() {
  std::unique_lock lock(mutex_);
  while (
      !wake_.wait_for(lock, std::chrono::nanoseconds(period_ns_), [this] { return stopping_; })) {
    lock.unlock();
    const int64_t asked_ns = monotonic_ns() - start_ns_;
    const std::optional<uint64_t> bytes_used = adapter_.bytes_used_now();
    const int64_t answered_ns = monotonic_ns() - start_ns_;
    // Until an answer that came late, nothing was known.
    if (answered_ns - asked_ns > kLateAnswerNs)
      samples_.at(asked_ns).memory = {.taken = true, .bytes_used = {}};
    samples_.at(answered_ns).memory = {.taken = true, .bytes_used = bytes_used};
    lock.lock();
  }
}

Series MemorySampler::stop() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  return std::exchange(samples_, Series());
}

}  // namespace cachegauge
