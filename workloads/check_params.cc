#include "workloads/check_params.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {

void check_params(const Spec& spec, std::span<const ParamInfo> known) {
  spec.require_known(known);
  for (const Spec::Param& param : spec.params()) {
    const size_t dot = param.name.find('.');
    const std::string first = param.name.substr(0, dot);
    // The key of a trace has one size, or is a column.
    const bool has_parts =
        first == "value" || first == "arrival" || (first == "key" && spec.kind() != "trace");
    if (dot == std::string::npos || has_parts) continue;
    throw Error::usage(fmt::format("{}:{}: \"{}\" has no parts", spec.kind(), param.name, first));
  }
}

}  // namespace cachegauge
