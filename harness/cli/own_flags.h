// The flags of a command: a table of its own, and rows of `run`'s that mean the same there.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/core/registry.h"

namespace cachegauge {

template <class Options>
std::vector<Flag> flags_with_common(const Options& own, std::span<const std::string_view> common) {
  std::vector<Flag> flags;
  for (const auto& option : own) {
    flags.push_back({option.name, option.value, option.group, option.summary});
  }
  for (std::string_view name : common) {
    const ExperimentOption& option = require_row(experiment_options(), name, "flag");
    flags.push_back({option.name, option.value, option.group, option.summary});
  }
  return flags;
}

}  // namespace cachegauge
