// `gate`: what is compared, how, and where the verdict goes.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "harness/cli/gate_arms.h"
#include "harness/cli/gate_options.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/progress.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/worktrees.h"
#include "harness/core/spec.h"
#include "harness/gate/judge.h"
#include "harness/gate/rounds.h"
#include "reports/atomic_file.h"
#include "reports/baseline_json.h"
#include "reports/gate_reports.h"
#include "reports/measured_reader.h"

namespace cachegauge {
namespace {

std::string read_rules_file(const std::string& path) {
  constexpr size_t kLargest = 1 << 20;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw Error::usage(fmt::format("{}: the rules cannot be opened; is the path right?", path));
  }
  std::string text(kLargest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kLargest) {
    throw Error::usage(fmt::format("{}: larger than 1 MiB, so these are no rules", path));
  }
  return text;
}

std::string_view default_text(const GateOptions& options) {
  return options.mode == GateMode::kInterleave ? default_paired_rules() : default_rules();
}

GateRules rules_of(const GateOptions& options) {
  GateRules rules = options.rules.empty()
                        ? parse_rules(default_text(options), "the default rules")
                        : parse_rules(read_rules_file(options.rules), options.rules);
  if (options.rounds) rules.rounds = *options.rounds;
  return rules;
}

GateReport judge_files(const GateOptions& options, const GateRules& rules) {
  const MeasuredReport candidate = read_measured_report(options.candidate);
  if (!options.baseline.empty()) {
    const MeasuredReport baseline = read_measured_report(options.baseline);
    return judge_stored(rules, &baseline, candidate);
  }
  if (options.rules.empty() ||
      std::any_of(rules.rules.begin(), rules.rules.end(), needs_baseline)) {
    throw Error::usage(
        "--baseline is missing: only rules of class \"bound\" do without (--rules FILE)");
  }
  return judge_stored(rules, nullptr, candidate);
}

bool any_counted(const GateRules& rules) {
  return std::any_of(rules.rules.begin(), rules.rules.end(),
                     [](const GateRule& rule) { return rule.type == GateClass::kCount; });
}

// `count`: of the candidate, or of the baseline; empty: the rounds' reports have it.
GateReport judge_arms(const GateOptions& options, const GateRules& rules, GateArm baseline,
                      GateArm candidate,
                      const std::function<MeasuredReport(bool of_candidate)>& count) {
  Progress progress;
  const MonotonicClock clock;
  const CpuTicks ticks = read_cpu_ticks();
  const MachineContext context = read_machine_context();
  baseline.command.timeout_ns = candidate.command.timeout_ns = options.run_timeout_ns;
  RoundHooks hooks;
  hooks.measure = [&](Arm arm, size_t padding_bytes) {
    return run_arm(arm == Arm::kCandidate ? candidate : baseline, padding_bytes);
  };
  if (count) {
    hooks.count = [&](Arm arm) {
      progress.begin_cell(static_cast<uint64_t>(arm) + 1, 3, "counting instructions");
      return count(arm == Arm::kCandidate);
    };
  }
  hooks.progress = [&](uint64_t round, uint64_t rounds, bool confirming) {
    progress.begin_cell(round, rounds, confirming ? "rounds that confirm" : "rounds");
  };
  hooks.interrupted = [] { return interrupted().load(); };
  hooks.clock = &clock;
  GateReport report = judge_in_rounds(rules, options.budget_ns, hooks);
  report.mode = options.mode == GateMode::kInterleave ? "interleave" : "against";
  report.context = context;
  report.context.steal = steal_share(ticks, read_cpu_ticks());
  report.reproduce = options.command;
  return report;
}

GateReport judge_specs(const GateOptions& options, const GateRules& rules) {
  const PrivateFolder folder;
  const auto arm = [&](bool is_candidate, const std::vector<std::string>& flags) {
    return spec_arm(is_candidate ? "the candidate" : "the baseline", options.workload,
                    is_candidate ? options.candidate_spec : options.baseline_spec, flags,
                    folder.path());
  };
  std::function<MeasuredReport(bool)> count;
  if (any_counted(rules)) {
    std::vector<std::string> flags = options.run_flags;
    flags.push_back(fmt::format("--instructions={}", options.count_requests));
    count = [=](bool of_candidate) { return run_arm(arm(of_candidate, flags), 0); };
  }
  GateReport report = judge_arms(options, rules, arm(false, options.run_flags),
                                 arm(true, options.run_flags), count);
  report.baseline = redact_passwords(options.baseline_spec);
  report.candidate = redact_passwords(options.candidate_spec);
  return report;
}

// Found before anything is checked out and built.
void check_commands(const GateOptions& options, const GateRules& rules) {
  const bool counted_alone =
      std::all_of(rules.rules.begin(), rules.rules.end(),
                  [](const GateRule& rule) { return rule.type == GateClass::kCount; });
  if (options.run.empty() && !counted_alone) {
    throw Error::usage(
        "--run is missing: what writes a report to $CACHEGAUGE_OUT? Only rules of class \"count\" "
        "do with --count alone");
  }
  if (!options.count.empty() && !any_counted(rules)) {
    throw Error::usage("--count: no rule is of class \"count\"");
  }
}

GateReport judge_versions(const GateOptions& options, const GateRules& rules) {
  check_commands(options, rules);
  const Worktrees trees(options.against);
  if (!options.build.empty()) {
    build_side("the baseline", options.build, trees.baseline());
    build_side("the candidate", options.build, trees.candidate());
  }
  const auto arm = [&](const char* name, const std::string& tree) {
    return shell_arm(name, options.run, tree, trees.scratch());
  };
  std::function<MeasuredReport(bool)> count;
  if (!options.count.empty()) {
    count = [&](bool of_candidate) {
      return count_command(of_candidate ? "the candidate" : "the baseline", options.count,
                           of_candidate ? trees.candidate() : trees.baseline(),
                           options.count_requests);
    };
  }
  GateReport report = judge_arms(options, rules, arm("the baseline", trees.baseline()),
                                 arm("the candidate", trees.candidate()), count);
  report.baseline = fmt::format("{} ({:.12})", options.against, trees.baseline_commit());
  report.candidate = fmt::format("HEAD ({:.12})", trees.candidate_commit());
  if (trees.has_changes()) {
    report.warnings.push_back(
        "the work tree has changes that are not committed; the candidate is HEAD, without them");
  }
  return report;
}

GateReport judge(const GateOptions& options, const GateRules& rules) {
  switch (options.mode) {
    case GateMode::kInterleave:
      return judge_specs(options, rules);
    case GateMode::kAgainst:
      return judge_versions(options, rules);
    case GateMode::kStored:
      break;
  }
  return judge_files(options, rules);
}

void append_step_summary(const GateReport& report) {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (!path || !*path) return;
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << gate_markdown(report) << '\n';
  if (!file.flush())
    fmt::print(stderr, "cachegauge: {}: the summary cannot be added to it\n", path);
}

void write_verdict(const GateOptions& options, const GateReport& report) {
  if (!options.out.empty()) write_atomically(options.out, gate_json(report));
  if (!options.junit.empty()) write_atomically(options.junit, gate_junit(report));
  if (!options.markdown.empty()) write_atomically(options.markdown, gate_markdown(report));
  append_step_summary(report);
  const bool stdout_taken = options.out == "-" || options.junit == "-" || options.markdown == "-";
  FILE* stream = stdout_taken ? stderr : stdout;
  fmt::print(stream, "{}", gate_text(report));
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions && std::string_view(actions) == "true") {
    fmt::print(stream, "{}", gate_annotations(report));
  }
}

ExitCode update_baseline(const GateOptions& options, const GateRules& rules) {
  check_writable(options.baseline, true);
  const MeasuredReport kept = keep_named(rules, read_measured_report(options.candidate));
  write_atomically(options.baseline, baseline_json(kept));
  size_t figures = 0;
  for (const MeasuredResult& result : kept.results) figures += result.metrics.size();
  fmt::print("baseline: {}, {} figures of {} results of {}\n", options.baseline, figures,
             kept.results.size(), options.candidate);
  return ExitCode::kDone;
}

void check_outputs(const GateOptions& options) {
  std::vector<std::string> seen;
  for (const std::string& path : {options.out, options.junit, options.markdown}) {
    if (path.empty()) continue;
    if (std::find(seen.begin(), seen.end(), path) != seen.end()) {
      throw Error::usage(fmt::format("{} is named for two outputs", path));
    }
    seen.push_back(path);
    check_writable(path, options.force);
  }
}

}  // namespace

ExitCode gate_command(const std::vector<std::string>& args) {
  const GateOptions options = read_gate_options(args);
  if (options.help || args.empty()) {
    print_gate_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  if (options.print_rules) {
    fmt::print("{}", default_text(options));
    return ExitCode::kDone;
  }
  const GateRules rules = rules_of(options);
  check_outputs(options);
  if (options.update_baseline) return update_baseline(options, rules);
  if (options.mode != GateMode::kStored) catch_interrupts();
  const GateReport report = judge(options, rules);
  write_verdict(options, report);
  return report.exit_code();
}

}  // namespace cachegauge
