#include "workloads/check_params.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {

void check_params(const Spec& spec, std::span<const ParamInfo> known) {
  spec.require_known(known);
  for (const Spec::Param& param : spec.params()) {
    const size_t dot = param.name.find('.');
    if (dot == std::string::npos || param.name.substr(0, dot) == "value") continue;
    throw Error::usage(fmt::format("{}:{}: \"{}\" has no parts", spec.kind(), param.name,
                                   param.name.substr(0, dot)));
  }
}

}  // namespace cachegauge
