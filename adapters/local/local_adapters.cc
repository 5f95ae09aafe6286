#include "adapters/local/local_adapters.h"

#include <fmt/format.h>

#include "adapters/local/null_adapter.h"
#include "adapters/local/policies/policy_list.h"
#include "harness/core/error.h"

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

void refuse_offline_policy(std::string_view name) {
  const PolicyInfo* policy = find_row(kPolicyTable, name);
  if (!policy || (policy->needs & kNeedsTheFuture) == 0) return;
  throw Error::usage(fmt::format(
      "{0} evicts by what comes next, which no cache knows: ask for it with `cachegauge "
      "simulate WORKLOAD --policy {0} --size …`",
      name));
}

}  // namespace cachegauge
