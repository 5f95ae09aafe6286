// What the report's `context` says of the machine.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/report.h"

namespace cachegauge {

// As it is now; the floors are left for the caller.
MachineContext read_machine_context();

// Ticks of all CPUs since boot, from /proc/stat; two of them give the share of time stolen.
struct CpuTicks {
  uint64_t total = 0;
  uint64_t stolen = 0;
};
CpuTicks read_cpu_ticks();
std::optional<double> steal_share(const CpuTicks& before, const CpuTicks& after);

// What could be taken without swapping, as the kernel estimates it.
std::optional<uint64_t> available_memory_bytes();

}  // namespace cachegauge
