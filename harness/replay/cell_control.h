// How a running cell is told to stop, and tells how far it is. Lives in memory that the cell's
// process shares with the one that watches it.
#pragma once

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

  uint64_t progress() const {
    uint64_t sum = base.load(std::memory_order_relaxed);
    for (const auto& part : done) sum += part.load(std::memory_order_relaxed);
    return sum;
  }
};

}  // namespace cachegauge
