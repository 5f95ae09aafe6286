#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "harness/cli/subcommand.h"
#include "harness/core/registry.h"
#include "harness/core/version.h"

namespace cachegauge {
namespace {

constexpr Subcommand kSubcommands[] = {
    {"run", "replay a workload through caches and measure", run_command},
    {"simulate", "hit ratios of policies at many sizes, from a trace alone", simulate_command},
    {"profile", "what the traffic of a trace is like, and whether to cache it", profile_command},
    {"stampede", "what happens when a hot key expires, guard by guard", stampede_command},
    {"gate", "did this change make it worse? For CI", gate_command},
    {"micro", "what one operation costs, on Google Benchmark", micro_command},
    {"report", "show reports, or turn them into formats of other tools", report_command},
    {"list", "what can be chosen: adapters, policies, workloads, formats, …", list_command},
    {"clean", "remove what a killed run left on a server", clean_command},
};

void print_help() {
  fmt::print(
      "cachegauge: one trace, every cache.\n\n"
      "Replays a recorded or synthetic workload through in-process caches, Redis and Memcached, "
      "and\n"
      "measures hit ratio, latency, memory and the load on what lies behind the cache.\n\n"
      "usage: cachegauge COMMAND …\n\n");
  for (const Subcommand& command : kSubcommands) {
    fmt::print("  {:<10}{}\n", command.name, command.summary);
  }
  fmt::print(
      "\nstart with\n"
      "  cachegauge run access.log lru redis memcached --memory 64MiB --origin 50ms\n"
      "  cachegauge run zipf:keys=100k,requests=1M lru lfu fifo --memory 10MiB\n"
      "  cachegauge profile access.log --origin 50ms --cache-rtt 500us\n"
      "  cachegauge simulate access.log --policy lru,s3fifo,arc --size 1%,10%\n"
      "\n`cachegauge COMMAND --help` says more. Exit codes: 0 done, 1 the run failed, 2 usage,\n"
      "3 a regression, 4 inconclusive, 130 interrupted.\n");
}

ExitCode dispatch(const std::vector<std::string>& args) {
  if (args.empty()) {
    print_help();
    return ExitCode::kUsage;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_help();
    return ExitCode::kDone;
  }
  if (args[0] == "--version") {
    fmt::print("cachegauge {} ({}, {})\n", tool_version().version, tool_version().git_commit,
               tool_version().build_type);
    return ExitCode::kDone;
  }
  const Subcommand& command = require_row(subcommands(), args[0], "command");
  return command.run({args.begin() + 1, args.end()});
}

}  // namespace

std::span<const Subcommand> subcommands() { return kSubcommands; }

}  // namespace cachegauge

int main(int argc, char** argv) {
  using cachegauge::ExitCode;
  try {
    return static_cast<int>(cachegauge::dispatch({argv + 1, argv + argc}));
  } catch (const cachegauge::Error& error) {
    fmt::print(stderr, "cachegauge: {}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "cachegauge: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "cachegauge: {} (a bug; please report it)\n", error.what());
  }
  return static_cast<int>(ExitCode::kFailed);
}
