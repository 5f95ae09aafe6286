// The command line of `run`: flags, an experiment file, help.
#include <fmt/format.h>

#include <algorithm>
#include <span>

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
      "       cachegauge run EXPERIMENT.json [ADAPTER…] [flags]\n\n"
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
      "lists under \"workloads\" and \"adapters\". Flags override it: adapters, workloads and\n"
      "faults beside it take the place of all of its own, and of --rate, --speed and --slo\n"
      "each that of the others. Passwords come from the environment\n"
      "(CACHEGAUGE_REDIS_PASSWORD) or a file.\n");
}

bool is_experiment_file(const std::string& text) { return text.ends_with(".json"); }

// What a command line says of one option: as a flag, or by its place among the words.
struct Given {
  const ExperimentOption* option;
  std::string text;
  bool is_flag;
};

std::vector<Given> given_options(const CommandLine& line, std::span<const std::string> words,
                                 bool has_file) {
  const auto options = experiment_options();
  const bool workload_given = has_file || std::ranges::any_of(line.values, [&](const auto& value) {
                                return options[value.first].name == "workload";
                              });
  std::vector<Given> given;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool is_workload = i == 0 && !workload_given;
    given.push_back(
        {&require_row(options, is_workload ? "workload" : "adapter", "flag"), words[i], false});
  }
  for (const auto& [place, text] : line.values) given.push_back({&options[place], text, true});
  return given;
}

// What the file says is forgotten before anything is set, since a flag may be given again.
void override_file(const std::vector<Given>& given, Experiment& experiment) {
  for (const Given& one : given) {
    if (one.option->forget) one.option->forget(experiment);
  }
  for (const auto& [option, text, is_flag] : given) {
    try {
      option->set(experiment, text);
    } catch (const Error& error) {
      if (!is_flag) throw;
      throw Error(error.code(), fmt::format("--{}: {}", option->name, error.what()));
    }
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
  std::span<const std::string> words = line.words;
  const bool has_file = !words.empty() && is_experiment_file(words[0]);
  if (has_file) {
    read_experiment_file(words[0], experiment);
    words = words.subspan(1);
  }
  override_file(given_options(line, words, has_file), experiment);
  return run_experiment(experiment);
}

}  // namespace cachegauge
