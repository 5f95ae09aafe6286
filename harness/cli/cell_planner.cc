#include "harness/cli/cell_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/adapters.h"
#include "adapters/origins/origins.h"
#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint64_t kLargestValue = UINT32_MAX;  // the value header's size is 32 bits

// A part of an id: no "/", and not one that is taken.
std::string unique_label(std::string label, const std::vector<std::string>& taken) {
  std::replace(label.begin(), label.end(), '/', '_');
  std::string candidate = label;
  for (int n = 2; std::find(taken.begin(), taken.end(), candidate) != taken.end(); ++n) {
    candidate = fmt::format("{}#{}", label, n);
  }
  return candidate;
}

std::string workload_label(const Spec& given) {
  if (const std::string* path = given.find("path")) {
    return std::filesystem::path(*path).filename().string();
  }
  return given.redacted();
}

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
  if (experiment.threads > experiment.clients) {
    throw Error::usage(fmt::format(
        "--threads {} is more than --clients {}: a client stays on one thread, so give at least as "
        "many clients as threads",
        experiment.threads, experiment.clients));
  }
  require_row(guard_kinds(), experiment.guard.kind(), "guard");
  experiment.guard.require_known({});
}

bool choose_virtual_time(const Experiment& experiment, const Spec& adapter, bool in_process) {
  if (experiment.time == TimeMode::kVirtual) {
    if (!in_process) {
      throw Error::usage(fmt::format(
          "{} answers over a network, in real time: --time virtual is for in-process adapters",
          adapter.redacted()));
    }
    if (experiment.threads > 1) {
      throw Error::usage("virtual time has one thread: leave --threads out, or --time virtual");
    }
    return true;
  }
  return experiment.time == TimeMode::kAuto && in_process && experiment.clients == 1;
}

// What the workload needs against what the adapter can do.
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

Fills resolve_fills(const Experiment& experiment, const Workload& workload) {
  if (experiment.fills != Fills::kAuto) return experiment.fills;
  return workload.traits().has_sets && !experiment.all_as_get ? Fills::kInTrace : Fills::kOnMiss;
}

std::string driver_text(const DriverOptions& driver) {
  std::string text = fmt::format("closed:clients={}", driver.clients);
  if (driver.threads > 1) text += fmt::format(",threads={}", driver.threads);
  if (driver.pipeline > 1) text += fmt::format(",pipeline={}", driver.pipeline);
  return text;
}

std::unique_ptr<PlannedWorkload> plan_workload(const Experiment& experiment, const Spec& spec,
                                               const std::vector<std::string>& taken) {
  auto planned = std::make_unique<PlannedWorkload>();
  planned->workload = make_workload(spec);
  planned->summary = summarize_workload(*planned->workload, request_rules(experiment));
  planned->label = unique_label(workload_label(spec), taken);
  const std::string* path = spec.find("path");
  planned->given = path && spec.params().size() == 1 ? *path : spec.redacted();
  if (planned->summary.largest_value_bytes > kLargestValue) {
    throw Error::usage(fmt::format(
        "{}: a value of {} is too large to replay (4 GiB at most; --ignore-size replays it with "
        "small values)",
        planned->label, format_size(planned->summary.largest_value_bytes)));
  }
  return planned;
}

DriverOptions driver_options(const Experiment& experiment, const WorkloadSummary& summary,
                             bool virtual_time) {
  DriverOptions driver;
  driver.clients = experiment.clients;
  driver.threads = experiment.threads;
  driver.pipeline = experiment.pipeline;
  driver.duration_ns = experiment.duration_ns;
  driver.warmup_requests =
      experiment.warmup.count +
      static_cast<uint64_t>(experiment.warmup.share * static_cast<double>(summary.requests));
  driver.preload = experiment.preload;
  driver.seed = experiment.seed;
  driver.timeout_ns = experiment.timeout_ns;
  driver.virtual_time = virtual_time;
  driver.interval_ns = experiment.interval_ns;
  if (driver.warmup_requests >= summary.requests) {
    throw Error::usage(
        fmt::format("--warmup takes all {} requests of the workload, and leaves none to measure",
                    format_count(summary.requests)));
  }
  return driver;
}

PlannedCell plan_cell(const Experiment& experiment, const PlannedWorkload& workload,
                      const Spec& adapter, const std::string& adapter_label) {
  AdapterSettings settings;
  settings.memory_bytes = experiment.memory_bytes;
  settings.allow_shared_server = experiment.allow_shared_server;
  settings.threads = experiment.threads;
  settings.timeout_ns = experiment.timeout_ns;
  settings.seed = experiment.seed;
  const Capabilities capabilities = make_adapter(adapter, settings)->capabilities();

  PlannedCell cell;
  cell.adapter = adapter;
  CellReport& report = cell.report;
  report.adapter_spec = adapter.redacted();
  report.adapter_kind = adapter.kind();
  report.adapter_bounded = capabilities.bounded;
  check_needs(experiment, workload.summary, capabilities, cell);

  CellPlan& plan = cell.plan;
  plan.workload = workload.workload.get();
  plan.summary = &workload.summary;
  plan.rules = request_rules(experiment);
  plan.make_adapter = [adapter](const AdapterSettings& s) { return make_adapter(adapter, s); };
  if (experiment.origin) {
    plan.make_origin = [origin = *experiment.origin, seed = experiment.seed] {
      return make_origin(origin, seed);
    };
  }
  plan.pattern = &require_row(pattern_kinds(), experiment.pattern.kind(), "pattern");
  experiment.pattern.require_known(plan.pattern->params);
  plan.fills = resolve_fills(experiment, *workload.workload);
  plan.adapter_settings = settings;
  plan.driver = driver_options(experiment, workload.summary,
                               choose_virtual_time(experiment, adapter, capabilities.in_process));

  report.workload = {.spec = workload.workload->spec().redacted(),
                     .given = workload.given,
                     .format = workload.workload->traits().format,
                     .requests = workload.summary.requests,
                     .unique_keys = workload.summary.unique_keys,
                     .fingerprint = workload.summary.fingerprint};
  report.pattern = experiment.pattern.text();
  report.guard = experiment.guard.text();
  report.driver = driver_text(plan.driver);
  if (experiment.origin) report.origin = experiment.origin->redacted();
  report.fills = fills_name(plan.fills);
  report.time = plan.driver.virtual_time ? "virtual" : "real";
  report.label = {workload.label, adapter_label, report.pattern, report.guard, report.driver};
  return cell;
}

}  // namespace

RequestRules request_rules(const Experiment& experiment) {
  RequestRules rules;
  rules.all_as_get = experiment.all_as_get;
  rules.ignore_size = experiment.ignore_size;
  rules.ignore_ttl = experiment.ignore_ttl;
  if (experiment.limit) rules.limit = *experiment.limit;
  return rules;
}

PlannedExperiment plan_experiment(const Experiment& experiment) {
  check_experiment(experiment);
  // What an adapter's spec says is checked before a long trace is read.
  AdapterSettings settings;
  settings.memory_bytes = experiment.memory_bytes;
  for (const Spec& adapter : experiment.adapters) make_adapter(adapter, settings);
  if (experiment.origin) make_origin(*experiment.origin, experiment.seed);

  PlannedExperiment planned;
  std::vector<std::string> workload_labels;
  for (const Spec& spec : experiment.workloads) {
    auto workload = plan_workload(experiment, spec, workload_labels);
    workload_labels.push_back(workload->label);
    std::vector<std::string> adapter_labels;
    for (const Spec& adapter : experiment.adapters) {
      adapter_labels.push_back(unique_label(adapter.redacted(), adapter_labels));
      planned.cells.push_back(plan_cell(experiment, *workload, adapter, adapter_labels.back()));
    }
    planned.workloads.push_back(std::move(workload));
  }
  return planned;
}

double estimate_seconds(const PlannedCell& cell) {
  constexpr double kInProcessNs = 300, kNetworkNs = 60'000, kLeastNetworkNs = 8'000;
  constexpr double kStartSeconds = 0.15;
  const DriverOptions& driver = cell.plan.driver;
  const WorkloadSummary& summary = *cell.plan.summary;
  const auto requests = static_cast<double>(summary.requests);
  if (driver.virtual_time) return kStartSeconds + requests * kInProcessNs / 1e9;
  const double lanes = static_cast<double>(driver.clients) * driver.pipeline;
  double seconds = kStartSeconds + requests * std::max(kLeastNetworkNs, kNetworkNs / lanes) / 1e9;
  if (cell.plan.make_origin) {
    const int64_t latency_ns = cell.plan.make_origin()->spec().duration_ns("latency", 0);
    seconds +=
        static_cast<double>(summary.unique_keys) * static_cast<double>(latency_ns) / 1e9 / lanes;
  }
  if (driver.duration_ns > 0) {
    seconds = std::min(seconds, kStartSeconds + static_cast<double>(driver.duration_ns) / 1e9);
  }
  return seconds;
}

}  // namespace cachegauge
