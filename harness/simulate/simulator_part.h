// The simulators of one part of the policy list. Included by the sources alone that CMake makes of
// simulator_part.cc.in, one for each part.
#pragma once

#include <algorithm>
#include <vector>

#include "adapters/local/policies/policy_list.h"
#include "harness/simulate/simulators.h"

namespace cachegauge {

// Of an object's size and expiry (Simulation).
inline constexpr uint64_t kObjectBytes = 16;

template <class Policy>
SimulationOutcome run_simulation(const InternedTrace& trace, const SimulationSetup& setup,
                                 const std::atomic<bool>& stop) {
  Simulation<Policy> simulation(trace, setup);
  const SimulationCounts counts = simulation.run(stop);
  return {counts, simulation.series()};
}

// What a policy takes for each slot is seen on some of them.
template <class Policy>
uint64_t simulation_bytes(const SimulationSetup& setup, uint64_t objects) {
  constexpr uint32_t kSlots = 4096;
  const PolicySettings settings = {setup.capacity, setup.policy, setup.seed};
  Policy policy(settings);
  const auto filter = make_admission(settings);
  const auto bytes_now = [&] { return policy.bytes() + (filter ? filter->bytes() : 0); };
  const uint64_t fixed = bytes_now();
  policy.reserve(kSlots);
  if (filter) filter->reserve(kSlots);
  const uint64_t by_slot = (bytes_now() - fixed) * objects / kSlots;
  const uint64_t held = std::min(setup.capacity.limit, objects);
  return fixed + by_slot + held * Policy::kInfo.bytes_of_resident + objects * kObjectBytes;
}

template <size_t kPart>
void add_simulators(std::vector<Simulator>& simulators) {
  AllPolicies::for_each_in<kPart>([&]<class Policy>() {
    simulators.push_back(
        {Policy::kInfo, SweepingPolicy<Policy>, run_simulation<Policy>, simulation_bytes<Policy>});
  });
}

}  // namespace cachegauge
