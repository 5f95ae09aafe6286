// The command line of `stampede`, and what it does with it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "adapters/adapters.h"
#include "adapters/local/local_adapters.h"
#include "adapters/origins/origins.h"
#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/lock_servers.h"
#include "harness/cli/machine.h"
#include "harness/cli/recorded_load.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/stampede/expectation.h"
#include "harness/stampede/scenario.h"
#include "harness/stampede/stampede.h"
#include "reports/atomic_file.h"
#include "reports/stampede_json.h"
#include "reports/stampede_table.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint32_t kMostProcesses = 1'000'000;
constexpr uint64_t kEpisodes = 20;  // unless said

// What it is asked to do. What it shares with `run` stands in `common`.
struct StampedeOptions {
  Experiment common;
  std::vector<std::string> guards;  // as given
  Spec scenario = Spec("hot-key-expiry");
  std::string fault;  // as given; empty: none
  int64_t ttl_ns = 1'000'000'000;
  std::optional<uint64_t> episodes;  // 20; of a recorded trace, as many as it has
  uint32_t processes = 1;
  int64_t round_trip_ns = 0;
  bool simulate = false;
};

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
                                               "force"};
constexpr std::string_view kGroups[] = {"what", "driver", "length", "around", "output"};

std::vector<Flag> stampede_flags() {
  std::vector<Flag> flags;
  for (const StampedeOption& o : kOwnOptions) {
    flags.push_back({o.name, o.value, o.group, o.summary});
  }
  for (std::string_view name : kCommonOptions) {
    const ExperimentOption& o = require_row(experiment_options(), name, "flag");
    flags.push_back({o.name, o.value, o.group, o.summary});
  }
  return flags;
}

void apply(const Flag& flag, const std::string& text, StampedeOptions& options) {
  try {
    if (const auto* own = find_row(std::span<const StampedeOption>(kOwnOptions), flag.name)) {
      own->set(options, text);
    } else {
      require_row(experiment_options(), flag.name, "flag").set(options.common, text);
    }
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("--{}: {}", flag.name, error.what()));
  }
}

void print_help() {
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
      "hot-key-expiry:keys=10 --origin 50ms --ttl 60s\n");
  print_flags(stampede_flags(), kGroups);
}

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

StampedeOptions read_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = stampede_flags();
  const CommandLine line = parse_command_line("stampede", flags, args);
  StampedeOptions options;
  for (const std::string& word : line.words) {
    options.common.adapters.push_back(Spec::parse(word));
  }
  for (const auto& [place, text] : line.values) apply(flags[place], text, options);
  check(options);
  return options;
}

Timetable plan_timetable(const StampedeOptions& options) {
  return plan_scenario(options.scenario, options.ttl_ns,
                       options.common.origin->duration_ns("latency", 0));
}

std::string resolved_json(const StampedeOptions& options) {
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
  for (std::string_view name : kCommonOptions) {
    if (name == "clients" && !common.clients) continue;
    const ExperimentOption& option = require_row(experiment_options(), name, "flag");
    const std::string value = option.get ? option.get(common) : std::string();
    if (!value.empty()) json[std::string(name)] = value;
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string driver_text(const StampedeOptions& options) {
  const Experiment& common = options.common;
  std::string text =
      common.clients ? fmt::format("closed:clients={}", *common.clients) : std::string("open:");
  if (!common.workloads.empty()) text = fmt::format("recorded:speed={}", common.speed.value_or(1));
  if (common.rate) text += fmt::format("{}rate={}", common.clients ? "," : "", *common.rate);
  if (!common.poisson) text += ",arrival=constant";
  if (options.processes > 1) text += fmt::format(",processes={}", options.processes);
  return text;
}

// Generous: a run that takes longer is one that never comes to rest.
int64_t limit_ns(const StampedeOptions& options, const StampedePlan& plan,
                 const RecordedLoad& recorded) {
  constexpr double kLeastNs = 30e9, kMostNs = 9e18, kSlack = 10;
  if (recorded.arrivals) {
    return static_cast<int64_t>(std::min(kMostNs, kLeastNs + recorded.length_ns));
  }
  double cycle_ns = static_cast<double>(options.ttl_ns) +
                    static_cast<double>(options.common.origin->duration_ns("latency", 0));
  if (plan.fault) {
    const int64_t each_ns = plan.fault->for_ns + make_guard(plan.guard).lock_ttl_ns();
    cycle_ns += static_cast<double>(each_ns) * plan.fault->times;
  }
  const double gap_ns = options.common.rate ? 1e9 / *options.common.rate : 0;
  const auto episodes = static_cast<double>(options.episodes.value_or(kEpisodes));
  return static_cast<int64_t>(
      std::min(kMostNs, kLeastNs + kSlack * (cycle_ns + gap_ns) * episodes));
}

// Of a recorded trace as many as it has room for.
uint64_t episodes_of(const StampedeOptions& options, const Timetable& timetable,
                     const RecordedLoad& recorded) {
  if (options.episodes) return *options.episodes;
  if (!recorded.arrivals) return kEpisodes;
  if (timetable.round_ns == 0) return UINT64_MAX;
  const auto busy_ns = static_cast<double>(timetable.round_ns - timetable.idle_ns);
  return std::max<uint64_t>(1, static_cast<uint64_t>(recorded.length_ns / busy_ns));
}

RecordedLoad read_recorded(const StampedeOptions& options) {
  if (options.common.workloads.empty()) return {};
  const Timetable timetable = plan_timetable(options);
  RecordedLoad load = record_load(*make_workload(options.common.workloads.front()), timetable.keys,
                                  options.common.limit);
  load.length_ns /= options.common.speed.value_or(1);
  return load;
}

// A cache in this process that was given no bound holds the few keys there are.
std::optional<uint64_t> memory_of(const Experiment& common, const Spec& adapter) {
  constexpr uint64_t kRoomBytes = uint64_t{64} << 20;
  const std::vector<AdapterKind> local = local_adapter_kinds();
  const bool is_local = find_row(std::span<const AdapterKind>(local), adapter.kind()) != nullptr;
  return is_local && !common.memory_bytes ? kRoomBytes : common.memory_bytes;
}

StampedePlan plan_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                       const Spec& adapter, const std::string& guard) {
  const Experiment& common = options.common;
  StampedePlan plan;
  plan.make_adapter = [adapter](const AdapterSettings& s) { return make_adapter(adapter, s); };
  plan.make_origin = [&common] { return make_origin(*common.origin, common.seed); };
  plan.adapter_settings = {.memory_bytes = memory_of(common, adapter),
                           .timeout_ns = common.timeout_ns,
                           .seed = common.seed,
                           .allow_shared_server = common.allow_shared_server,
                           .server_cpus = common.pin.server_cpus};
  plan.guard = parse_guard(guard);
  plan.make_lock_server = lock_server_maker(plan.guard, common);
  plan.load = {.rate = common.rate.value_or(0),
               .poisson = common.poisson,
               .clients = common.clients.value_or(0),
               .recorded = recorded.arrivals,
               .speed = common.speed.value_or(1)};
  plan.timetable = plan_timetable(options);
  if (recorded.arrivals) plan.timetable.keys = recorded.keys;
  plan.ttl_ns = options.ttl_ns;
  plan.origin_ns = common.origin->duration_ns("latency", 0);
  plan.episodes = episodes_of(options, plan.timetable, recorded);
  plan.processes = options.processes;
  plan.seed = common.seed;
  plan.virtual_time = options.simulate;
  plan.round_trip_ns = options.round_trip_ns;
  if (!options.fault.empty()) {
    plan.fault =
        parse_fault(options.fault, make_guard(plan.guard).lock_ttl_ns(), common.timeout_ns);
  }
  plan.limit_ns = limit_ns(options, plan, recorded);
  plan.key_prefix = fmt::format("cg:{:08x}.stampede:", std::random_device{}());
  const Capabilities capabilities = make_adapter(adapter, plan.adapter_settings)->capabilities();
  require_commands(plan.guard, adapter.redacted(), capabilities);
  require_own_server(options.scenario, adapter.redacted(), capabilities);
  if (capabilities.in_process && options.processes > 1) {
    throw Error::usage(fmt::format(
        "{} lives in one process, so {} processes have {} caches, each with a stampede of its own: "
        "measure one at 1/{} of the rate",
        adapter.redacted(), options.processes, options.processes, options.processes));
  }
  return plan;
}

StampedeCell run_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                      const Spec& adapter, const std::string& guard) {
  const StampedePlan plan = plan_cell(options, recorded, adapter, guard);
  StampedeCell cell;
  cell.scenario = options.scenario.text();
  cell.fault = options.fault;
  if (recorded.arrivals) cell.workload = options.common.workloads.front().redacted();
  cell.keys = plan.timetable.keys;
  cell.adapter = adapter.redacted();
  cell.adapter_kind = adapter.kind();
  cell.guard = guard;
  cell.driver = driver_text(options);
  cell.time = options.simulate ? "virtual" : "real";
  cell.origin = options.common.origin->redacted();
  cell.clients = plan.load.clients;
  cell.processes = plan.processes;
  cell.ttl_ns = plan.ttl_ns;
  cell.asked_rate = options.common.rate;
  const int64_t latency_ns = options.common.origin->duration_ns("latency", 0);
  if (std::string warning = short_lock_warning(plan.guard, latency_ns); !warning.empty()) {
    cell.warnings.push_back(std::move(warning));
  }
  StampedeResult result = run_stampede(plan, interrupted());
  cell.expected = expect_calls(plan, result);
  cell.expected_window_ns = expect_window_ns(plan, result);
  cell.adapter_version = result.adapter_version;
  cell.interrupted = result.interrupted;
  cell.counts = std::move(result.counts);
  cell.flags = std::move(result.flags);
  for (std::string& warning : result.warnings) cell.warnings.push_back(std::move(warning));
  return cell;
}

StampedeReport run_all(const StampedeOptions& options) {
  StampedeReport report;
  const CpuTicks ticks = read_cpu_ticks();
  report.context = read_machine_context();
  report.experiment_json = resolved_json(options);
  // What cannot be carried out is refused before anything is read or run.
  for (const Spec& adapter : options.common.adapters) {
    for (const std::string& guard : options.guards) plan_cell(options, {}, adapter, guard);
  }
  const RecordedLoad recorded = read_recorded(options);
  for (const Spec& adapter : options.common.adapters) {
    for (const std::string& guard : options.guards) {
      if (interrupted()) break;
      report.cells.push_back(run_cell(options, recorded, adapter, guard));
    }
  }
  report.interrupted = interrupted();
  report.context.steal = steal_share(ticks, read_cpu_ticks());
  return report;
}

}  // namespace

ExitCode stampede_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  const StampedeOptions options = read_options(args);
  const std::string& out = options.common.out;
  if (!out.empty()) check_writable(out, options.common.force);
  catch_interrupts();
  const StampedeReport report = run_all(options);
  if (!out.empty()) write_atomically(out, stampede_report_json(report));
  if (out != "-") {
    fmt::print("{}{}", stampede_table(report, terminal_style()), stampede_finding(report));
    if (!out.empty()) fmt::print("report: {}\n", out);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
