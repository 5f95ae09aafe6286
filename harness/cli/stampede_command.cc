// `stampede`: each adapter under each guard, one after the other.
#include <fmt/format.h>

#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/stampede_cells.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "reports/atomic_file.h"
#include "reports/stampede_json.h"
#include "reports/stampede_table.h"

namespace cachegauge {
namespace {

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
  const std::string& out = options.common.out;
  if (!out.empty()) check_writable(out, options.common.force);
  catch_interrupts();
  const StampedeReport report = run_all(options);
  if (!out.empty()) write_atomically(out, stampede_report_json(report));
  if (out != "-") {
    fmt::print("{}{}", stampede_table(report, terminal_style()), stampede_finding(report));
    if (!out.empty()) fmt::print("report: {}\n", out);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
