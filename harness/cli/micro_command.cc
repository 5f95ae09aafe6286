// The command line of `micro`: our own flags, and those of Google Benchmark as they are.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/micro_codecs.h"
#include "harness/cli/micro_suite.h"
#include "harness/cli/own_flags.h"
#include "harness/cli/subcommand.h"
#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/core/version.h"
#include "reports/atomic_file.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr std::string_view kEnginePrefix = "--benchmark_";

struct CommandOptions {
  MicroOptions micro;
  Experiment common;  // what means the same to `run`
  bool value_sizes_given = false;
};

template <class Take>
void split_list(std::string_view text, Take take) {
  while (true) {
    const size_t comma = text.find(',');
    take(text.substr(0, comma));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

uint64_t parse_from_one(std::string_view text, uint64_t most) {
  const uint64_t number = parse_count(text);
  if (number >= 1 && number <= most) return number;
  throw Error::usage(fmt::format("expected a number from 1 to {}, got \"{}\"", most, text));
}

// Numbers of bytes in one spelling, so that names can be compared; names of distributions as they
// are.
std::string value_text(std::string_view text) {
  const bool is_number = !text.empty() && text[0] >= '0' && text[0] <= '9';
  return is_number ? std::to_string(parse_size_bytes(text)) : std::string(text);
}

template <class T>
void add_once(std::vector<T>& list, T item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

using C = CommandOptions;
using T = std::string_view;

struct MicroOption {
  std::string_view name, value, group, summary;
  void (*set)(CommandOptions& options, std::string_view text);
};

constexpr MicroOption kOwnOptions[] = {
    {"value-size", "S,…", "what",
     "sizes of values, 100 or 1KiB, or a distribution that a generator's value= takes, such as "
     "lognormal (100)",
     [](C& o, T t) {
       o.value_sizes_given = true;
       split_list(t, [&](T item) { add_once(o.micro.values, value_text(item)); });
     }},
    {"threads", "N,…", "what", "threads that use one cache at once (1)",
     [](C& o, T t) {
       o.micro.threads.clear();
       split_list(t, [&](T item) {
         add_once(o.micro.threads, static_cast<uint32_t>(parse_from_one(item, 256)));
       });
     }},
    {"keys", "N", "what", "keys that are in the cache (100k)",
     [](C& o, T t) { o.micro.keys = parse_from_one(t, 1'000'000'000); }},
    {"items", "N,…", "what",
     "set-evicting: how many entries a full cache holds that counts them and sets no bound of its "
     "own; 10M take gigabytes (10k,1M)",
     [](C& o, T t) {
       o.micro.items.clear();
       split_list(t, [&](T item) { add_once(o.micro.items, parse_from_one(item, UINT32_MAX)); });
     }},
    {"workload", "W", "what",
     "the generator that draws the keys, and for mixed the ops: zipf:alpha=0.9,get=9,set=1 (zipf)",
     [](C& o, T t) { o.micro.workload = parse_workload_spec(t); }},
    {"codec", "C,…", "what",
     "measure serialisation, too: none, json, msgpack, cbor; of documents of each value size",
     [](C& o, T t) {
       split_list(t, [&](T item) { add_once(o.micro.codecs, std::string(item)); });
     }},
};

// Those of `run` that mean the same here.
constexpr std::string_view kCommonOptions[] = {"memory", "timeout", "allow-shared-server"};
constexpr std::string_view kGroups[] = {"what", "length", "around"};

std::vector<Flag> micro_flags() { return flags_with_common(kOwnOptions, kCommonOptions); }

void print_help() {
  fmt::print(
      "usage: cachegauge micro ADAPTER… [flags] [any --benchmark_* flag]\n\n"
      "What one operation on a cache costs, measured by Google Benchmark: its console, its JSON, "
      "its\n"
      "flags. One operation at a time; of a server, a round trip each.\n\n");
  for (const MicroOperation& operation : micro_operations()) {
    fmt::print("  {:<14}{}\n", operation.name, operation.summary);
  }
  fmt::print(
      "\n  cachegauge micro lru s3fifo --value-size 100,1KiB --threads 1,2\n"
      "  cachegauge micro redis memcached --benchmark_filter=get --benchmark_repetitions=5\n"
      "  cachegauge micro lru --items 10M --benchmark_filter=set-evicting\n"
      "  cachegauge micro --codec json,msgpack,cbor --value-size 100,10KiB "
      "--benchmark_out=codecs.json\n"
      "  cachegauge report codecs.json --html codecs.html\n");
  print_flags(micro_flags(), kGroups);
  fmt::print(
      "\nOf --benchmark_*: filter=REGEX, list_tests, min_time=SECONDS, repetitions=N, "
      "out=FILE.json,\n"
      "format=console|json|csv, report_aggregates_only, and all others of Google Benchmark.\n");
}

// What is in the workload's spec and would be of no effect, is refused.
void resolve_workload(CommandOptions& options) {
  Spec& spec = options.micro.workload;
  if (spec.kind() == "trace") {
    throw Error::usage(
        "--workload: micro draws its keys from a generator (`cachegauge list workloads`); a trace "
        "is for `cachegauge run`");
  }
  for (const auto& [name, remedy] : std::initializer_list<std::pair<T, T>>{
           {"keys", "say --keys N"},
           {"requests", "Google Benchmark says how many it takes"},
           {"rate", "nothing waits for an arrival here"},
           {"ttl", "nothing expires here"}}) {
    if (spec.has(name)) {
      throw Error::usage(fmt::format("--workload: {}= has no place here: {}", name, remedy));
    }
  }
  spec.set("keys", std::to_string(options.micro.keys));
  spec = make_workload(spec)->spec();
  constexpr T kWeights[] = {"get", "set", "add", "delete"};
  if (std::none_of(std::begin(kWeights), std::end(kWeights), [&](T w) { return spec.has(w); })) {
    spec.set("get", "9");
    spec.set("set", "1");
  }
  if (!options.value_sizes_given) options.micro.values = {value_text(*spec.find("value"))};
}

CommandOptions read_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = micro_flags();
  const CommandLine line = parse_command_line("micro", flags, args);
  CommandOptions options;
  for (const auto& [place, text] : line.values)
    apply_flag(kOwnOptions, flags[place].name, text, options);
  MicroOptions& micro = options.micro;
  for (const std::string& word : line.words) add_once(micro.adapters, Spec::parse(word));
  if (micro.adapters.empty() && micro.codecs.empty()) {
    throw Error::usage(
        "which caches? Give one adapter or more, such as lru redis memcached "
        "(`cachegauge list adapters`), or --codec json for serialisation alone");
  }
  for (const uint32_t threads : micro.threads) {
    if (threads > micro.keys) {
      throw Error::usage(fmt::format("--keys {}: fewer than --threads {}", micro.keys, threads));
    }
  }
  micro.settings.memory_bytes = options.common.memory_bytes;
  micro.settings.timeout_ns = options.common.timeout_ns;
  micro.settings.allow_shared_server = options.common.allow_shared_server;
  resolve_workload(options);
  return options;
}

// Google Benchmark calls this, and would then exit with 0, when it does not like a value.
void refuse_engine_flag() {
  throw Error::usage(
      "a --benchmark_* flag has a value that Google Benchmark does not take: formats are console, "
      "json and csv, time units ns, us, ms and s");
}

void initialize_engine(std::vector<std::string> args) {
  for (const std::string& arg : args) {
    constexpr std::string_view kOut = "--benchmark_out=";
    if (arg.starts_with(kOut)) check_writable(arg.substr(kOut.size()), true);
  }
  static char program[] = "cachegauge";  // of the context that is printed later
  std::vector<char*> argv = {program};
  for (std::string& arg : args) argv.push_back(arg.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data(), refuse_engine_flag);
  if (argc > 1) {
    throw Error::usage(fmt::format(
        "\"{}\" is no flag of Google Benchmark, or has a value that it does not take; the ones it "
        "has: filter, list_tests, min_time, min_warmup_time, repetitions, "
        "enable_random_interleaving, report_aggregates_only, display_aggregates_only, format, out, "
        "out_format, color, counters_tabular, context, perf_counters, time_unit",
        argv[1]));
  }
}

void add_context(const MicroOptions& options) {
  const ToolVersion tool = tool_version();
  benchmark::AddCustomContext(
      "cachegauge", fmt::format("{} ({}, {})", tool.version, tool.git_commit, tool.build_type));
  benchmark::AddCustomContext("workload", options.workload.text());
  if (options.settings.memory_bytes) {
    benchmark::AddCustomContext("memory", std::to_string(*options.settings.memory_bytes));
  }
}

}  // namespace

ExitCode micro_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  std::vector<std::string> own = args;
  const auto engine = std::stable_partition(own.begin(), own.end(), [](const std::string& arg) {
    return !arg.starts_with(kEnginePrefix) && !arg.starts_with("--v=");
  });
  const std::vector<std::string> engine_args(engine, own.end());
  own.erase(engine, own.end());
  const CommandOptions options = read_options(own);
  MicroSuite suite(options.micro);
  register_codecs(options.micro.codecs, options.micro.values);
  for (const std::string& line : suite.left_out()) {
    fmt::print(stderr, "not measured: {}\n", line);
  }
  initialize_engine(engine_args);
  add_context(options.micro);
  catch_interrupts();
  const size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  if (interrupted()) return ExitCode::kInterrupted;
  if (matched == 0) return ExitCode::kUsage;
  return suite.any_failed() ? ExitCode::kFailed : ExitCode::kDone;
}

}  // namespace cachegauge
