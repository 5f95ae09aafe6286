// The command line of `profile`, and what it does with it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "adapters/local/policies/policy.h"
#include "adapters/origins/origins.h"
#include "harness/cli/cache_probe.h"
#include "harness/cli/cell_planner.h"
#include "harness/cli/command_line.h"
#include "harness/cli/hot_keys.h"
#include "harness/cli/interruptible.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/own_flags.h"
#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/cli/trace_warnings.h"
#include "harness/core/clock.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"
#include "harness/profile/findings.h"
#include "harness/profile/profile.h"
#include "harness/profile/verdict.h"
#include "harness/simulate/read_ahead.h"
#include "reports/atomic_file.h"
#include "reports/escape.h"
#include "reports/profile_json.h"
#include "reports/profile_table.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

// Beyond it, columns are spilled to TMPDIR.
constexpr uint64_t kMostBytesInMemory = uint64_t{768} << 20;
// What a server needs to run at all.
constexpr uint64_t kLeastServerBytes = uint64_t{16} << 20;

// To a size that a person would write: up to a thirty-second more.
uint64_t round_up(uint64_t bytes) {
  constexpr uint64_t kFewest = 32;
  for (const int shift : {30, 20, 10}) {
    const uint64_t unit = uint64_t{1} << shift;
    if (bytes >= kFewest * unit) return (bytes + unit - 1) / unit * unit;
  }
  return bytes;
}

// What it is asked to do. What it shares with `run` stands in `common`.
struct ProfileOptions {
  Experiment common;
  std::string workload;  // as given
  std::optional<int64_t> cache_rtt_ns;
  Prices prices;
  std::string prices_text;
  std::optional<double> rate;
};

constexpr ParamInfo kPrices[] = {
    {"gib-month", "number", "of a GiB of cache memory for a month"},
    {"origin-call", "number", "of a call to the origin"},
};

void set_prices(ProfileOptions& options, std::string_view text) {
  const Spec given = Spec::parse("price:" + std::string(text));
  given.require_known(kPrices);
  const auto price = [&](std::string_view name) -> std::optional<double> {
    if (!given.has(name)) return std::nullopt;
    const double value = given.number(name, 0);
    if (value >= 0) return value;
    throw Error::usage(
        fmt::format("{}: expected a price from 0, got \"{}\"", name, *given.find(name)));
  };
  options.prices = {price("gib-month"), price("origin-call")};
  options.prices_text = text;
}

void set_rate(ProfileOptions& options, std::string_view text) {
  const uint64_t rate = parse_count(text);
  if (rate == 0) throw Error::usage("expected requests a second, from 1, got \"0\"");
  options.rate = static_cast<double>(rate);
}

struct ProfileOption {
  std::string_view name, value, group, summary;
  void (*set)(ProfileOptions& options, std::string_view text);
};

constexpr ProfileOption kOwnOptions[] = {
    {"cache-rtt", "TIME", "verdict",
     "a cache that is not measured here, such as one across a network: what its gets and sets take",
     [](ProfileOptions& o, std::string_view t) { o.cache_rtt_ns = parse_duration_ns(t); }},
    {"price", "P", "verdict",
     "gib-month=0.5,origin-call=0.00002: what memory and calls cost, in any currency", set_prices},
    {"rate", "R", "verdict",
     "requests a second of this workload, for expiries and money (that of the trace's times)",
     set_rate},
};

// Those of `run` that mean the same here, or nearly: --adapter is measured now, --memory is the
// size that the verdict is about.
constexpr std::string_view kCommonOptions[] = {"adapter",    "origin",      "memory",     "limit",
                                               "all-as-get", "ignore-size", "ignore-ttl", "seed",
                                               "out",        "force"};
constexpr std::string_view kGroups[] = {"verdict", "what", "length", "meaning", "around", "output"};

std::vector<Flag> profile_flags() { return flags_with_common(kOwnOptions, kCommonOptions); }

void print_help() {
  fmt::print(
      "usage: cachegauge profile WORKLOAD [flags]\n\n"
      "What the traffic of WORKLOAD is like, and what follows for a cache in front of it: whether\n"
      "it pays, how large, with which policy. A workload is a trace file (`list formats`) or a\n"
      "generator (`list workloads`). Misses are filled.\n\n"
      "  cachegauge profile access.log\n"
      "  cachegauge profile access.log --origin 50ms --cache-rtt 500us\n"
      "  cachegauge profile trace.csv.zst --origin 2ms --adapter lru --adapter redis\n"
      "  cachegauge profile access.log --origin 50ms --price gib-month=0.5,origin-call=0.00002\n");
  print_flags(profile_flags(), kGroups);
}

ProfileOptions read_options(const CommandLine& line, const std::vector<Flag>& flags) {
  ProfileOptions options;
  if (line.words.empty()) {
    throw Error::usage(
        "which workload? Give a trace file or a generator such as zipf:keys=100k "
        "(`cachegauge list workloads`)");
  }
  if (line.words.size() > 1) {
    throw Error::usage(
        fmt::format("profile takes one workload, and \"{}\" is one more: caches go after --adapter",
                    line.words[1]));
  }
  options.workload = line.words[0];
  for (const auto& [place, text] : line.values) {
    apply_flag(kOwnOptions, flags[place].name, text, options);
  }
  if (options.common.memory_bytes && *options.common.memory_bytes <= kItemChargeBytes) {
    throw Error::usage(
        fmt::format("--memory: a cache of {} holds nothing, as an object takes {} bytes beside its "
                    "key and value",
                    format_size(*options.common.memory_bytes), kItemChargeBytes));
  }
  if (options.common.origin) {
    require_simulated_origin(*options.common.origin, "profile", "it draws 100,000 calls at once");
  }
  return options;
}

class Profiling {
 public:
  explicit Profiling(const ProfileOptions& options)
      : options_(options),
        given_(parse_workload_spec(options.workload)),
        workload_(make_workload(given_)) {}

  ProfileReport run();

 private:
  void describe(const InternedTrace& trace);
  void choose(const InternedTrace& trace, const ProfiledTrace& profiled);
  void reach_verdict(const InternedTrace& trace);
  void judge_candidates();
  void add_candidate(const CacheTimes& cache, std::string name, bool measured);
  std::vector<Spec> caches_to_measure() const;
  uint64_t memory_to_try() const;
  std::optional<double> rate(const Traffic& traffic) const;
  std::optional<double> gets_per_second(const InternedTrace& trace, const Traffic& traffic) const;
  std::string next() const;
  std::optional<std::string> small_cache_warning() const;
  std::string resolved_json() const;

  const ProfileOptions& options_;
  const Spec given_;
  const std::unique_ptr<Workload> workload_;
  ProfiledTrace profiled_;
  std::optional<Histogram> origin_ns_;
  ProfileReport report_;
};

void Profiling::describe(const InternedTrace& trace) {
  const TraceSummary& summary = trace.summary();
  report_.workload_label = workload_label(given_);
  report_.workload = {.spec = workload_->spec().redacted(),
                      .given = options_.workload,
                      .format = workload_->traits().format,
                      .requests = summary.requests,
                      .unique_keys = summary.unique_keys,
                      .fingerprint = summary.fingerprint};
  report_.intern_ns = summary.intern_ns;
  const int64_t before = monotonic_ns();
  profiled_ = profile_trace(trace, workload_->traits().carries_time, interrupted(),
                            [&](const ProfiledTrace& profiled) { choose(trace, profiled); });
  report_.profile_ns = monotonic_ns() - before;
  name_hottest(*workload_, trace, profiled_.hottest, profiled_.traffic.popularity.hottest);
  report_.traffic = profiled_.traffic;
}

std::optional<double> Profiling::rate(const Traffic& traffic) const {
  if (options_.rate) return options_.rate;
  if (!traffic.rate) return std::nullopt;
  return traffic.rate->mean_rps;
}

std::optional<double> Profiling::gets_per_second(const InternedTrace& trace,
                                                 const Traffic& traffic) const {
  const auto requests_per_second = rate(traffic);
  if (!requests_per_second) return std::nullopt;
  const TraceSummary& summary = trace.summary();
  const auto gets = static_cast<double>(summary.ops[static_cast<int>(Op::kGet)]);
  return *requests_per_second * gets / static_cast<double>(summary.requests);
}

// Beside another thread, which is not done with the trace.
void Profiling::choose(const InternedTrace& trace, const ProfiledTrace& profiled) {
  const SizeWishes wishes = {.memory_bytes = options_.common.memory_bytes,
                             .prices = options_.prices,
                             .gets_per_second = gets_per_second(trace, profiled.traffic)};
  choose_size(*profiled.sizes, wishes, interrupted(), report_.verdict);
  const uint32_t others = std::max(2u, std::thread::hardware_concurrency()) - 1;
  choose_policy(trace, profiled, others, interrupted(), report_.verdict);
}

void Profiling::reach_verdict(const InternedTrace& trace) {
  Verdict& verdict = report_.verdict;
  if (options_.common.origin) {
    origin_ns_ = probe_origin(*options_.common.origin, options_.common.seed);
    verdict.origin = OriginTimes{options_.common.origin->redacted(), origin_ns_->mean(),
                                 static_cast<double>(origin_ns_->percentile(0.99))};
  }
  judge_candidates();
  const auto requests_per_second = rate(report_.traffic);
  if (requests_per_second && origin_ns_ && trace.summary().requests > 0) {
    uint64_t gets = 0;
    for (const HotKey& key : report_.traffic.popularity.hottest) gets = std::max(gets, key.gets);
    const double hottest_rps = *requests_per_second * static_cast<double>(gets) /
                               static_cast<double>(trace.summary().requests);
    verdict.stampede = Stampede{hottest_rps, 1 + hottest_rps * origin_ns_->mean() / 1e9};
  }
  const auto calls_without = gets_per_second(trace, report_.traffic);
  if (!options_.prices_text.empty() && calls_without) {
    const double calls = *calls_without;
    const uint64_t bytes = verdict.size ? verdict.size->bytes : 0;
    verdict.cost_without = monthly_cost(options_.prices, 0, calls);
    verdict.cost_with = monthly_cost(options_.prices, bytes, calls * verdict.miss_ratio);
  }
}

// Those that were named; with an origin and nothing else to compare it with, the best policy in
// this process.
std::vector<Spec> Profiling::caches_to_measure() const {
  const Experiment& common = options_.common;
  if (!common.adapters.empty() || options_.cache_rtt_ns || !origin_ns_) return common.adapters;
  if (report_.verdict.policy.empty()) return {};
  return {Spec(report_.verdict.policy)};
}

uint64_t Profiling::memory_to_try() const {
  const uint64_t bytes = report_.verdict.size ? report_.verdict.size->bytes : 0;
  return options_.common.adapters.empty() ? bytes : std::max(bytes, kLeastServerBytes);
}

void Profiling::judge_candidates() {
  if (options_.cache_rtt_ns) {
    CacheTimes cache;
    cache.get_ns.record(*options_.cache_rtt_ns);
    cache.set_ns = static_cast<double>(*options_.cache_rtt_ns);
    const std::string away = format_duration(cache.set_ns);
    add_candidate(cache, fmt::format("a cache {} away", away), false);
  }
  for (const Spec& adapter : caches_to_measure()) {
    const auto cache = probe_cache(options_.common, options_.workload, adapter, memory_to_try());
    if (!cache) return;
    add_candidate(*cache, adapter.redacted(), true);
  }
}

void Profiling::add_candidate(const CacheTimes& cache, std::string name, bool measured) {
  const Histogram* origin = origin_ns_ ? &*origin_ns_ : nullptr;
  Candidate candidate = judge(cache, report_.verdict, *profiled_.sizes, origin);
  candidate.name = std::move(name);
  candidate.measured = measured;
  report_.verdict.candidates.push_back(std::move(candidate));
}

std::string Profiling::next() const {
  if (report_.workload.requests == 0) return {};
  Experiment experiment = options_.common;
  std::string caches = report_.verdict.policy.empty() ? "unbounded" : report_.verdict.policy;
  for (const Spec& adapter : experiment.adapters) {
    if (adapter.text() != caches) caches += " " + shell_word(adapter.text());
  }
  if (report_.verdict.size) {
    const uint64_t bytes = memory_to_try();
    experiment.memory_bytes = bytes == options_.common.memory_bytes ? bytes : round_up(bytes);
  }
  if (workload_->traits().has_sets && !experiment.all_as_get) experiment.fills = Fills::kOnMiss;
  const std::string flags = flags_to_repeat(experiment);
  return fmt::format("cachegauge run {} {}{}{}", shell_word(options_.workload), caches,
                     flags.empty() ? "" : " ", flags);
}

std::string Profiling::resolved_json() const {
  nlohmann::ordered_json json = {{"workload", workload_->spec().redacted()}};
  json["adapters"] = nlohmann::ordered_json::array();
  for (const Spec& adapter : options_.common.adapters)
    json["adapters"].push_back(adapter.redacted());
  for (const auto& [name, value] : common_values(options_.common, kCommonOptions)) {
    json[name] = value;
  }
  if (options_.cache_rtt_ns) json["cache-rtt-ns"] = *options_.cache_rtt_ns;
  if (!options_.prices_text.empty()) json["price"] = options_.prices_text;
  if (options_.rate) json["rate"] = *options_.rate;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// A sample's caches are smaller by its rate, and what they take in is not.
std::optional<std::string> Profiling::small_cache_warning() const {
  const Verdict& verdict = report_.verdict;
  const Reuse& reuse = report_.traffic.reuse;
  if (!profiled_.sample || !verdict.size || !verdict.size_in_bytes) return std::nullopt;
  if (!profiled_.sizes->can_tell(verdict.size->bytes)) return std::nullopt;  // not by the sample
  const auto sampled_bytes =
      static_cast<uint64_t>(static_cast<double>(verdict.size->bytes) * reuse.sample_rate);
  if (sampled_bytes >= reuse.largest_object_bytes) return std::nullopt;
  return fmt::format(
      "policies are compared in caches of {} on the sample, which do not take in the largest "
      "object ({}): these hit ratios are rough, and `cachegauge simulate --size {}B` has those of "
      "the whole",
      format_size(sampled_bytes), format_size(reuse.largest_object_bytes), verdict.size->bytes);
}

ProfileReport Profiling::run() {
  const CpuTicks ticks = read_cpu_ticks();
  report_.context = read_machine_context();
  report_.experiment_json = resolved_json();
  const RequestRules rules = request_rules(options_.common);
  const Interruptible reading(*workload_);
  const ReadAhead ahead(reading, rules.limit);
  const InternedTrace trace(ahead, rules, kMostBytesInMemory);
  report_.decode_ns = ahead.decode_ns();
  describe(trace);
  if (interrupted()) {
    report_.verdict = {};  // what was cut short is no ground for one
  } else {
    reach_verdict(trace);
    report_.next = next();
  }
  report_.findings = find_all(report_);
  report_.interrupted = interrupted();
  report_.warnings = trace_warnings(*workload_, trace.summary());
  if (auto warning = small_cache_warning()) report_.warnings.push_back(std::move(*warning));
  if (!options_.prices_text.empty() && !rate(report_.traffic)) {
    report_.warnings.push_back(fmt::format("--price: {}, so what a month costs needs a --rate",
                                           workload_->traits().carries_time
                                               ? "all requests come at the same time"
                                               : "the workload has no times"));
  }
  report_.context.steal = steal_share(ticks, read_cpu_ticks());
  return std::move(report_);
}

}  // namespace

ExitCode profile_command(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = profile_flags();
  const CommandLine line = parse_command_line("profile", flags, args);
  if (line.help || args.empty()) {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  const ProfileOptions options = read_options(line, flags);
  const std::string& out = options.common.out;
  if (!out.empty()) check_writable(out, options.common.force);
  catch_interrupts();
  const ProfileReport report = Profiling(options).run();
  if (!out.empty()) write_atomically(out, profile_report_json(report));
  if (out != "-") {
    fmt::print("{}", profile_text(report, terminal_style()));
    if (!out.empty()) fmt::print("report: {}\n", out);
  }
  return report.interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
}

}  // namespace cachegauge
