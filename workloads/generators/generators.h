// Synthetic workloads. Keys are integers from 1 to `keys`; of zipf they are the ranks, 1 being the
// most popular. One draw a request decides zipf's and uniform's key. Sizes belong to keys
// (sizes.h).
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

std::span<const ParamInfo> generator_params();
std::span<const ParamInfo> zipf_params();

// The keys of zipf are drawn by splitmix64 (seed), u = (x >> 11) · 2^-53, as ZipfTable says up to
// 2^24 keys, and by rejection above (zipf_ranks.h). A table is made at the first draw and shared.
std::unique_ptr<Workload> make_zipf(const Spec& spec);
std::unique_ptr<Workload> make_uniform(const Spec& spec);
std::unique_ptr<Workload> make_sequential(const Spec& spec);

// zipf with the sizes of Facebook's ETC pool and its 30 gets a set (sizes.h names the paper). The
// popularity of keys is ours: the paper does not model it.
std::unique_ptr<Workload> make_etc(const Spec& spec);

}  // namespace cachegauge
