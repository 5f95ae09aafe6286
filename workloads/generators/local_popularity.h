// Keys whose popularity depends on where they lie.
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

// A share `hot-requests` of the requests asks for the keys 1 to `hot-keys` · keys, rounded up, each
// alike; the others for the rest, each alike (YCSB's hotspot: Cooper, Silberstein, Tam,
// Ramakrishnan, Sears, "Benchmarking cloud serving systems with YCSB", SoCC 2010).
std::span<const ParamInfo> hotspot_params();
std::unique_ptr<Workload> make_hotspot(const Spec& spec);

// Normally distributed around `mean` · keys with a deviation of `sigma` · keys; what falls outside
// 1 to keys is drawn again.
std::span<const ParamInfo> gaussian_params();
std::unique_ptr<Workload> make_gaussian(const Spec& spec);

// zipf mixed with scans: a share `scans` of the requests belongs to runs of `length` consecutive
// keys, which begin anywhere, go round at the end, and are not interrupted. Between two runs lie
// zipf's requests, a geometric number of them.
std::span<const ParamInfo> scan_mix_params();
std::unique_ptr<Workload> make_scan_mix(const Spec& spec);

}  // namespace cachegauge
