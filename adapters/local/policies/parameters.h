// Parameters of a policy that must lie within bounds. Each throws Error::usage for one that does
// not.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "harness/core/error.h"
#include "harness/core/spec.h"

namespace cachegauge {

inline uint64_t count_between(const Spec& spec, std::string_view name, uint64_t fallback,
                              uint64_t least, uint64_t most) {
  const uint64_t count = spec.count(name, fallback);
  if (count < least || count > most) {
    throw Error::usage(fmt::format("{}:{}: expected a count from {} to {}, got {}", spec.kind(),
                                   name, least, most, count));
  }
  return count;
}

inline double number_between(const Spec& spec, std::string_view name, double fallback, double least,
                             double most) {
  const double number = spec.number(name, fallback);
  if (number < least || number > most) {
    throw Error::usage(fmt::format("{}:{}: expected a number from {} to {}, got {}", spec.kind(),
                                   name, least, most, number));
  }
  return number;
}

}  // namespace cachegauge
