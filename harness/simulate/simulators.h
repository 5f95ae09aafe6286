// Every policy of the policy list, ready to be simulated by name.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/local/policies/policy.h"
#include "harness/simulate/simulation.h"

namespace cachegauge {

struct SimulationOutcome {
  SimulationCounts counts;
  std::vector<SimulationWindow> series;
};

struct Simulator {
  PolicyInfo info;
  bool sweeps;  // SweepingPolicy: objects may expire that the trace gives no TTL
  // As Simulation::run() and series().
  SimulationOutcome (*run)(const InternedTrace& trace, const SimulationSetup& setup,
                           const std::atomic<bool>& stop);
  // About how much memory run() takes for so many objects. Throws Error::usage for a parameter of
  // the policy that is out of range.
  uint64_t (*bytes)(const SimulationSetup& setup, uint64_t objects);
};

// Those of one part of the policy list, in its order; defined in a source of its own
// (simulator_part.h).
template <size_t kPart>
void add_simulators(std::vector<Simulator>& simulators);

// Throws Error::usage, with the nearest names, for a policy that is not there.
const Simulator& require_simulator(std::string_view policy);

}  // namespace cachegauge
