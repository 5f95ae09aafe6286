#include "harness/cli/stampede_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/origins/origins.h"
#include "harness/cli/command_line.h"
#include "harness/cli/machine.h"
#include "harness/cli/own_flags.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/guards/holder_fault.h"
#include "harness/stampede/scenario.h"

namespace cachegauge {
namespace {

constexpr uint32_t kMostProcesses = 1'000'000;

int64_t parse_time(std::string_view text) {
  const int64_t ns = parse_duration_ns(text);
  if (ns <= 0) throw Error::usage(fmt::format("expected a time above 0, got \"{}\"", text));
  return ns;
}

uint64_t parse_from_one(std::string_view text, uint64_t most) {
  const uint64_t count = parse_count(text);
  if (count >= 1 && count <= most) return count;
  throw Error::usage(fmt::format("expected a number from 1 to {}, got \"{}\"", most, text));
}

// A comma list of bare names, or one guard with its parameters.
void add_guards(StampedeOptions& options, std::string_view text) {
  const auto add = [&](std::string_view one) {
    parse_guard(one);
    if (std::find(options.guards.begin(), options.guards.end(), one) != options.guards.end()) {
      throw Error::usage(fmt::format("{} is given twice", one));
    }
    options.guards.emplace_back(one);
  };
  if (text.find(':') != std::string_view::npos) return add(text);
  for (size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    add(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  add(text);
}

struct StampedeOption {
  std::string_view name, value, group, summary;
  void (*set)(StampedeOptions& options, std::string_view text);
};

constexpr StampedeOption kOwnOptions[] = {
    {"guard", "G", "what",
     "guards (`list guards`): a comma list of names, or one with parameters, such as "
     "token-lock:ttl=5s or jitter:spread=10%+swr; may be given again",
     add_guards},
    {"scenario", "S", "what", "what happens (`list scenarios`; hot-key-expiry)",
     [](StampedeOptions& o, std::string_view t) { o.scenario = parse_scenario(t); }},
    {"fault", "F", "what",
     "what goes wrong with who makes the value (`list faults`), such as dies-before:times=2 or "
     "pause:for=15s (nothing)",
     [](StampedeOptions& o, std::string_view t) {
       parse_fault(t, 0, 1);
       o.fault = t;
     }},
    {"ttl", "TIME", "what", "of the keys (1s)",
     [](StampedeOptions& o, std::string_view t) { o.ttl_ns = parse_time(t); }},
    {"episodes", "E", "length",
     "expiries to count, after the cold start, or rounds of the scenario (20)",
     [](StampedeOptions& o, std::string_view t) { o.episodes = parse_from_one(t, 10'000'000); }},
    {"processes", "P", "driver",
     "processes of the application, each with what its guard keeps in memory (1)",
     [](StampedeOptions& o, std::string_view t) {
       o.processes = static_cast<uint32_t>(parse_from_one(t, kMostProcesses));
     }},
    {"simulate", "", "driver",
     "in virtual time, on a model of the cache: at any rate, exact, and the same each time",
     [](StampedeOptions& o, std::string_view t) { o.simulate = parse_switch(t); }},
    {"cache-rtt", "TIME", "driver",
     "with --simulate: the mean round trip of a command; each way is drawn anew (0)",
     [](StampedeOptions& o, std::string_view t) { o.round_trip_ns = parse_duration_ns(t); }},
};

// Those of `run` that mean the same here.
constexpr std::string_view kCommonOptions[] = {"adapter",
                                               "workload",
                                               "speed",
                                               "limit",
                                               "rate",
                                               "arrival",
                                               "clients",
                                               "seed",
                                               "timeout",
                                               "memory",
                                               "origin",
                                               "pin",
                                               "allow-shared-server",
                                               "out",
                                               "html",
                                               "force"};
constexpr std::string_view kGroups[] = {"what", "driver", "length", "around", "output"};

std::vector<Flag> stampede_flags() { return flags_with_common(kOwnOptions, kCommonOptions); }

// Processes are forked, and each has an event loop, connections and a log of what happened.
void check_forks(const StampedeOptions& options) {
  constexpr uint64_t kBytesEach = 16 << 20, kMost = 1000;
  const uint64_t room = available_memory_bytes().value_or(kMost * kBytesEach) / kBytesEach;
  if (options.processes > std::min(room, kMost)) {
    throw Error::usage(fmt::format(
        "--processes {}: this machine holds {} that are forked; --simulate has as many as you like",
        options.processes, std::min(room, kMost)));
  }
  if (options.common.origin->has("capacity") || options.common.origin->kind() == "shared") {
    throw Error::usage(
        "--processes: each would have an origin of its own, with a queue of its own: give "
        "--simulate, or an origin without a capacity");
  }
}

void check_load(const StampedeOptions& options) {
  const Experiment& common = options.common;
  const bool recorded = !common.workloads.empty();
  if (!common.rate && !common.clients && !recorded) {
    throw Error::usage(
        "how much load? Say --rate 1000 (requests per second), --clients 50, or --workload TRACE "
        "for its own times");
  }
  if (recorded && (common.rate || common.clients)) {
    throw Error::usage("--workload brings its own times: leave --rate and --clients out");
  }
  if (common.workloads.size() > 1) {
    throw Error::usage("--workload: one at a time, since keys and times are those of one");
  }
  if (!recorded && (common.speed || common.limit)) {
    throw Error::usage("--speed and --limit are for a recorded trace: give --workload, too");
  }
  if (common.clients && !common.rate && options.simulate && options.round_trip_ns == 0) {
    throw Error::usage(
        "clients that never think, on a model that answers at once, take no time at all: give "
        "--rate (what they would send together), or --cache-rtt");
  }
}

void check(const StampedeOptions& options) {
  const Experiment& common = options.common;
  if (common.adapters.empty()) {
    throw Error::usage(
        "which caches? Give one adapter or more, such as redis (`cachegauge list adapters`)");
  }
  if (options.guards.empty()) {
    throw Error::usage("which guards? Say --guard none,token-lock,swr (`cachegauge list guards`)");
  }
  if (!common.origin) {
    throw Error::usage(
        "what lies behind the cache? Say --origin 50ms, or sleep:latency=50ms,capacity=32");
  }
  require_simulated_origin(*common.origin, "stampede", "theory starts from a latency");
  if (common.origin->duration_ns("latency", 0) == 0) {
    throw Error::usage("--origin: without a latency there is no stampede: expected one above 0");
  }
  if (common.rate && *common.rate == 0) {
    throw Error::usage("--rate: expected requests per second, such as 1000; auto is for `run`");
  }
  check_load(options);
  if (options.round_trip_ns != 0 && !options.simulate) {
    throw Error::usage("--cache-rtt is that of the model: give --simulate, or leave it out");
  }
  if (options.processes > 1 && !options.simulate) check_forks(options);
  if (common.clients && *common.clients < options.processes) {
    throw Error::usage(fmt::format("--clients {} are fewer than --processes {}", *common.clients,
                                   options.processes));
  }
}

}  // namespace

void print_stampede_help() {
  fmt::print(
      "usage: cachegauge stampede ADAPTER… --guard G,… --rate R --origin O [flags]\n\n"
      "One hot key expires, again and again, while requests for it keep coming, or worse befalls\n"
      "the cache (--scenario): how often each guard lets them through to the origin, how long "
      "they\n"
      "wait, and what theory has to say to it. With --workload TRACE requests come for the keys "
      "and\n"
      "at the times that it has.\n\n"
      "  cachegauge stampede redis --guard none,lock,token-lock,xfetch,swr --rate 1000 --origin "
      "50ms\n"
      "  cachegauge stampede redis --guard singleflight --rate 1000 --origin 50ms --processes 50 "
      "--simulate\n"
      "  cachegauge stampede redis --guard token-lock:ttl=20ms --rate 1000 --origin 50ms\n"
      "  cachegauge stampede redis --guard none,singleflight --rate 2000 --origin 50ms --ttl 4s "
      "--scenario restart\n"
      "  cachegauge stampede redis --guard none,swr --workload trace.csv --scenario "
      "hot-key-expiry:keys=10 --origin 50ms --ttl 60s\n"
      "  cachegauge stampede redis --guard none,token-lock,swr --rate 1000 --origin 50ms --html "
      "spike.html\n");
  print_flags(stampede_flags(), kGroups);
}

StampedeOptions read_stampede_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = stampede_flags();
  const CommandLine line = parse_command_line("stampede", flags, args);
  StampedeOptions options;
  for (const std::string& word : line.words) {
    options.common.adapters.push_back(Spec::parse(word));
  }
  for (const auto& [place, text] : line.values)
    apply_flag(kOwnOptions, flags[place].name, text, options);
  check(options);
  return options;
}

std::string stampede_options_json(const StampedeOptions& options) {
  const Experiment& common = options.common;
  nlohmann::ordered_json json;
  for (const Spec& adapter : common.adapters) json["adapters"].push_back(adapter.redacted());
  json["guards"] = options.guards;
  json["scenario"] = options.scenario.text();
  json["fault"] = nullptr;
  if (!options.fault.empty()) json["fault"] = options.fault;
  json["ttl_ms"] = static_cast<double>(options.ttl_ns) / 1e6;
  if (options.episodes) json["episodes"] = *options.episodes;
  json["processes"] = options.processes;
  json["simulate"] = options.simulate;
  json["cache_rtt_ms"] = static_cast<double>(options.round_trip_ns) / 1e6;
  if (!common.workloads.empty()) json["workload"] = common.workloads.front().redacted();
  for (const auto& [name, value] : common_values(common, kCommonOptions)) {
    if (name != "clients" || common.clients) json[name] = value;
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace cachegauge
