// Synthetic workloads. Keys are integers from 1 to `keys`; of zipf they are the ranks, 1 being the
// most popular. One draw a request decides the key; operations have draws of their own, so that the
// sequence of keys is the same for any mix, and sizes belong to keys (value_sizes.h).
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

std::span<const ParamInfo> generator_params();
std::span<const ParamInfo> zipf_params();

// The keys of zipf are drawn by splitmix64 (seed), u = (x >> 11) · 2^-53, as ZipfTable says. Its
// table is made at the first open() and shared by all.
std::unique_ptr<Workload> make_zipf(const Spec& spec);
std::unique_ptr<Workload> make_uniform(const Spec& spec);
std::unique_ptr<Workload> make_sequential(const Spec& spec);

}  // namespace cachegauge
