// How a running cell is told to stop, and tells how far it is. Lives in memory that the cell's
// process shares with the one that watches it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace cachegauge {

struct CellControl {
  static constexpr int kMaxThreads = 256;

  std::atomic<bool> stop{false};   // Ctrl-C: finish what is outstanding and report
  std::atomic<uint64_t> total{0};  // requests of all phases, over all threads
  std::atomic<uint64_t> base{0};   // of the phases done
  std::array<std::atomic<uint64_t>, kMaxThreads> done{};  // of this phase, by thread

  std::atomic<uint64_t> preloaded{0};  // keys, by all threads

  // When the cell's process has killed itself, from the beginning of the measured interval.
  std::atomic<int64_t> killed_at_ns{0};

  // Rows of the workload that each thread has decoded; UINT64_MAX while it runs no phase. Threads
  // of a closed loop keep within kMostAhead of each other: there is one sequence of requests, and a
  // cache that sees one thread's keys long before another's hits more often than it would.
  static constexpr uint64_t kMostAhead = 2048;
  std::array<std::atomic<uint64_t>, kMaxThreads> position{};

  uint64_t slowest(uint32_t threads) const {
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < threads; ++i) {
      least = std::min(least, position[i].load(std::memory_order_relaxed));
    }
    return least;
  }

  uint64_t progress() const {
    uint64_t sum = base.load(std::memory_order_relaxed);
    for (const auto& part : done) sum += part.load(std::memory_order_relaxed);
    return sum;
  }
};

}  // namespace cachegauge
