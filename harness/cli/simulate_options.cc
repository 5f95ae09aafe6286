#include "harness/cli/simulate_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/cli/command_line.h"
#include "harness/cli/own_flags.h"
#include "harness/core/error.h"
#include "harness/core/registry.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

uint64_t half_of_memory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
}

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
  const size_t colon = text.find(':');
  if (text.find(',') < colon && colon != std::string_view::npos) {
    throw Error::usage(fmt::format(
        "a comma list holds bare names: give one with parameters in a flag of its own, got \"{}\"",
        text));
  }
  if (colon != std::string_view::npos) return add(text);
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

void set_sample_size(SimulateOptions& options, std::string_view text) {
  constexpr uint64_t kLeast = 1000, kMost = 100'000'000;
  const uint64_t keys = parse_count(text);
  if (keys < kLeast || keys > kMost) {
    throw Error::usage(fmt::format("expected from 1k to 100M keys, got \"{}\"", text));
  }
  options.sample_keys = static_cast<uint32_t>(keys);
}

// A number of requests, or a time.
void set_series(SimulateOptions& options, std::string_view text) {
  const bool is_count = !text.empty() && (std::isdigit(static_cast<unsigned char>(text.back())) ||
                                          text.back() == 'k' || text.back() == 'M');
  options.window = is_count ? SeriesWindow{.requests = parse_count(text)}
                            : SeriesWindow{.ns = parse_duration_ns(text)};
  if (!options.window.is_set()) {
    throw Error::usage(
        fmt::format("expected a window such as 100k (requests) or 60s, got \"{}\"", text));
  }
}

void set_origin(SimulateOptions& options, std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    throw Error::usage(fmt::format(
        "a simulated fill takes one time, such as 50ms, got \"{}\": `cachegauge run` has origins "
        "whose times are drawn",
        text));
  }
  options.origin_ns = parse_duration_ns(text);
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
    {"sample-size", "N", "length",
     "of --curve lru: as --sample, with so many keys at most, whatever the length of the workload",
     set_sample_size},
    {"series", "N|TIME", "length",
     "also the course of each simulation, in windows of 100k (requests) or 60s (of the trace's "
     "time); up to 512 of them, above which they double",
     set_series},
    {"origin", "TIME", "meaning",
     "a miss is filled after this time, such as 50ms; gets that arrive meanwhile wait for it "
     "(delayed hits), and response times are shown",
     set_origin},
    {"cache-rtt", "TIME", "meaning", "with --origin: what every get takes (0)",
     [](SimulateOptions& o, std::string_view t) { o.cache_rtt_ns = parse_duration_ns(t); }},
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

std::vector<Flag> simulate_flags() { return flags_with_common(kOwnOptions, kCommonOptions); }

void check_sample_size(const SimulateOptions& options) {
  const std::vector<Spec> lru = {Spec("lru")};
  if (!options.policies.empty() || options.curves != lru) {
    throw Error::usage(
        "--sample-size is for the curve of lru: say --curve lru alone, or --sample 1%");
  }
  if (options.sample_rate < 1) throw Error::usage("give --sample or --sample-size, not both");
  if (options.common.warmup.share > 0) {
    throw Error::usage(
        "with --sample-size the length of the workload is not known before its end: give --warmup "
        "as a number of requests");
  }
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
  if (options.sample_keys) check_sample_size(options);
  if (options.policies.empty() && (options.window.is_set() || options.origin_ns)) {
    throw Error::usage("--series and --origin are of simulations, not of curves: say --policy lru");
  }
  if (options.window.is_set() && options.sample_rate < 1) {
    throw Error::usage("a sample says too little of each window: leave out --series or --sample");
  }
  if (options.cache_rtt_ns && !options.origin_ns) {
    throw Error::usage("--cache-rtt adds to the response times of --origin: say --origin 50ms");
  }
  if (options.sizes.empty() && needs_size(options.policies)) {
    throw Error::usage("which sizes? Say --size 1%,10% of the unique keys, 10k entries, or 64MiB");
  }
}

}  // namespace

SimulateOptions::SimulateOptions() : max_memory_bytes(half_of_memory()) {}

void print_simulate_help() {
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

SimulateOptions read_simulate_options(const std::vector<std::string>& args) {
  const std::vector<Flag> flags = simulate_flags();
  const CommandLine line = parse_command_line("simulate", flags, args);
  SimulateOptions options;
  if (line.words.size() > 1) {
    throw Error::usage(fmt::format(
        "simulate takes one workload, and \"{}\" is one more: policies go after --policy",
        line.words[1]));
  }
  if (!line.words.empty()) options.workload = line.words[0];
  for (const auto& [place, text] : line.values)
    apply_flag(kOwnOptions, flags[place].name, text, options);
  check(options);
  return options;
}

void check_workload(const SimulateOptions& options, const Workload& workload, Fills fills) {
  if (!workload.traits().carries_time && (options.origin_ns || options.window.ns > 0)) {
    throw Error::usage(fmt::format(
        "the workload has no times, which {} needs: take a trace with times, or give a generator "
        "rate=1000",
        options.origin_ns ? "--origin" : "--series by time"));
  }
  if (options.sample_keys && fills != Fills::kOnMiss) {
    throw Error::usage(fmt::format(
        "--sample-size takes misses to be filled, and here fills are {}: say --fills on-miss",
        fills_name(fills)));
  }
  if (options.origin_ns && fills != Fills::kOnMiss) {
    throw Error::usage(fmt::format(
        "--origin is the time of filling a miss, and here fills are {}: say --fills on-miss",
        fills_name(fills)));
  }
}

std::string resolved_json(const SimulateOptions& options, const Workload& workload) {
  nlohmann::ordered_json json = {{"workload", workload.spec().redacted()}};
  json["policies"] = nlohmann::ordered_json::array();
  for (const Spec& policy : options.policies) json["policies"].push_back(policy.text());
  for (const Spec& policy : options.curves) json["curves"].push_back(policy.text());
  json["sizes"] = nlohmann::ordered_json::array();
  for (const CacheSize& size : options.sizes) json["sizes"].push_back(size.text);
  for (const auto& [name, value] : common_values(options.common, kCommonOptions)) {
    json[name] = value;
  }
  if (options.sample_rate < 1) json["sample"] = options.sample_rate;
  if (options.sample_keys) json["sample-size"] = *options.sample_keys;
  if (options.window.requests > 0) json["series"] = options.window.requests;
  if (options.window.ns > 0) json["series"] = fmt::format("{}ns", options.window.ns);
  if (options.origin_ns) json["origin"] = fmt::format("{}ns", *options.origin_ns);
  if (options.cache_rtt_ns) json["cache-rtt"] = fmt::format("{}ns", *options.cache_rtt_ns);
  json["threads"] = options.threads;
  json["max-memory"] = options.max_memory_bytes;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace cachegauge
