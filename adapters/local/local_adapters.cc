#include "adapters/local/local_adapters.h"

#include "adapters/local/local_adapter.h"
#include "adapters/local/null_adapter.h"
#include "adapters/local/policies/policy_list.h"

namespace cachegauge {

std::vector<AdapterKind> local_adapter_kinds() {
  std::vector<AdapterKind> kinds;
  AllPolicies::for_each([&]<class Policy>() {
    if constexpr ((Policy::kInfo.needs & kNeedsTheFuture) == 0) {
      kinds.push_back({.name = Policy::kInfo.name,
                       .summary = Policy::kInfo.summary,
                       .params = kLocalParams<Policy>,
                       .make = make_local_adapter<Policy>});
    }
  });
  kinds.push_back({.name = "null",
                   .summary = "keeps nothing and answers at once: what the harness itself costs",
                   .params = {},
                   .make = make_null_adapter});
  return kinds;
}

}  // namespace cachegauge
