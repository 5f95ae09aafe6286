#include "harness/core/request.h"

#include "harness/core/workload.h"

namespace cachegauge {

std::string_view op_name(Op op) {
  constexpr std::string_view kNames[kOpCount] = {"get", "set", "add", "delete"};
  return kNames[static_cast<int>(op)];
}

std::string_view fills_name(Fills fills) {
  constexpr std::string_view kNames[] = {"auto", "on-miss", "in-trace", "none"};
  return kNames[static_cast<int>(fills)];
}

}  // namespace cachegauge
