// What `simulate` does.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "harness/cli/cell_planner.h"
#include "harness/cli/interruptible.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/sample_warnings.h"
#include "harness/cli/simulate_options.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/cli/trace_warnings.h"
#include "harness/core/units.h"
#include "reports/atomic_file.h"
#include "reports/curve_report.h"
#include "reports/simulation_json.h"
#include "reports/simulation_table.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

uint64_t warmup_requests(const Warmup& warmup, uint64_t requests) {
  const auto share = static_cast<uint64_t>(warmup.share * static_cast<double>(requests));
  const uint64_t count = std::max(share, warmup.count);
  if (count > 0 && count >= requests) {
    throw Error::usage(
        fmt::format("--warmup takes all {} requests of the workload, and leaves none to count",
                    format_count(requests)));
  }
  return count;
}

// A hit ratio of 0 for want of room says nothing of the policy.
void warn_of_sizes_too_small(SimulationReport& report) {
  std::set<std::string> sizes;
  for (const SimulationResult& result : report.results) {
    const SimulationCounts& counts = result.counts;
    const bool none_fits = counts.admissions == 0 && counts.declined > counts.not_admitted;
    if (!result.capacity_bytes || !none_fits || !sizes.insert(result.size).second) continue;
    report.warnings.push_back(fmt::format(
        "{}: no object that was to be cached fits in a cache of this size; each takes its key, its "
        "value and {} bytes",
        result.size, kItemChargeBytes));
  }
}

void add_summary(SimulationReport& report, const Workload& workload, const TraceSummary& summary) {
  report.workload.requests = summary.requests;
  report.workload.unique_keys = summary.unique_keys;
  report.workload.fingerprint = summary.fingerprint;
  report.footprint_bytes = summary.footprint_bytes;
  report.decode_ns = summary.decode_ns;
  report.intern_ns = summary.intern_ns;
  report.warnings = trace_warnings(workload, summary);
}

ArrivalTimes times_for(const SimulateOptions& options) {
  const bool all = options.window.ns > 0 || options.origin_ns || need_times(options.policies) ||
                   need_times(options.curves);
  return all ? ArrivalTimes::kAll : ArrivalTimes::kForTtls;
}

void simulate_trace(const SimulateOptions& options, const Workload& workload, Fills fills,
                    SimulationReport& report) {
  const Experiment& common = options.common;
  SampledTrace sample(Interruptible(workload), request_rules(common),
                      KeySample(options.sample_rate, common.seed), options.max_memory_bytes / 2,
                      times_for(options));
  GridOptions grid = {.threads = options.threads,
                      .max_memory_bytes = options.max_memory_bytes,
                      .seed = common.seed,
                      .fills_misses = fills == Fills::kOnMiss,
                      .warmup_requests = warmup_requests(common.warmup, sample.summary().requests)};
  GridOptions cells = grid;
  cells.window = options.window;
  cells.origin_ns = options.origin_ns.value_or(0);
  report.results = sample.simulate(options.policies, options.sizes, cells, interrupted());
  if (!interrupted()) {
    report.curves = sample.curves(options.curves, options.curves_in_bytes, grid, interrupted());
  }
  add_summary(report, workload, sample.summary());
  warn_of_sizes_too_small(report);
  report.compulsory_misses = sample.compulsory_misses(grid.warmup_requests);
  report.memory_bytes = sample.trace().bytes_in_memory();
  report.spilled_bytes = sample.trace().bytes_in_file();
  if (sample.keys().holds_all()) return;
  report.sample = {.rate = sample.keys().rate(),
                   .seed = sample.keys().seed(),
                   .requests = sample.trace().summary().requests,
                   .unique_keys = sample.trace().unique_keys()};
  for (std::string& warning : sample_warnings(report, sample, grid.warmup_requests)) {
    report.warnings.push_back(std::move(warning));
  }
}

void sample_lru_curve(const SimulateOptions& options, const Workload& workload,
                      SimulationReport& report) {
  const FixedSizeOptions fixed = {.most_keys = *options.sample_keys,
                                  .seed = options.common.seed,
                                  .in_bytes = options.curves_in_bytes,
                                  .warmup_requests = options.common.warmup.count};
  const FixedSizeSample sample(workload, request_rules(options.common), fixed, interrupted());
  warmup_requests(options.common.warmup, sample.summary().requests);  // refuses one that took all
  add_summary(report, workload, sample.summary());
  report.compulsory_misses = sample.compulsory_misses();
  report.sample = sample.facts();
  if (!interrupted()) report.curves = {sample.curve()};
}

SimulationReport simulate(const SimulateOptions& options) {
  const CpuTicks ticks = read_cpu_ticks();
  SimulationReport report;
  report.context = read_machine_context();
  const Spec given = parse_workload_spec(options.workload);
  const auto workload = make_workload(given);
  const Fills fills = resolve_fills(options.common, *workload);
  check_workload(options, *workload, fills);
  report.experiment_json = resolved_json(options, *workload);
  report.workload_label = workload_label(given);
  report.workload.spec = workload->spec().redacted();
  report.workload.given = options.workload;
  report.workload.format = workload->traits().format;
  report.fills = fills_name(fills);
  report.origin_ns = options.origin_ns;
  report.cache_rtt_ns = options.cache_rtt_ns.value_or(0);
  if (options.sample_keys) {
    sample_lru_curve(options, *workload, report);
  } else {
    simulate_trace(options, *workload, fills, report);
  }
  report.interrupted = interrupted();
  report.context.steal = steal_share(ticks, read_cpu_ticks());
  return report;
}

}  // namespace

ExitCode simulate_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_simulate_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  const SimulateOptions options = read_simulate_options(args);
  const std::string& out = options.common.out;
  if (!out.empty()) check_writable(out, options.common.force);
  if (!options.csv.empty()) check_writable(options.csv, options.common.force);
  catch_interrupts();
  const SimulationReport report = simulate(options);
  if (!out.empty()) write_atomically(out, simulation_report_json(report));
  if (!options.csv.empty()) write_atomically(options.csv, curve_csv(report));
  if (out != "-") {
    fmt::print("{}{}", simulation_table(report, terminal_style()), simulation_finding(report));
    if (!out.empty()) fmt::print("report: {}\n", out);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
