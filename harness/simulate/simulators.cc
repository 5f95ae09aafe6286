#include "harness/simulate/simulators.h"

#include "adapters/local/policies/policy_list.h"
#include "harness/core/registry.h"

namespace cachegauge {

const Simulator& require_simulator(std::string_view policy) {
  static const std::vector<Simulator> simulators = [] {
    std::vector<Simulator> all;
    for_each_policy_part([&]<size_t kPart>() { add_simulators<kPart>(all); });
    return all;
  }();
  const PolicyInfo& info = require_row(kPolicyTable, policy, "policy");
  return simulators[static_cast<size_t>(&info - kPolicyTable.data())];
}

}  // namespace cachegauge
