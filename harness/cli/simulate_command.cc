// The command line of `simulate`, and what it does with it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/cli/cell_planner.h"
#include "harness/cli/command_line.h"
#include "harness/cli/experiment.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/simulate/sampled_trace.h"
#include "reports/atomic_file.h"
#include "reports/curve_report.h"
#include "reports/simulation_json.h"
#include "reports/simulation_table.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

uint64_t half_of_memory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
}

// What it is asked to do. What it shares with `run` stands in `common`.
struct SimulateOptions {
  Experiment common;
  std::string workload;  // as given
  std::vector<Spec> policies;
  std::vector<CacheSize> sizes;
  std::vector<Spec> curves;
  bool curves_in_bytes = false;
  double sample_rate = 1;
  std::string csv;
  uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  uint64_t max_memory_bytes = half_of_memory();
};

// Calls take(item) for each item of a comma list.
template <class Take>
void split_list(std::string_view text, Take take) {
  while (true) {
    const size_t comma = text.find(',');
    take(text.substr(0, comma));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

// A comma list of bare names, or one policy with its parameters.
void add_policies(std::vector<Spec>& policies, std::string_view text) {
  const auto add = [&](std::string_view one) {
    Spec policy = Spec::parse(one);
    if (std::find(policies.begin(), policies.end(), policy) != policies.end()) {
      throw Error::usage(fmt::format("{} is given twice", policy.text()));
    }
    policies.push_back(std::move(policy));
  };
  if (text.find(':') != std::string_view::npos) return add(text);
  split_list(text, add);
}

void set_curve_unit(SimulateOptions& options, std::string_view text) {
  if (text != "objects" && text != "bytes") {
    throw Error::usage(fmt::format("expected objects or bytes, got \"{}\"", text));
  }
  options.curves_in_bytes = text == "bytes";
}

void add_sizes(SimulateOptions& options, std::string_view text) {
  split_list(text, [&](std::string_view item) {
    for (CacheSize& size : parse_cache_sizes(item)) {
      const bool known = std::any_of(options.sizes.begin(), options.sizes.end(),
                                     [&](const CacheSize& s) { return s.text == size.text; });
      if (!known) options.sizes.push_back(std::move(size));
    }
  });
}

void set_sample(SimulateOptions& options, std::string_view text) {
  options.sample_rate = parse_share(text);
  if (options.sample_rate == 0) {
    throw Error::usage("a sample of no keys says nothing: give a share such as 1%");
  }
}

void set_threads(SimulateOptions& options, std::string_view text) {
  const uint64_t threads = parse_count(text);
  if (threads < 1 || threads > 1024) {
    throw Error::usage(fmt::format("expected a number from 1 to 1024, got \"{}\"", text));
  }
  options.threads = static_cast<uint32_t>(threads);
}

struct SimulateOption {
  std::string_view name, value, group, summary;
  void (*set)(SimulateOptions& options, std::string_view text);
};

constexpr SimulateOption kOwnOptions[] = {
    {"policy", "P", "what",
     "policies (`list policies`): a comma list of names, or one with parameters, such as "
     "s3fifo:small=5%; may be given again",
     [](SimulateOptions& o, std::string_view t) { add_policies(o.policies, t); }},
    {"size", "S", "what",
     "sizes: 10k (entries), 64MiB, 1% (of the unique keys), 1%..50%x2 (each twice the last); a "
     "comma list, and may be given again",
     add_sizes},
    {"curve", "P", "what",
     "the miss-ratio curves of policies, over all sizes: as --policy; that of lru is exact",
     [](SimulateOptions& o, std::string_view t) { add_policies(o.curves, t); }},
    {"curve-by", "U", "what", "their sizes are objects or bytes (objects)", set_curve_unit},
    {"csv", "FILE", "output", "the points of the curves",
     [](SimulateOptions& o, std::string_view t) { o.csv = t; }},
    {"sample", "SHARE", "length",
     "simulate the requests of a share of the keys, such as 1%, at sizes as much smaller, and "
     "estimate the counts of all, with their standard errors",
     set_sample},
    {"threads", "T", "around", "simulations at once (all cores)", set_threads},
    {"max-memory", "SIZE", "around",
     "of the workload, which is spilled to TMPDIR beyond half of it, and of the simulations that "
     "run at once (half of the machine's)",
     [](SimulateOptions& o, std::string_view t) { o.max_memory_bytes = parse_size_bytes(t); }},
};

// Those of `run` that mean the same here.
constexpr std::string_view kCommonOptions[] = {
    "limit", "warmup", "fills", "all-as-get", "ignore-size", "ignore-ttl", "seed", "out", "force"};
constexpr std::string_view kGroups[] = {"what", "length", "meaning", "around", "output"};

std::vector<Flag> simulate_flags() {
  std::vector<Flag> flags;
  for (const SimulateOption& o : kOwnOptions)
    flags.push_back({o.name, o.value, o.group, o.summary});
  for (std::string_view name : kCommonOptions) {
    const ExperimentOption& o = require_row(experiment_options(), name, "flag");
    flags.push_back({o.name, o.value, o.group, o.summary});
  }
  return flags;
}

void apply(const Flag& flag, const std::string& text, SimulateOptions& options) {
  try {
    if (const auto* own = find_row(std::span<const SimulateOption>(kOwnOptions), flag.name)) {
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
      "usage: cachegauge simulate WORKLOAD --policy P,… --size S,… [flags]\n\n"
      "Hit ratios of each policy at each size. The policies are those of the in-process caches, "
      "and\n"
      "the counts are those that `run` would have. A workload is a trace file (`list formats`) or "
      "a\n"
      "generator (`list workloads`).\n\n"
      "  cachegauge simulate access.log --policy lru,s3fifo,arc --size 0.1%,1%,10%\n"
      "  cachegauge simulate trace.csv.zst --policy lru --policy lfu:tie=inserted --size "
      "1%..50%x2\n"
      "  cachegauge simulate access.log --curve lru,s3fifo --csv curves.csv\n"
      "  cachegauge simulate huge.zst --curve lru,s3fifo --sample 1%\n"
      "  cachegauge simulate zipf:keys=1M,requests=20M --policy lru,sieve --size 64MiB --out "
      "r.json\n");
  print_flags(simulate_flags(), kGroups);
}

void check(const SimulateOptions& options) {
  if (options.workload.empty()) {
    throw Error::usage(
        "which workload? Give a trace file or a generator such as zipf:keys=100k "
        "(`cachegauge list workloads`)");
  }
  if (options.policies.empty() && options.curves.empty()) {
    throw Error::usage(
        "which policies? Say --policy lru,s3fifo,arc, or --curve lru (`cachegauge list policies`)");
  }
  check_policies(options.policies);
  check_curve_policies(options.curves);
  if (!options.csv.empty() && options.curves.empty()) {
    throw Error::usage("--csv takes the points of curves: say --curve lru");
  }
  if (options.sizes.empty() && needs_size(options.policies)) {
    throw Error::usage("which sizes? Say --size 1%,10% of the unique keys, 10k entries, or 64MiB");
  }
}

SimulateOptions read_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = simulate_flags();
  const CommandLine line = parse_command_line("simulate", flags, args);
  SimulateOptions options;
  if (line.words.size() > 1) {
    throw Error::usage(fmt::format(
        "simulate takes one workload, and \"{}\" is one more: policies go after --policy",
        line.words[1]));
  }
  if (!line.words.empty()) options.workload = line.words[0];
  for (const auto& [place, text] : line.values) apply(flags[place], text, options);
  check(options);
  return options;
}

std::string resolved_json(const SimulateOptions& options, const Workload& workload) {
  nlohmann::ordered_json json = {{"workload", workload.spec().redacted()}};
  json["policies"] = nlohmann::ordered_json::array();
  for (const Spec& policy : options.policies) json["policies"].push_back(policy.text());
  for (const Spec& policy : options.curves) json["curves"].push_back(policy.text());
  json["sizes"] = nlohmann::ordered_json::array();
  for (const CacheSize& size : options.sizes) json["sizes"].push_back(size.text);
  for (std::string_view name : kCommonOptions) {
    const ExperimentOption& option = require_row(experiment_options(), name, "flag");
    const std::string value = option.get ? option.get(options.common) : std::string();
    if (!value.empty()) json[std::string(name)] = value;
  }
  if (options.sample_rate < 1) json["sample"] = options.sample_rate;
  json["threads"] = options.threads;
  json["max-memory"] = options.max_memory_bytes;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

uint64_t warmup_requests(const Warmup& warmup, uint64_t requests) {
  const auto share = static_cast<uint64_t>(warmup.share * static_cast<double>(requests));
  const uint64_t count = std::max(share, warmup.count);
  if (count > 0 && count >= requests) {
    throw Error::usage(
        fmt::format("--warmup takes all {} requests of the workload, and leaves none to count",
                    format_count(requests)));
  }
  return count;
}

// What a sample that is too small for some sizes should be.
std::optional<std::string> small_sample_warning(const SimulationReport& report, double rate) {
  constexpr double kFewEntries = 100;
  const double object_bytes =
      static_cast<double>(report.footprint_bytes) /
          static_cast<double>(std::max<uint64_t>(1, report.workload.unique_keys)) +
      kItemChargeBytes;
  std::optional<double> least;
  std::string which;
  for (const SimulationResult& result : report.results) {
    if (!result.capacity_objects && !result.capacity_bytes) continue;
    const double entries = result.capacity_objects
                               ? static_cast<double>(*result.capacity_objects)
                               : static_cast<double>(*result.capacity_bytes) / object_bytes;
    if (entries * rate >= kFewEntries || (least && entries >= *least)) continue;
    least = entries;
    which = result.size;
  }
  if (!least) return std::nullopt;
  return fmt::format(
      "the sample's cache for {} has room for {:.0f} objects, where below {} estimates are rough: "
      "take --sample {:.2g}%",
      which, *least * rate, kFewEntries, std::min(100.0, 100 * kFewEntries / *least));
}

std::vector<std::string> warnings_of(const Workload& workload, const TraceSummary& summary) {
  std::vector<std::string> warnings;
  if (summary.requests == 0) warnings.push_back("the workload has no requests");
  if (summary.with_ttl > 0 && !workload.traits().carries_time) {
    warnings.push_back("the workload has TTLs and no times, so nothing expires");
  }
  if (summary.skipped_rows > 0) {
    warnings.push_back(fmt::format("{} bad rows skipped", format_count(summary.skipped_rows)));
  }
  return warnings;
}

SimulationReport simulate(const SimulateOptions& options) {
  const Experiment& common = options.common;
  const CpuTicks ticks = read_cpu_ticks();
  SimulationReport report;
  report.context = read_machine_context();
  const Spec given = parse_workload_spec(options.workload);
  const auto workload = make_workload(given);
  SampledTrace sample(*workload, request_rules(common), KeySample(options.sample_rate, common.seed),
                     options.max_memory_bytes / 2);
  const TraceSummary& summary = sample.summary();
  const Fills fills = resolve_fills(common, *workload);

  GridOptions grid = {.threads = options.threads,
                      .max_memory_bytes = options.max_memory_bytes,
                      .seed = common.seed,
                      .fills_misses = fills == Fills::kOnMiss,
                      .warmup_requests = warmup_requests(common.warmup, summary.requests)};
  report.results = sample.simulate(options.policies, options.sizes, grid, interrupted());
  if (!interrupted()) {
    report.curves = sample.curves(options.curves, options.curves_in_bytes, grid, interrupted());
  }
  report.experiment_json = resolved_json(options, *workload);
  report.workload_label = workload_label(given);
  report.workload = {.spec = workload->spec().redacted(),
                     .given = options.workload,
                     .format = workload->traits().format,
                     .requests = summary.requests,
                     .unique_keys = summary.unique_keys,
                     .fingerprint = summary.fingerprint};
  report.footprint_bytes = summary.footprint_bytes;
  report.compulsory_misses = sample.compulsory_misses(grid.warmup_requests);
  report.fills = fills_name(fills);
  report.decode_ns = summary.decode_ns;
  report.intern_ns = summary.intern_ns;
  report.memory_bytes = sample.trace().bytes_in_memory();
  report.spilled_bytes = sample.trace().bytes_in_file();
  report.interrupted = interrupted();
  report.warnings = warnings_of(*workload, summary);
  if (!sample.keys().holds_all()) {
    report.sample = {.rate = sample.keys().rate(),
                     .seed = sample.keys().seed(),
                     .requests = sample.trace().summary().requests,
                     .unique_keys = sample.trace().unique_keys()};
    if (auto warning = small_sample_warning(report, options.sample_rate)) {
      report.warnings.push_back(std::move(*warning));
    }
  }
  report.context.steal = steal_share(ticks, read_cpu_ticks());
  return report;
}

}  // namespace

ExitCode simulate_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  const SimulateOptions options = read_options(args);
  const std::string& out = options.common.out;
  if (!out.empty()) check_writable(out, options.common.force);
  if (!options.csv.empty()) check_writable(options.csv, options.common.force);
  catch_interrupts();
  const SimulationReport report = simulate(options);
  if (!out.empty()) write_atomically(out, simulation_report_json(report));
  if (!options.csv.empty()) write_atomically(options.csv, curve_csv(report));
  if (out != "-") {
    fmt::print("{}{}", simulation_table(report, terminal_style()), simulation_finding(report));
    if (!out.empty()) fmt::print("report: {}\n", out);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
