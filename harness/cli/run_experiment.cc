#include "harness/cli/run_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>

#include "adapters/adapters.h"
#include "harness/cli/cell_planner.h"
#include "harness/cli/instruction_count.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/manifest.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/core/metrics.h"
#include "harness/core/random.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/replay/cell_process.h"
#include "reports/atomic_file.h"
#include "reports/json_report.h"
#include "reports/report_formats.h"
#include "reports/run_table.h"

namespace cachegauge {
namespace {

class ExperimentRun {
 public:
  explicit ExperimentRun(const Experiment& experiment)
      : experiment_(experiment), planned_(plan_experiment(experiment)) {}

  void print_plan() const;
  ExitCode run();

 private:
  void check_servers() const;
  void measure_floors();
  void count_instructions();
  std::vector<std::pair<size_t, int>> cell_order() const;
  RunResult carry_out(const PlannedCell& cell, CellPlan plan, const std::string& name);
  void choose_rate();
  void run_one(size_t cell, int repetition);
  void write_report() const;
  void write_page() const;
  void print_result() const;
  ExitCode exit_code() const;

  Experiment experiment_;
  PlannedExperiment planned_;
  RunReport report_;
  Progress progress_;
  CpuTicks ticks_before_;
  std::string run_id_;
  // The worst that a cell that could not begin asked for.
  ExitCode failure_code_ = ExitCode::kDone;
};

const ReportFormat& page_format() { return require_row(report_formats(), "html", "format"); }

std::string describe_content(const WorkloadSummary& s) {
  std::string ops;
  for (int i = 0; i < kOpCount; ++i) {
    if (s.ops[i] == 0) continue;
    ops += fmt::format("{}{} {}s", ops.empty() ? "" : ", ", format_count(s.ops[i]),
                       op_name(static_cast<Op>(i)));
  }
  std::string text = fmt::format("{}, footprint {}", ops, format_size(s.footprint_bytes));
  if (s.skipped_rows > 0)
    text += fmt::format(", {} bad rows skipped", format_count(s.skipped_rows));
  return text;
}

std::string describe_fills(const Experiment& experiment, const PlannedCell& cell) {
  if (experiment.fills != Fills::kAuto) return fmt::format("fills {}", cell.report.fills);
  const bool has_sets = cell.plan.workload->traits().has_sets && !experiment.all_as_get;
  const std::string_view why = cell.plan.fills == Fills::kInTrace
                                   ? "the workload has sets of its own"
                               : has_sets ? "its sets are the application's writes"
                                          : "the workload has no sets";
  return fmt::format("fills {} (auto: {})", cell.report.fills, why);
}

void ExperimentRun::print_plan() const {
  fmt::print("{}\n\n", experiment_json(experiment_));
  double seconds = 0;
  for (const auto& workload : planned_.workloads) {
    fmt::print("{}: {}\n", workload->label, describe_content(workload->summary));
  }
  for (const PlannedCell& cell : planned_.cells) {
    seconds += estimate_seconds(cell);
    fmt::print("  {}  ({} time, {})\n", cell.report.label.id(), cell.report.time,
               describe_fills(experiment_, cell));
    for (const std::string& warning : cell.warnings) fmt::print("    warning: {}\n", warning);
  }
  for (const std::string& warning : planned_.warnings) fmt::print("  warning: {}\n", warning);
  for (const std::string& note : planned_.notes) fmt::print("  note: {}\n", note);
  seconds *= static_cast<double>(experiment_.repeat);
  fmt::print("\n{} cells x {} repetitions, at least about {}\n", planned_.cells.size(),
             experiment_.repeat, format_duration(seconds * 1e9));
}

// A running server that is not there, or that we may not use, is found before anything is measured.
void ExperimentRun::check_servers() const {
  std::vector<std::string> seen;
  for (const PlannedCell& cell : planned_.cells) {
    const auto adapter = cell.plan.make_adapter(cell.plan.adapter_settings);
    if (!adapter->shares_keyspace()) continue;
    if (std::find(seen.begin(), seen.end(), cell.adapter.text()) != seen.end()) continue;
    seen.push_back(cell.adapter.text());
    adapter->start();
    adapter->stop();
  }
  const CellPlan& any = planned_.cells.front().plan;
  if (!any.make_origin) return;
  const auto origin = any.make_origin();
  if (!origin->traits().shared) return;
  origin->start();
  origin->stop();
}

// What the harness itself costs a request: the same requests through the adapter that does nothing.
void ExperimentRun::measure_floors() {
  constexpr uint64_t kRequests = 200'000;
  if (experiment_.skip_floors) return;
  report_.context.timer_floor_ns = measure_timer_floor_ns();
  CellPlan plan = planned_.cells.front().plan;
  plan.rules.limit = std::min(plan.rules.limit, kRequests);
  WorkloadSummary summary = *plan.summary;
  summary.requests = std::min(summary.requests, kRequests);
  plan.summary = &summary;
  plan.make_adapter = [](const AdapterSettings& s) { return make_adapter(Spec("null"), s); };
  plan.make_origin = nullptr;
  plan.pattern = &pattern_kinds()[0];
  plan.pattern_spec = Spec(std::string(plan.pattern->name));
  plan.guard.clear();
  plan.faults.clear();
  plan.on_cache_error = OnCacheError::kFail;
  plan.layers = {};
  plan.driver = DriverOptions{};
  plan.driver.virtual_time = true;
  plan.driver.client_cpus = experiment_.pin.client_cpus;
  const RunResult result = run_cell_in_child(plan, {}, [](CellControl&) {});
  report_.context.null_floor_ns = derive_metrics(result).client_cpu_ns_per_request;
}

void ExperimentRun::count_instructions() {
  if (experiment_.instructions == 0) return;
  for (PlannedCell& cell : planned_.cells) {
    const std::string why_not = why_not_counted(cell);
    if (!why_not.empty()) {
      cell.warnings.push_back(why_not);
      continue;
    }
    progress_.begin_cell(1, 1, "counting instructions of " + cell.report.label.adapter);
    cell.report.instructions_per_request =
        count_cell_instructions(experiment_, cell, experiment_.instructions);
  }
}

// Each repetition has every cell once, in an order of its own, so that drift of the machine hits
// all.
std::vector<std::pair<size_t, int>> ExperimentRun::cell_order() const {
  std::vector<std::pair<size_t, int>> order;
  SplitMix64 random = random_stream(experiment_.seed, 1);
  for (uint64_t repetition = 1; repetition <= experiment_.repeat; ++repetition) {
    const size_t begin = order.size();
    for (size_t cell = 0; cell < planned_.cells.size(); ++cell) {
      order.emplace_back(cell, static_cast<int>(repetition));
    }
    for (size_t left = planned_.cells.size(); left > 1; --left) {
      std::swap(order[begin + left - 1], order[begin + random.below(left)]);
    }
  }
  return order;
}

// `clean` may be called from another folder.
Spec readable_anywhere(Spec workload) {
  if (const std::string* path = workload.find("path")) {
    workload.set("path", std::filesystem::absolute(*path).string());
  }
  return workload;
}

// Runs the cell in a child, with a manifest for as long as keys of it may be on a server that is
// not ours alone. `name` tells it from the others of this run.
RunResult ExperimentRun::carry_out(const PlannedCell& cell, CellPlan plan,
                                   const std::string& name) {
  plan.key_prefix = fmt::format("cg:{}.{}:", run_id_, name);
  const std::string manifest_path = fmt::format("cachegauge-{}.{}.manifest.json", run_id_, name);
  CellHooks hooks;
  hooks.before_first_key = [&] {
    write_manifest(manifest_path, {plan.key_prefix, readable_anywhere(plan.workload->spec()),
                                   cell.adapter, plan.rules, plan.summary->fingerprint});
  };
  hooks.after_cleanup = [&] { std::remove(manifest_path.c_str()); };
  return run_cell_in_child(plan, hooks, [this](CellControl& control) {
    if (interrupted()) control.stop = true;
    progress_.update(control);
  });
}

// --rate auto: half of what the slowest server answers in a closed loop of as many clients (of all
// caches, if none is a server).
void ExperimentRun::choose_rate() {
  if (!experiment_.rate || *experiment_.rate > 0) return;
  constexpr int64_t kProbeNs = 2'000'000'000;
  const bool any_server =
      std::any_of(planned_.cells.begin(), planned_.cells.end(), [](const PlannedCell& cell) {
        return !cell.plan.make_adapter(cell.plan.adapter_settings)->capabilities().in_process;
      });
  double slowest = 0;
  std::vector<std::string> found;
  for (size_t i = 0; i < planned_.cells.size() && !interrupted(); ++i) {
    const PlannedCell& cell = planned_.cells[i];
    CellPlan plan = cell.plan;
    const auto adapter = plan.make_adapter(plan.adapter_settings);
    if (any_server && adapter->capabilities().in_process) continue;
    plan.driver.open = {};
    plan.driver.duration_ns = kProbeNs;
    plan.driver.log.clear();
    plan.driver.kill_at_ns = 0;
    plan.faults.clear();
    progress_.begin_cell(i + 1, planned_.cells.size(), "probing " + cell.report.label.adapter);
    const RunResult result = carry_out(cell, plan, fmt::format("{}.probe", i));
    if (!result.failure.empty()) throw Error::failed("--rate auto: " + result.failure);
    const double reached = derive_metrics(result).throughput_rps.value_or(0);
    found.push_back(
        fmt::format("{} answered {:.0f} requests/s", cell.report.label.adapter, reached));
    if (slowest == 0 || reached < slowest) slowest = reached;
  }
  if (slowest <= 0) {
    if (interrupted()) return;
    throw Error::failed("--rate auto: no adapter answered a request while it was probed");
  }
  const double step = std::pow(10, std::floor(std::log10(slowest / 2)) - 1);
  experiment_.rate = std::max(1.0, std::floor(slowest / 2 / step)) * step;
  for (PlannedCell& cell : planned_.cells) set_rate(cell, *experiment_.rate);
  report_.notes.push_back(
      fmt::format("--rate auto: {} in a closed loop of {} clients; all are driven at half of the "
                  "slowest, {:.0f} requests/s",
                  fmt::join(found, ", "), experiment_.resolved_clients(), *experiment_.rate));
}

void ExperimentRun::run_one(size_t index, int repetition) {
  PlannedCell& cell = planned_.cells[index];
  CellPlan plan = cell.plan;
  set_seed(experiment_, plan, experiment_.seed + static_cast<uint64_t>(repetition) - 1);

  CellReport report = cell.report;
  report.repetition = repetition;
  try {
    report.result = carry_out(cell, std::move(plan), fmt::format("{}.{}", index, repetition));
  } catch (const Error& error) {
    report.result.flags.emplace_back(kNotCounted);
    report.result.failure = error.what();
    failure_code_ = std::max(failure_code_, error.code());
  }
  report.result.warnings.insert(report.result.warnings.begin(), cell.warnings.begin(),
                                cell.warnings.end());
  report_.cells.push_back(std::move(report));
}

void ExperimentRun::write_report() const {
  if (!experiment_.out.empty()) write_atomically(experiment_.out, run_report_json(report_));
}

void ExperimentRun::write_page() const {
  const NamedReport named = {experiment_.html, report_, run_report_json(report_)};
  write_atomically(experiment_.html, page_format().write({&named, 1}, {}));
}

void ExperimentRun::print_result() const {
  if (experiment_.out == "-") return;  // stdout holds the report, alone
  for (size_t i = 0; i < planned_.workloads.size(); ++i) {
    const PlannedWorkload& workload = *planned_.workloads[i];
    fmt::print("{}: {}; {}\n", workload.label, describe_content(workload.summary),
               describe_fills(experiment_, planned_.cells[i * experiment_.adapters.size()]));
  }
  fmt::print("\n{}\n{}", run_table(report_, terminal_style()), run_finding(report_));
  if (!experiment_.out.empty()) fmt::print("report: {}\n", experiment_.out);
  if (!experiment_.html.empty()) fmt::print("page: {}\n", experiment_.html);
}

ExitCode ExperimentRun::exit_code() const {
  if (interrupted()) return ExitCode::kInterrupted;
  if (failure_code_ != ExitCode::kDone) return failure_code_;
  for (const CellReport& cell : report_.cells) {
    const bool was_to_be_killed = cell.result.pattern && cell.result.pattern->killed_at_ns;
    if (was_to_be_killed) continue;
    const auto errors = unprovoked_error_ratio(cell.result);
    if (!cell.result.failure.empty() || cell.result.counters.corrupt > 0 ||
        (errors && *errors > experiment_.max_errors)) {
      return ExitCode::kFailed;
    }
  }
  return ExitCode::kDone;
}

ExitCode ExperimentRun::run() {
  check_servers();
  catch_interrupts();
  run_id_ = fmt::format("{:08x}", std::random_device{}());
  ticks_before_ = read_cpu_ticks();
  report_.context = read_machine_context();
  report_.warnings = planned_.warnings;
  report_.notes = planned_.notes;
  measure_floors();
  choose_rate();
  count_instructions();
  report_.experiment_json = experiment_json(experiment_);
  report_.flags_to_repeat = flags_to_repeat(experiment_);
  const auto order = cell_order();
  for (size_t i = 0; i < order.size() && !interrupted(); ++i) {
    const auto [cell, repetition] = order[i];
    progress_.begin_cell(i + 1, order.size(), planned_.cells[cell].report.label.adapter);
    run_one(cell, repetition);
    report_.interrupted = interrupted();
    report_.context.steal = steal_share(ticks_before_, read_cpu_ticks());
    if (!is_stream(experiment_.out)) write_report();
  }
  progress_.clear();
  if (is_stream(experiment_.out)) write_report();
  if (!experiment_.html.empty()) write_page();
  print_result();
  return exit_code();
}

}  // namespace

ExitCode run_experiment(const Experiment& experiment) {
  if (!experiment.out.empty()) check_writable(experiment.out, experiment.force);
  if (!experiment.html.empty()) {
    if (!page_format().write) throw Error::usage("--html: " + describe(page_format()));
    check_writable(experiment.html, experiment.force);
    if (experiment.html == experiment.out) {
      throw Error::usage(fmt::format("{} is named for the report and its page", experiment.out));
    }
  }
  if (!experiment.log.empty()) check_writable(experiment.log, experiment.force);
  ExperimentRun run(experiment);
  if (experiment.dry_run) {
    run.print_plan();
    return ExitCode::kDone;
  }
  return run.run();
}

}  // namespace cachegauge
