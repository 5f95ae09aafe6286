#include "harness/cli/gate_arms.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/cli/instruction_count.h"
#include "harness/core/error.h"
#include "reports/escape.h"
#include "reports/measured_reader.h"
#include "reports/report_reader.h"

namespace cachegauge {
namespace {

constexpr std::string_view kOutVariable = "CACHEGAUGE_OUT";
constexpr std::string_view kOutPlace = "{out}";

}  // namespace

GateArm spec_arm(const std::string& name, const std::string& workload, const std::string& adapter,
                 const std::vector<std::string>& flags, const std::string& folder) {
  GateArm arm{name, {}, folder + "/report.json"};
  arm.command.argv = {
      "/proc/self/exe",      "run",     "--workload=" + workload, "--adapter=" + adapter,
      "--out=" + arm.report, "--force", "--skip-floors"};
  arm.command.argv.insert(arm.command.argv.end(), flags.begin(), flags.end());
  return arm;
}

GateArm shell_arm(const std::string& name, const std::string& command, const std::string& tree,
                  const std::string& scratch) {
  GateArm arm{name, {}, scratch + "/report.json"};
  arm.command = shell_command(fill_in(command, kOutPlace, shell_word(arm.report)), tree);
  arm.command.environment.emplace_back(kOutVariable, arm.report);
  return arm;
}

MeasuredReport count_command(const std::string& name, const std::string& command,
                             const std::string& tree, uint64_t requests) {
  MeasuredReport report;
  report.name = name;
  MeasuredResult& result = report.results.emplace_back();
  result.id = "count";
  result.metrics["instructions_per_request"] =
      count_command_instructions(name, command, tree, requests);
  return report;
}

void build_side(const std::string& name, const std::string& command, const std::string& tree) {
  const ChildEnd end = run_child(shell_command(command, tree));
  if (end.interrupted || end.is_good()) return;
  throw Error::failed(fmt::format("--build of {} {}", name, end.what_happened(0)));
}

MeasuredReport run_arm(const GateArm& arm, size_t padding_bytes) {
  std::error_code ignored;
  std::filesystem::remove(arm.report, ignored);
  ChildCommand command = arm.command;
  command.environment.emplace_back("CACHEGAUGE_PADDING", std::string(padding_bytes, 'x'));
  const ChildEnd end = run_child(command);
  if (end.interrupted) return {};
  if (!end.is_good()) {
    throw Error(
        end.exit_code == static_cast<int>(ExitCode::kUsage) ? ExitCode::kUsage : ExitCode::kFailed,
        fmt::format("the run of {} {}", arm.name, end.what_happened(command.timeout_ns)));
  }
  if (!std::filesystem::exists(arm.report)) {
    throw Error::failed(fmt::format(
        "the run of {} wrote no report: it finds the path in ${}, or in the place of {} in --run",
        arm.name, kOutVariable, kOutPlace));
  }
  return parse_measured_report(read_report_file(arm.report),
                               fmt::format("the report of {}", arm.name));
}

}  // namespace cachegauge
