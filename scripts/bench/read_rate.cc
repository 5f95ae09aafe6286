// usage: read_rate WORKLOAD…
//
// Reads each workload to its end in batches of 256, as the feed does, and prints how many requests
// a second that gave. Nothing is hashed or interned.
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "harness/core/error.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

double requests_per_second(const Workload& workload) {
  std::array<Request, 256> batch;
  uint64_t requests = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto source = workload.open();
  while (const size_t count = source->read(batch)) requests += count;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(requests) / took.count();
}

}  // namespace
}  // namespace cachegauge

int main(int argc, char** argv) {
  try {
    for (int i = 1; i < argc; ++i) {
      const auto workload = cachegauge::make_workload(cachegauge::parse_workload_spec(argv[i]));
      fmt::print("{:.0f}\n", cachegauge::requests_per_second(*workload));
    }
  } catch (const cachegauge::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
