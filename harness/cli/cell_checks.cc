#include "harness/cli/cell_checks.h"

#include <fmt/format.h>

#include <utility>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {

void check_experiment(const Experiment& experiment) {
  if (experiment.workloads.empty()) {
    throw Error::usage(
        "which workload? Give a trace file or a generator such as zipf:keys=100k "
        "(`cachegauge list workloads`)");
  }
  if (experiment.adapters.empty()) {
    throw Error::usage(
        "which caches? Give one adapter or more, such as lru redis memcached "
        "(`cachegauge list adapters`)");
  }
  if (experiment.threads > experiment.resolved_clients()) {
    throw Error::usage(fmt::format(
        "--threads {} is more than --clients {}: a client stays on one thread, so give at least as "
        "many clients as threads",
        experiment.threads, experiment.resolved_clients()));
  }
  if (experiment.rate.has_value() + experiment.speed.has_value() + experiment.slo.is_set() > 1) {
    throw Error::usage("--rate, --speed and --slo each say when requests start: give one of them");
  }
  if (!experiment.poisson && !experiment.rate && !experiment.slo.is_set()) {
    throw Error::usage("--arrival says how requests are spaced at a --rate: give one");
  }
  if (!experiment.log.empty() &&
      experiment.workloads.size() * experiment.adapters.size() * experiment.repeat > 1) {
    throw Error::usage("--log keeps the requests of one cell: give one adapter, and no --repeat");
  }
  if (experiment.slo.is_set() && experiment.time == TimeMode::kVirtual) {
    throw Error::usage("--slo searches in real time: leave --time virtual out");
  }
}

void check_needs(const Experiment& experiment, const WorkloadSummary& summary,
                 const Capabilities& capabilities, PlannedCell& cell) {
  auto lacking = [&](const std::string& what) {
    const std::string text = fmt::format("{}: {}", cell.report.adapter_spec, what);
    if (!experiment.allow_degraded) {
      throw Error::usage(text + " (--allow-degraded runs it all the same, with a warning)");
    }
    cell.warnings.push_back(text);
  };
  constexpr std::pair<Op, CommandKind> kNeeds[] = {{Op::kAdd, CommandKind::kAdd},
                                                   {Op::kDelete, CommandKind::kDelete}};
  for (const auto& [op, kind] : kNeeds) {
    if (summary.op_count(op) > 0 && !(capabilities.commands & command_bit(kind))) {
      lacking(fmt::format("the workload has {} {}s, which it cannot do",
                          format_count(summary.op_count(op)), op_name(op)));
    }
  }
  if (summary.with_ttl > 0 && !capabilities.ttl) {
    lacking("the workload's requests have TTLs, which it does not know");
  } else if (summary.with_ttl > 0 &&
             summary.ttl_divisor_ns % capabilities.ttl_granularity_ns != 0) {
    cell.warnings.push_back(
        fmt::format("{}: TTLs are rounded up to {}", cell.report.adapter_spec,
                    format_duration(static_cast<double>(capabilities.ttl_granularity_ns))));
  }
}

void check_speed(const Experiment& experiment, const PlannedWorkload& workload,
                 const Capabilities& capabilities, PlannedCell& cell) {
  if (!experiment.speed) return;
  if (!workload.workload->traits().carries_time) {
    throw Error::usage(fmt::format(
        "--speed replays a trace's own times, and {} has none: give --rate", workload.label));
  }
  if (workload.summary.with_ttl == 0 || *experiment.speed == 1) return;
  const double shortest_ns = static_cast<double>(workload.summary.shortest_ttl_ns);
  const auto granularity_ns = static_cast<double>(capabilities.ttl_granularity_ns);
  if (shortest_ns / *experiment.speed < 10 * granularity_ns && granularity_ns > 1) {
    cell.warnings.push_back(fmt::format(
        "{}: at --speed {} the shortest TTL is {}, and its clock knows multiples of {}",
        cell.report.adapter_spec, *experiment.speed,
        format_duration(shortest_ns / *experiment.speed), format_duration(granularity_ns)));
  }
  if (!capabilities.in_process) {
    cell.warnings.push_back(fmt::format(
        "{}: TTLs are divided by --speed {}, but what a server ages by its own clock (LFU decay, "
        "LRU bumps) is not",
        cell.report.adapter_spec, *experiment.speed));
  }
}

}  // namespace cachegauge
