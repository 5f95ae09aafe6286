// The adapters of one part of the policy list. Included by the sources alone that CMake makes of
// local_adapter_part.cc.in, one for each part.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "adapters/local/local_adapter.h"
#include "adapters/local/local_adapters.h"
#include "adapters/local/policies/policy_list.h"

namespace cachegauge {

template <size_t kPart>
void add_local_adapters(std::vector<AdapterKind>& kinds) {
  AllPolicies::for_each_in<kPart>([&]<class Policy>() {
    if constexpr ((Policy::kInfo.needs & kNeedsTheFuture) == 0) {
      kinds.push_back({.name = Policy::kInfo.name,
                       .summary = Policy::kInfo.summary,
                       .params = kLocalParams<Policy>,
                       .make = make_local_adapter<Policy>});
    }
  });
}

}  // namespace cachegauge
