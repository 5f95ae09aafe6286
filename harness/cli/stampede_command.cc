// `stampede`: each adapter under each guard, one after the other.
#include <fmt/format.h>

#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/stampede_cells.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/core/registry.h"
#include "reports/atomic_file.h"
#include "reports/report_formats.h"
#include "reports/stampede_finding.h"
#include "reports/stampede_json.h"
#include "reports/stampede_table.h"

namespace cachegauge {
namespace {

const ReportFormat& page_of_stampede() { return require_row(report_formats(), "html", "format"); }

// What could not be written is known before anything is run.
void check_outputs_of(const Experiment& common) {
  if (!common.out.empty()) check_writable(common.out, common.force);
  if (common.html.empty()) return;
  if (!page_of_stampede().write) throw Error::usage("--html: " + describe(page_of_stampede()));
  check_writable(common.html, common.force);
  if (common.html == common.out) {
    throw Error::usage(fmt::format("{} is named for the report and its page", common.out));
  }
}

void write_outputs(const Experiment& common, const StampedeReport& report) {
  if (common.out.empty() && common.html.empty()) return;
  std::string json = stampede_report_json(report);
  if (!common.out.empty()) write_atomically(common.out, json);
  if (common.html.empty()) return;
  NamedReport named{common.html, {}, std::move(json), "stampede"};
  named.stampede = report;
  write_atomically(common.html, page_of_stampede().write({&named, 1}, {}));
}

StampedeReport run_all(const StampedeOptions& options) {
  StampedeReport report;
  const CpuTicks ticks = read_cpu_ticks();
  report.context = read_machine_context();
  report.experiment_json = stampede_options_json(options);
  // What cannot be carried out is refused before anything is read or run.
  for (const Spec& adapter : options.common.adapters) {
    for (const std::string& guard : options.guards) plan_stampede_cell(options, {}, adapter, guard);
  }
  const RecordedLoad recorded = read_recorded_load(options);
  for (const Spec& adapter : options.common.adapters) {
    for (const std::string& guard : options.guards) {
      if (interrupted()) break;
      report.cells.push_back(run_stampede_cell(options, recorded, adapter, guard));
    }
  }
  report.interrupted = interrupted();
  report.context.steal = steal_share(ticks, read_cpu_ticks());
  return report;
}

}  // namespace

ExitCode stampede_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_stampede_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  const StampedeOptions options = read_stampede_options(args);
  const std::string &out = options.common.out, &html = options.common.html;
  check_outputs_of(options.common);
  catch_interrupts();
  const StampedeReport report = run_all(options);
  write_outputs(options.common, report);
  if (out != "-") {
    fmt::print("{}{}", stampede_table(report, terminal_style()), stampede_finding(report));
    if (!out.empty()) fmt::print("report: {}\n", out);
    if (!html.empty()) fmt::print("page: {}\n", html);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
