// The flags of a command: a table of its own, and rows of `run`'s that mean the same there.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/core/error.h"
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

// Sets what the flag was given: a row of the command's own, or one of `run`'s in `options.common`.
// Throws Error::usage, with the flag's name.
template <class Row, size_t N, class Options>
void apply_flag(const Row (&own)[N], std::string_view name, std::string_view text,
                Options& options) {
  try {
    if (const auto* row = find_row(std::span<const Row>(own), name)) {
      row->set(options, text);
    } else {
      require_row(experiment_options(), name, "flag").set(options.common, text);
    }
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("--{}: {}", name, error.what()));
  }
}

// The resolved values of those of `run`'s, for a report's experiment; without those that have none.
inline std::vector<std::pair<std::string, std::string>> common_values(
    const Experiment& experiment, std::span<const std::string_view> common) {
  std::vector<std::pair<std::string, std::string>> values;
  for (std::string_view name : common) {
    const ExperimentOption& option = require_row(experiment_options(), name, "flag");
    std::string value = option.get ? option.get(experiment) : std::string();
    if (!value.empty()) values.emplace_back(name, std::move(value));
  }
  return values;
}

}  // namespace cachegauge
