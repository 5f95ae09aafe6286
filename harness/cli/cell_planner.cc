#include "harness/cli/cell_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/adapters.h"
#include "adapters/origins/origins.h"
#include "harness/cli/cell_checks.h"
#include "harness/cli/cell_layers.h"
#include "harness/cli/fault_checks.h"
#include "harness/cli/lock_servers.h"
#include "harness/cli/pattern_planner.h"
#include "harness/cli/trace_warnings.h"
#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/replay/guards/guard.h"
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

OriginSettings origin_settings(const Experiment& experiment) {
  return {.seed = experiment.seed,
          .timeout_ns = experiment.timeout_ns,
          .server_cpus = experiment.pin.server_cpus};
}

// None counts as simulated: nothing about it is real.
OriginTraits origin_traits(const Experiment& experiment) {
  if (!experiment.origin) return {};
  return make_origin(*experiment.origin, origin_settings(experiment))->traits();
}

// `at_once`: all that answers beside the origin is in this process.
bool choose_virtual_time(const Experiment& experiment, const Spec& adapter, bool at_once) {
  const bool real_origin = !origin_traits(experiment).simulated;
  if (experiment.time == TimeMode::kVirtual) {
    if (real_origin) {
      throw Error::usage(fmt::format(
          "the origin {} answers in real time: leave --time virtual out, or simulate it with "
          "--origin 50ms",
          experiment.origin->redacted()));
    }
    if (!at_once) {
      throw Error::usage(fmt::format(
          "{} answers in real time, or the guard's lock servers do: --time virtual is for "
          "in-process adapters",
          adapter.redacted()));
    }
    if (experiment.threads > 1) {
      throw Error::usage("virtual time has one thread: leave --threads out, or --time virtual");
    }
    return true;
  }
  return experiment.time == TimeMode::kAuto && at_once && !experiment.is_open_loop() &&
         experiment.resolved_clients() == 1 && !real_origin;
}

// What the guard needs against what adapter and workload have. Empty for no guard.
std::vector<Spec> plan_guard(const Experiment& experiment, const WorkloadSummary& summary,
                             const Capabilities& capabilities, PlannedCell& cell) {
  std::vector<Spec> parts = parse_guard(experiment.guard);
  if (parts.size() == 1 && parts[0].kind() == "none") return {};
  require_commands(parts, cell.report.adapter_spec, capabilities);
  if (cell.plan.fills != Fills::kOnMiss) {
    throw Error::usage(fmt::format(
        "--guard {}: a guard says who fills a miss, and with fills {} nobody does: give --fills "
        "on-miss",
        experiment.guard, fills_name(cell.plan.fills)));
  }
  cell.plan.make_lock_server = lock_server_maker(parts, experiment);
  const auto warn = [&](const std::string& text) { cell.warnings.push_back(text); };
  if (!experiment.origin) {
    warn("without an --origin a load takes no time, so there is nothing to guard");
  } else {
    const int64_t latency_ns = experiment.origin->duration_ns("latency", 0);
    if (const std::string text = short_lock_warning(parts, latency_ns); !text.empty()) warn(text);
  }
  for (const Spec& part : parts) {
    const GuardKind& kind = require_row(guard_kinds(), part.kind(), "guard");
    if (!kind.not_in_run.empty()) {
      throw Error::usage(fmt::format("--guard {}: {}", part.kind(), kind.not_in_run));
    }
    if (summary.with_ttl > 0 || !kind.about_ttls) continue;
    warn(fmt::format("no request of the workload has a TTL, so the guard {} has nothing to do",
                     part.kind()));
  }
  return parts;
}

// 0: yet to be found by probing.
std::string rate_text(double rate) { return rate == 0 ? "auto" : fmt::format("{}", rate); }

std::string schedule_text(const DriverOptions& driver) {
  if (driver.slo.is_set()) return "open:slo." + driver.slo.text;
  switch (driver.open.arrivals) {
    case Arrivals::kNone:
      break;
    case Arrivals::kPoisson:
      return "open:rate=" + rate_text(driver.open.rate);
    case Arrivals::kConstant:
      return "open:rate=" + rate_text(driver.open.rate) + ",arrival=constant";
    case Arrivals::kTrace:
      return fmt::format("open:speed={}", driver.open.speed);
  }
  return "closed";
}

std::string driver_text(const DriverOptions& driver) {
  std::string text = schedule_text(driver);
  text += text == "closed" ? ":" : ",";
  text += fmt::format("clients={}", driver.clients);
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
  planned->keys_in_collisions =
      count_keys_in_collisions(*planned->workload, request_rules(experiment), experiment.naming);
  planned->given = path && spec.params().size() == 1 ? *path : spec.redacted();
  if (planned->summary.largest_value_bytes > kLargestValue) {
    throw Error::usage(fmt::format(
        "{}: a value of {} is too large to replay (4 GiB at most; --ignore-size replays it with "
        "small values)",
        planned->label, format_size(planned->summary.largest_value_bytes)));
  }
  return planned;
}

OpenLoopOptions open_loop_options(const Experiment& experiment) {
  OpenLoopOptions open;
  if (experiment.slo.is_set()) {
    open.arrivals = experiment.poisson ? Arrivals::kPoisson : Arrivals::kConstant;
    open.rate = 1;  // of the warm-up's; each trial has its own
  } else if (experiment.rate) {
    open.arrivals = experiment.poisson ? Arrivals::kPoisson : Arrivals::kConstant;
    open.rate = *experiment.rate;
  } else if (experiment.speed) {
    open.arrivals = Arrivals::kTrace;
    open.speed = *experiment.speed;
  }
  return open;
}

// Sampling is for loops that do nothing but call a cache: where requests wait for a schedule or an
// origin, two readings of the clock cost nothing beside that, and each request counts.
TimingMode resolve_timing(const Experiment& experiment, bool virtual_time) {
  if (experiment.accounts_for_faults()) {
    if (experiment.timing == TimingMode::kOff) {
      throw Error::usage("--fault and --on-cache-error time each request: leave --timing off out");
    }
    return TimingMode::kAll;
  }
  if (experiment.timing != TimingMode::kSampled || virtual_time) return experiment.timing;
  return experiment.is_open_loop() || experiment.origin ? TimingMode::kAll : TimingMode::kSampled;
}

DriverOptions driver_options(const Experiment& experiment, const WorkloadSummary& summary,
                             bool virtual_time) {
  DriverOptions driver;
  driver.open = open_loop_options(experiment);
  driver.slo = experiment.slo;
  driver.slo.max_errors = experiment.max_errors;
  driver.timing = resolve_timing(experiment, virtual_time);
  driver.clients = experiment.resolved_clients();
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
  driver.log = experiment.log;
  driver.client_cpus = experiment.pin.client_cpus;
  driver.interval_ns = experiment.interval_ns;
  driver.kill_at_ns = experiment.kill_at_ns;
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
  settings.server_cpus = experiment.pin.server_cpus;
  const std::unique_ptr<Adapter> example = make_adapter(adapter, settings);
  const Capabilities capabilities = example->capabilities();

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
  check_speed(experiment, workload, capabilities, cell);
  plan.make_adapter = [adapter](const AdapterSettings& s) { return make_adapter(adapter, s); };
  plan_pattern(experiment, workload, capabilities, origin_traits(experiment), cell);
  plan.guard = plan_guard(experiment, workload.summary, capabilities, cell);
  plan.layers = plan_layers(experiment, workload.keys_in_collisions, *example, report);
  plan.adapter_settings = settings;
  const bool at_once = capabilities.in_process && !plan.make_lock_server;
  plan.driver = driver_options(experiment, workload.summary,
                               choose_virtual_time(experiment, adapter, at_once));
  set_seed(experiment, plan, experiment.seed);
  plan.faults = experiment.faults;
  plan.on_cache_error = experiment.on_cache_error;
  check_faults(experiment, *example, plan);

  if (!experiment.log.empty() && plan.driver.virtual_time) {
    throw Error::usage("--log: in virtual time requests have no times of their own (--time real)");
  }

  report.workload = {.spec = workload.workload->spec().redacted(),
                     .given = workload.given,
                     .format = workload.workload->traits().format,
                     .requests = workload.summary.requests,
                     .unique_keys = workload.summary.unique_keys,
                     .fingerprint = workload.summary.fingerprint};
  report.guard = experiment.guard;
  report.driver = driver_text(plan.driver);
  if (experiment.origin) report.origin = experiment.origin->redacted();
  report.fills = fills_name(plan.fills);
  report.time = plan.driver.virtual_time ? "virtual" : "real";
  report.label = {workload.label, adapter_label, report.pattern, report.guard, report.driver};
  return cell;
}

}  // namespace

Fills resolve_fills(const Experiment& experiment, const Workload& workload) {
  if (experiment.fills != Fills::kAuto) return experiment.fills;
  return workload.traits().has_sets && !experiment.all_as_get ? Fills::kInTrace : Fills::kOnMiss;
}

std::string workload_label(const Spec& given) {
  if (const std::string* label = given.find("label")) return *label;
  if (const std::string* path = given.find("path")) {
    return std::filesystem::path(*path).filename().string();
  }
  return given.redacted();
}

void set_rate(PlannedCell& cell, double rate) {
  cell.plan.driver.open.rate = rate;
  cell.report.driver = cell.report.label.driver = driver_text(cell.plan.driver);
}

void set_seed(const Experiment& experiment, CellPlan& plan, uint64_t seed) {
  plan.driver.seed = seed;
  if (!experiment.origin) return;
  OriginSettings settings = origin_settings(experiment);
  settings.seed = seed;
  plan.make_origin = [origin = *experiment.origin, settings] {
    return make_origin(origin, settings);
  };
}

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
  bool has_private_server = false, any_in_process = false;
  for (const Spec& adapter : experiment.adapters) {
    const Capabilities capabilities = make_adapter(adapter, settings)->capabilities();
    has_private_server |= capabilities.private_server;
    any_in_process |= capabilities.in_process;
  }
  const bool real_origin = !origin_traits(experiment).simulated;

  PlannedExperiment planned;
  if (!experiment.pin.server_cpus.empty() && !has_private_server) {
    planned.warnings.push_back(
        fmt::format("--pin server={}: no server was pinned, since none of these caches has one "
                    "that is started here",
                    cpus_text(experiment.pin.server_cpus)));
  }
  std::vector<std::string> workload_labels;
  for (const Spec& spec : experiment.workloads) {
    auto workload = plan_workload(experiment, spec, workload_labels);
    workload_labels.push_back(workload->label);
    if (const uint64_t count = workload->summary.backward_times; count > 0) {
      planned.warnings.push_back(
          fmt::format("{}: {}", workload->label, backward_times_text(count)));
    }
    std::vector<std::string> adapter_labels;
    for (const Spec& adapter : experiment.adapters) {
      adapter_labels.push_back(
          unique_label(layered_label(adapter.redacted(), experiment), adapter_labels));
      planned.cells.push_back(plan_cell(experiment, *workload, adapter, adapter_labels.back()));
    }
    planned.workloads.push_back(std::move(workload));
  }
  if (real_origin && any_in_process && experiment.time == TimeMode::kAuto) {
    planned.notes.push_back(
        fmt::format("caches in this process run in real time, as the origin {} "
                    "does: counts may differ from one run to the next",
                    experiment.origin->redacted()));
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
  if (driver.slo.is_set()) {  // the workload is repeated for as long as the search takes
    constexpr double kLeastTrials = 10, kTrialSeconds = 2;
    const double trial_s =
        driver.duration_ns > 0 ? static_cast<double>(driver.duration_ns) / 1e9 : kTrialSeconds;
    return kStartSeconds + kLeastTrials * trial_s;
  }
  const double lanes = static_cast<double>(driver.clients) * driver.pipeline;
  double seconds = kStartSeconds + requests * std::max(kLeastNetworkNs, kNetworkNs / lanes) / 1e9;
  if (driver.open.arrivals == Arrivals::kTrace) {
    seconds = kStartSeconds + static_cast<double>(summary.span_ns) / 1e9 / driver.open.speed;
  } else if (driver.open.rate > 0) {
    seconds = kStartSeconds + requests / driver.open.rate;
  }
  if (cell.plan.make_origin && driver.open.arrivals == Arrivals::kNone) {
    const auto origin = cell.plan.make_origin();
    const auto latency_ns = static_cast<double>(origin->spec().duration_ns("latency", 0));
    const auto capacity = static_cast<double>(origin->spec().count("capacity", UINT64_MAX));
    seconds +=
        static_cast<double>(summary.unique_keys) * latency_ns / 1e9 / std::min(lanes, capacity);
  }
  if (driver.duration_ns > 0) {
    seconds = std::min(seconds, kStartSeconds + static_cast<double>(driver.duration_ns) / 1e9);
  }
  return seconds;
}

}  // namespace cachegauge
