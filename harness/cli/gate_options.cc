#include "harness/cli/gate_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/gate/rules.h"
#include "reports/escape.h"

namespace cachegauge {
namespace {

constexpr unsigned bit(GateMode mode) { return 1u << static_cast<int>(mode); }
constexpr unsigned kStored = bit(GateMode::kStored), kInterleave = bit(GateMode::kInterleave),
                   kAgainst = bit(GateMode::kAgainst), kPaired = kInterleave | kAgainst,
                   kAll = kStored | kPaired;

using G = GateOptions;
using T = std::string_view;

struct GateOption {
  std::string_view name, value, group;
  unsigned modes;  // that it has a part in
  std::string_view summary;
  void (*set)(GateOptions& options, std::string_view text);
};

int64_t parse_time(std::string_view text) {
  const int64_t ns = parse_duration_ns(text);
  if (ns <= 0) throw Error::usage(fmt::format("expected a time above 0, got \"{}\"", text));
  return ns;
}

uint64_t parse_within(std::string_view text, uint64_t least, uint64_t most) {
  const uint64_t number = parse_count(text);
  if (number >= least && number <= most) return number;
  throw Error::usage(fmt::format("expected a number from {} to {}, got \"{}\"", least, most, text));
}

constexpr GateOption kOptions[] = {
    {"baseline", "FILE", "two reports", kStored,
     "a report (`run`, `simulate`), or what --update-baseline wrote",
     [](G& o, T t) { o.baseline = t; }},
    {"candidate", "FILE", "two reports", kStored, "the report to judge",
     [](G& o, T t) { o.candidate = t; }},
    {"update-baseline", "", "two reports", kStored,
     "write the figures of --candidate that rules name to --baseline, and stop",
     [](G& o, T t) { o.update_baseline = parse_switch(t); }},
    {"rules", "FILE", "rules", kAll, "what is held, as JSON (--print-rules shows an example)",
     [](G& o, T t) { o.rules = t; }},
    {"print-rules", "", "rules", kAll, "print the rules that hold when none are given, and stop",
     [](G& o, T t) { o.print_rules = parse_switch(t); }},
    {"interleave", "", "two adapters, measured in turns", kInterleave,
     "run both here; the flags of `run` are taken, too",
     [](G& o, T t) {
       if (parse_switch(t)) o.mode = GateMode::kInterleave;
     }},
    {"baseline-spec", "A", "two adapters, measured in turns", kInterleave, "the adapter as it was",
     [](G& o, T t) { o.baseline_spec = t; }},
    {"candidate-spec", "B", "two adapters, measured in turns", kInterleave, "the one to judge",
     [](G& o, T t) { o.candidate_spec = t; }},
    {"workload", "W", "two adapters, measured in turns", kInterleave, "as for `run`",
     [](G& o, T t) { o.workload = t; }},
    {"against", "REF", "two versions of your code", kAgainst,
     "check out REF and HEAD of this repository side by side, and measure them in turns",
     [](G& o, T t) {
       if (o.mode == GateMode::kInterleave) {
         throw Error::usage("is one way to measure, and --interleave another: give one of them");
       }
       o.against = t;
       o.mode = GateMode::kAgainst;
     }},
    {"build", kShellCommand, "two versions of your code", kAgainst,
     "a shell command, run once in each of them", [](G& o, T t) { o.build = t; }},
    {"run", kShellCommand, "two versions of your code", kAgainst,
     "a shell command that writes a report to $CACHEGAUGE_OUT, or to {out}",
     [](G& o, T t) { o.run = t; }},
    {"count", kShellCommand, "two versions of your code", kAgainst,
     "a shell command that carries out {requests}, or $CACHEGAUGE_REQUESTS, requests: its "
     "instructions are what rules of class \"count\" hold",
     [](G& o, T t) { o.count = t; }},
    {"run-timeout", "TIME", "two versions of your code", kPaired,
     "a run that takes longer has failed (1m)",
     [](G& o, T t) { o.run_timeout_ns = parse_time(t); }},
    {"rounds", "N", "measuring in turns", kPaired,
     "rounds before a confirmation, 20 or more (40, or what the rules say)",
     [](G& o, T t) { o.rounds = parse_within(t, kFewestRounds, 100'000); }},
    {"budget", "TIME", "measuring in turns", kPaired,
     "for all rounds, confirmation included; fewer rounds are made where it is short (5m)",
     [](G& o, T t) { o.budget_ns = parse_time(t); }},
    {"count-requests", "N", "measuring in turns", kPaired,
     "class \"count\": requests whose instructions are counted, with valgrind (20k)",
     [](G& o, T t) { o.count_requests = parse_within(t, 1, kMostCountedRequests); }},
    {"out", "FILE", "output", kAll, "write the verdict (JSON) here; - is stdout",
     [](G& o, T t) { o.out = t; }},
    {"junit", "FILE", "output", kAll, "JUnit XML, one case a rule", [](G& o, T t) { o.junit = t; }},
    {"markdown", "FILE", "output", kAll,
     "Markdown; also added to $GITHUB_STEP_SUMMARY, if that is set",
     [](G& o, T t) { o.markdown = t; }},
    {"force", "", "output", kAll, "overwrite files that exist",
     [](G& o, T t) { o.force = parse_switch(t); }},
};

// Flags of `run` that say what is decided here.
constexpr std::string_view kNotForRuns[] = {"adapter",     "workload", "repeat", "log",
                                            "out",         "html",     "force",  "instructions",
                                            "skip-floors", "dry-run"};
constexpr std::string_view kGroups[] = {"two reports",
                                        "two adapters, measured in turns",
                                        "two versions of your code",
                                        "measuring in turns",
                                        "rules",
                                        "output"};
constexpr std::string_view kRunGroup = "of run, with --interleave";

std::vector<Flag> gate_flags() {
  std::vector<Flag> flags;
  for (const GateOption& o : kOptions) flags.push_back({o.name, o.value, o.group, o.summary});
  for (const ExperimentOption& o : experiment_options()) {
    const bool ours =
        std::find(std::begin(kNotForRuns), std::end(kNotForRuns), o.name) != std::end(kNotForRuns);
    if (!ours) flags.push_back({o.name, o.value, kRunGroup, o.summary});
  }
  return flags;
}

}  // namespace

void print_gate_help() {
  fmt::print(
      "usage: cachegauge gate --baseline A.json --candidate B.json [--rules R.json]\n"
      "       cachegauge gate --interleave --baseline-spec A --candidate-spec B --workload W\n"
      "                       [flags of run]\n"
      "       cachegauge gate --against REF --build CMD --run CMD\n\n"
      "Did this change make it worse? Exits with 3 if it did, with 4 if that cannot be told.\n"
      "Counts are held against a stored baseline. Times are not: those of another hour or another\n"
      "machine decide nothing, so both sides are measured here, in turns, until it is clear.\n\n"
      "  cachegauge gate --baseline base.json --candidate now.json --rules rules.json \\\n"
      "      --update-baseline\n"
      "  cachegauge gate --baseline base.json --candidate now.json --rules rules.json\n"
      "  cachegauge gate --interleave --baseline-spec lru:entries=10k \\\n"
      "      --candidate-spec plugin:path=./mine.so,entries=10k --workload zipf:requests=1M\n"
      "  cachegauge gate --against origin/main --build 'make' \\\n"
      "      --run 'cachegauge run zipf plugin:path=./mine.so --out {{out}}'\n");
  print_flags(gate_flags(), kGroups);
  fmt::print("\n{}: as `cachegauge run --help` says\n", kRunGroup);
}

namespace {

void take_run_flag(const Flag& flag, const std::string& text, GateOptions& options) {
  Experiment tried;  // what is wrong with it is said before anything is measured
  require_row(experiment_options(), flag.name, "flag").set(tried, text);
  options.run_flags.push_back(fmt::format("--{}={}", flag.name, text));
}

void check_mode(const GateOption& option, const GateOptions& options) {
  if (option.modes & bit(options.mode)) return;
  throw Error::usage(fmt::format("--{} has no part in {}", option.name,
                                 options.mode == GateMode::kStored
                                     ? "comparing two reports: add --interleave or --against"
                                 : options.mode == GateMode::kInterleave ? "--interleave"
                                                                         : "--against"));
}

void require_given(const std::string& value, std::string_view name, std::string_view why) {
  if (value.empty()) throw Error::usage(fmt::format("--{} is missing: {}", name, why));
}

void check_complete(const GateOptions& options) {
  if (options.print_rules) return;
  if (options.mode == GateMode::kInterleave) {
    require_given(options.baseline_spec, "baseline-spec", "which adapter is the one to hold to?");
    require_given(options.candidate_spec, "candidate-spec", "which adapter is to be judged?");
    require_given(options.workload, "workload", "which requests?");
    return;
  }
  if (options.mode == GateMode::kAgainst) {
    require_given(options.run + options.count, "run", "what writes a report to $CACHEGAUGE_OUT?");
    return;
  }
  require_given(options.candidate, "candidate", "which report is to be judged?");
  if (options.update_baseline) {
    require_given(options.baseline, "baseline", "which file is to be written?");
  }
}

}  // namespace

GateOptions read_gate_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = gate_flags();
  const CommandLine line = parse_command_line("gate", flags, args);
  GateOptions options;
  options.help = line.help;
  if (options.help) return options;
  if (!line.words.empty()) {
    throw Error::usage(
        fmt::format("gate takes flags alone, and \"{}\" is none: --baseline FILE --candidate FILE",
                    line.words.front()));
  }
  options.command = "cachegauge gate";
  for (const std::string& arg : args) options.command += " " + shell_word(redact_passwords(arg));
  for (const auto& [place, text] : line.values) {
    try {
      if (place < std::size(kOptions)) {
        kOptions[place].set(options, text);
      } else {
        take_run_flag(flags[place], text, options);
      }
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("--{}: {}", flags[place].name, error.what()));
    }
  }
  for (const auto& [place, text] : line.values) {
    if (place < std::size(kOptions)) check_mode(kOptions[place], options);
  }
  if (!options.run_flags.empty() && options.mode != GateMode::kInterleave) {
    throw Error::usage(fmt::format("{} is a flag of `run`, and is taken with --interleave alone",
                                   options.run_flags.front()));
  }
  check_complete(options);
  return options;
}

}  // namespace cachegauge
