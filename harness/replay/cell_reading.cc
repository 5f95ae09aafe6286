#include "harness/replay/cell_reading.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <optional>

#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

int64_t to_ns(const timeval& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_usec * 1000; }

template <class T>
std::optional<T> difference(const std::optional<T>& after, const std::optional<T>& before) {
  if (!after || !before || *after < *before) return std::nullopt;
  return *after - *before;
}

// A hit ratio of 0 for want of room says nothing of the cache.
void warn_if_nothing_was_stored(RunResult& result) {
  const Counters& counters = result.counters;
  if (counters.not_stored == 0 || counters.hits > 0 || result.adapter.items != 0) return;
  result.warnings.push_back(fmt::format(
      "none of {} values was stored: each is larger than the whole cache, or its admission "
      "declines it; a size without a unit is in bytes (--memory 64MiB)",
      counters.not_stored));
}

}  // namespace

CpuUse cpu_use() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {to_ns(usage.ru_utime), to_ns(usage.ru_stime)};
}

CellReading read_cell(Adapter& adapter, const CellOrigin& origin) {
  CellReading reading;
  reading.adapter = adapter.state();
  reading.adapter_figures = adapter.figures();
  reading.origin = origin.figures();
  const CpuUse cpu = cpu_use();
  reading.user_ns = cpu.user_ns;
  reading.system_ns = cpu.system_ns;
  reading.time_ns = monotonic_ns();
  return reading;
}

void describe_adapter(Adapter& adapter, const CellReading& reading, RunResult& result) {
  const AdapterState& before = reading.adapter;
  result.adapter_version = adapter.version();
  result.adapter_settings = adapter.settings();
  result.server_cpus = adapter.server_cpus();
  result.adapter_statistics = figures_since(reading.adapter_figures, adapter.figures());
  try {
    const AdapterState after = adapter.state();
    result.adapter = after;
    result.adapter.evictions = difference(after.evictions, before.evictions);
    result.adapter.expirations = difference(after.expirations, before.expirations);
    result.adapter.not_admitted = difference(after.not_admitted, before.not_admitted);
    result.adapter.server_cpu_ns = difference(after.server_cpu_ns, before.server_cpu_ns);
    warn_if_nothing_was_stored(result);
  } catch (const Error& error) {
    result.warnings.push_back(
        fmt::format("the backend's figures could not be read at the end: {}", error.what()));
  }
}

}  // namespace cachegauge
