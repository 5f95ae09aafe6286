#include "adapters/local/local_adapters.h"

#include "adapters/local/null_adapter.h"
#include "adapters/local/policies/policy_list.h"

namespace cachegauge {

std::vector<AdapterKind> local_adapter_kinds() {
  std::vector<AdapterKind> kinds;
  for_each_policy_part([&]<size_t kPart>() { add_local_adapters<kPart>(kinds); });
  kinds.push_back({.name = "null",
                   .summary = "keeps nothing and answers at once: what the harness itself costs",
                   .params = {},
                   .make = make_null_adapter});
  return kinds;
}

}  // namespace cachegauge
