#include "harness/cli/gate_arms.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/core/error.h"
#include "reports/escape.h"
#include "reports/measured_reader.h"
#include "reports/report_reader.h"

namespace cachegauge {
namespace {

constexpr std::string_view kOutVariable = "CACHEGAUGE_OUT";
constexpr std::string_view kOutPlace = "{out}";

std::string with_path(std::string command, const std::string& path) {
  for (size_t at = 0; (at = command.find(kOutPlace, at)) != std::string::npos;) {
    command.replace(at, kOutPlace.size(), path);
    at += path.size();
  }
  return command;
}

ChildCommand shell(const std::string& command, const std::string& tree) {
  return {.argv = {"/bin/sh", "-c", command}, .folder = tree};
}

}  // namespace

GateArm spec_arm(const std::string& name, const std::string& workload, const std::string& adapter,
                 const std::vector<std::string>& flags, const std::string& folder) {
  GateArm arm{name, {}, folder + "/report.json"};
  arm.command.argv = {"/proc/self/exe",         "run",
                      "--workload=" + workload, "--adapter=" + adapter,
                      "--out=" + arm.report,    "--force"};
  arm.command.argv.insert(arm.command.argv.end(), flags.begin(), flags.end());
  return arm;
}

GateArm shell_arm(const std::string& name, const std::string& command, const std::string& tree,
                  const std::string& scratch) {
  GateArm arm{name, {}, scratch + "/report.json"};
  arm.command = shell(with_path(command, shell_word(arm.report)), tree);
  arm.command.environment.emplace_back(kOutVariable, arm.report);
  return arm;
}

void build_side(const std::string& name, const std::string& command, const std::string& tree) {
  const ChildEnd end = run_child(shell(command, tree));
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
