// The command line of `run`: flags, an experiment file, help.
#include <fmt/format.h>

#include <algorithm>

// Specs hold commas: a flag's value is never split.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>

#include "harness/cli/experiment.h"
#include "harness/cli/run_experiment.h"
#include "harness/cli/subcommand.h"
#include "harness/core/registry.h"

namespace cachegauge {
namespace {

constexpr std::string_view kGroups[] = {"what", "driver", "length", "meaning", "around", "output"};

// The summary beside the flag, in as many lines as it takes.
void print_option(const std::string& flag, std::string_view summary) {
  constexpr size_t kIndent = 30, kWidth = 100;
  fmt::print("  --{:<26}", flag);
  while (summary.size() > kWidth - kIndent) {
    const size_t space = summary.rfind(' ', kWidth - kIndent);
    if (space == std::string_view::npos) break;
    fmt::print("{}\n{:{}}", summary.substr(0, space), "", kIndent);
    summary.remove_prefix(space + 1);
  }
  fmt::print("{}\n", summary);
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
  for (std::string_view group : kGroups) {
    fmt::print("\n{}\n", group);
    for (const ExperimentOption& option : experiment_options()) {
      if (option.group != group) continue;
      print_option(option.value.empty() ? std::string(option.name)
                                        : fmt::format("{} {}", option.name, option.value),
                   option.summary);
    }
  }
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

cxxopts::ParseResult parse_flags(cxxopts::Options& options, const std::vector<std::string>& args) {
  for (const ExperimentOption& option : experiment_options()) {
    const auto value = option.value.empty()
                           ? std::shared_ptr<cxxopts::Value>(cxxopts::value<bool>())
                           : cxxopts::value<std::vector<std::string>>();
    options.add_options()(std::string(option.name), "", value);
  }
  options.add_options()("h,help", "")("positional", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("positional");
  std::vector<const char*> argv = {"run"};
  for (const std::string& arg : args) {
    // Found here, since the library's own message names no neighbours.
    if (arg.starts_with("--") && arg.size() > 2 && arg != "--help") {
      const std::string_view name = std::string_view(arg).substr(2, arg.find('=') - 2);
      require_row(experiment_options(), name, "flag of run");
    }
    argv.push_back(arg.c_str());
  }
  try {
    return options.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const cxxopts::exceptions::exception& error) {
    throw Error::usage(fmt::format("{} (`cachegauge run --help`)", error.what()));
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
  cxxopts::Options options("run");
  const cxxopts::ParseResult flags = parse_flags(options, args);
  if (flags.count("help") || args.empty()) {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  Experiment experiment;
  std::vector<std::string> words;
  if (flags.count("positional")) words = flags["positional"].as<std::vector<std::string>>();
  take_positionals(words, flags.count("workload") > 0, experiment);
  for (const ExperimentOption& option : experiment_options()) {
    const std::string name(option.name);
    if (flags.count(name) == 0) continue;
    if (option.value.empty()) {
      apply(option, flags[name].as<bool>() ? "true" : "false", experiment);
      continue;
    }
    for (const std::string& text : flags[name].as<std::vector<std::string>>()) {
      apply(option, text, experiment);
    }
  }
  return run_experiment(experiment);
}

}  // namespace cachegauge
