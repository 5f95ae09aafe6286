// One subcommand is one file and one row of the table in main.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"

namespace cachegauge {

struct Subcommand {
  std::string_view name;
  std::string_view summary;
  // `args` are those after the subcommand's name. Throws Error.
  ExitCode (*run)(const std::vector<std::string>& args);
};

std::span<const Subcommand> subcommands();

ExitCode run_command(const std::vector<std::string>& args);
ExitCode simulate_command(const std::vector<std::string>& args);
ExitCode profile_command(const std::vector<std::string>& args);
ExitCode stampede_command(const std::vector<std::string>& args);
ExitCode gate_command(const std::vector<std::string>& args);
ExitCode micro_command(const std::vector<std::string>& args);
ExitCode report_command(const std::vector<std::string>& args);
ExitCode list_command(const std::vector<std::string>& args);
ExitCode clean_command(const std::vector<std::string>& args);

}  // namespace cachegauge
