#include "adapters/local/local_adapters.h"

#include "adapters/local/local_adapter.h"
#include "adapters/local/null_adapter.h"
#include "adapters/local/policies/policy_list.h"

namespace cachegauge {
namespace {

template <SlotPolicy Policy>
std::unique_ptr<Adapter> make_checked(const Spec& spec, const AdapterSettings& settings) {
  require_next_victim(spec, victim_policies());
  return make_local_adapter<Policy>(spec, settings);
}

}  // namespace

std::vector<AdapterKind> local_adapter_kinds() {
  std::vector<AdapterKind> kinds;
  AllPolicies::for_each([&]<class Policy>() {
    if constexpr ((Policy::kInfo.needs & kNeedsTheFuture) == 0) {
      kinds.push_back({.name = Policy::kInfo.name,
                       .summary = Policy::kInfo.summary,
                       .params = kLocalParams<Policy>,
                       .make = make_checked<Policy>});
    }
  });
  kinds.push_back({.name = "null",
                   .summary = "keeps nothing and answers at once: what the harness itself costs",
                   .params = {},
                   .make = make_null_adapter});
  return kinds;
}

}  // namespace cachegauge
