// Keys whose popularity moves as time goes on.
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

// What is new is popular (YCSB's latest; local_popularity.h names the paper). There are `keys` keys
// to begin with, and a share `fresh` of the requests asks for one that is not among them yet, the
// next number. The others ask for one by its age: the newest but k - 1 by Zipf's law over k, from 1
// to `keys`. Requests for fresh keys have operations from the mix like all others.
std::span<const ParamInfo> latest_params();
std::unique_ptr<Workload> make_latest(const Spec& spec);

// zipf, with every `every` requests a share `shift` of the ranks given to other keys: so many
// ranks, in pairs drawn alike from all, exchange their keys. Until the first shift it is zipf's
// sequence. At most 2^24 keys, for the keys of all ranks are kept: 4 bytes a key and reader.
std::span<const ParamInfo> shifting_params();
std::unique_ptr<Workload> make_shifting(const Spec& spec);

}  // namespace cachegauge
