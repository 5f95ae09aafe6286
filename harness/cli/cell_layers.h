// What is between the application and the caches of an experiment: --codec, --key-hash, --namespace
// and --mutate.
#pragma once

#include <string>

#include "harness/cli/experiment.h"
#include "harness/core/report.h"
#include "harness/replay/layers/layers.h"

namespace cachegauge {

// How many of the workload's keys have the same name in the cache as another of them. Reads all of
// it, where keys are hashed.
uint64_t count_keys_in_collisions(const Workload& workload, const RequestRules& rules,
                                  const KeyNaming& naming);

// Of a cell; fills the report's part of it. Throws Error::usage for keys that must not be changed.
LayerOptions plan_layers(const Experiment& experiment, uint64_t keys_in_collisions,
                         const Adapter& adapter, CellReport& report);

// "lru:entries=10k+json": what an adapter is called where something is before it.
std::string layered_label(const std::string& adapter, const Experiment& experiment);

}  // namespace cachegauge
