// The command line of `run`: flags, an experiment file, help.
#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/cli/run_experiment.h"
#include "harness/cli/subcommand.h"
#include "harness/core/registry.h"

namespace cachegauge {
namespace {

constexpr std::string_view kGroups[] = {"what", "driver", "length", "meaning", "around", "output"};

std::vector<Flag> run_flags() {
  std::vector<Flag> flags;
  for (const ExperimentOption& option : experiment_options()) {
    flags.push_back({option.name, option.value, option.group, option.summary});
  }
  return flags;
}

void print_help() {
  fmt::print(
      "usage: cachegauge run WORKLOAD ADAPTER… [flags]\n"
      "       cachegauge run EXPERIMENT.json [flags]\n\n"
      "Replays WORKLOAD through each ADAPTER and compares them. A workload is a trace file\n"
      "(`list formats`; gzip, xz and zstd are opened as they are) or a generator. An adapter is "
      "an\n"
      "in-process cache (`list adapters`), `redis` or `memcached` for a private server that is\n"
      "started and stopped here, or redis://host:port for a running one.\n\n"
      "  cachegauge run access.log lru lfu redis --memory 64MiB --origin 50ms --out report.json\n"
      "  cachegauge run zipf:keys=100k,requests=1M lru:entries=10k fifo:entries=10k\n"
      "  cachegauge run trace.csv.zst redis memcached --memory 1GiB --clients 50 --pipeline 4\n"
      "  cachegauge run trace.csv.zst redis memcached --memory 1GiB --rate 20k\n"
      "  cachegauge run keys.bin redis://10.0.0.7:6379 --preload --slo p99=1ms\n");
  print_flags(run_flags(), kGroups);
  fmt::print(
      "\nSizes take KiB MiB GiB, counts k M, times ns us ms s m h, shares %. A spec is\n"
      "kind:name=value,name=value. An experiment file is JSON with the flags' names as keys, and\n"
      "lists under \"workloads\" and \"adapters\"; flags override it. Passwords come from the\n"
      "environment (CACHEGAUGE_REDIS_PASSWORD) or a file.\n");
}

void apply(const ExperimentOption& option, std::string_view text, Experiment& experiment) {
  try {
    option.set(experiment, text);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("--{}: {}", option.name, error.what()));
  }
}

bool is_experiment_file(const std::string& text) { return text.ends_with(".json"); }

void take_positionals(std::vector<std::string> words, bool workload_given, Experiment& experiment) {
  if (!words.empty() && is_experiment_file(words[0])) {
    read_experiment_file(words[0], experiment);
    words.erase(words.begin());
    workload_given = true;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    const bool is_workload = i == 0 && !workload_given;
    require_row(experiment_options(), is_workload ? "workload" : "adapter", "flag")
        .set(experiment, words[i]);
  }
}

}  // namespace

ExitCode run_command(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = run_flags();
  const CommandLine line = parse_command_line("run", flags, args);
  if (line.help || args.empty()) {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  Experiment experiment;
  const bool workload_given =
      std::any_of(line.values.begin(), line.values.end(),
                  [&](const auto& value) { return flags[value.first].name == "workload"; });
  take_positionals(line.words, workload_given, experiment);
  for (const auto& [place, text] : line.values) {
    apply(experiment_options()[place], text, experiment);
  }
  return run_experiment(experiment);
}

}  // namespace cachegauge
