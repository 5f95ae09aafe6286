#include "harness/cli/experiment.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "adapters/origins/origins.h"
#include "harness/cli/command_line.h"
#include "harness/core/error.h"
#include "harness/core/suggest.h"
#include "harness/core/units.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/patterns/access_pattern.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

uint64_t parse_at_least_one(std::string_view text) {
  const uint64_t value = parse_count(text);
  if (value < 1) throw Error::usage("expected a number of at least 1, got \"0\"");
  return value;
}

uint32_t parse_positive(std::string_view text, uint32_t largest) {
  const uint64_t value = parse_at_least_one(text);
  if (value > largest) {
    throw Error::usage(fmt::format("expected a number from 1 to {}, got \"{}\"", largest, text));
  }
  return static_cast<uint32_t>(value);
}

template <class Enum, size_t N>
Enum parse_choice(std::string_view what, std::string_view text,
                  const std::string_view (&names)[N]) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  throw Error::usage(unknown_name_message(what, text, {names, names + N}));
}

constexpr std::string_view kFills[] = {"auto", "on-miss", "in-trace", "none"};
constexpr std::string_view kArrivals[] = {"poisson", "constant"};
constexpr std::string_view kTimings[] = {"off", "sampled", "all"};
constexpr std::string_view kOnCacheError[] = {"fail", "origin", "stale"};
constexpr std::string_view kTimes[] = {"auto", "real", "virtual"};

Warmup parse_warmup(std::string_view text) {
  if (text.ends_with('%')) return {parse_share(text), 0};
  return {0, parse_count(text)};
}

int64_t parse_positive_duration(std::string_view text) {
  const int64_t ns = parse_duration_ns(text);
  if (ns <= 0) throw Error::usage(fmt::format("expected a time above 0, got \"{}\"", text));
  return ns;
}

// A point costs what ten requests to an in-process cache do: below a millisecond it would be felt.
int64_t parse_interval(std::string_view text) {
  const int64_t ns = parse_duration_ns(text);
  if (ns < 1'000'000 || ns > 24 * 3600 * int64_t{1'000'000'000}) {
    throw Error::usage(fmt::format("expected a time from 1ms to 24h, got \"{}\"", text));
  }
  return ns;
}

// In the largest unit that says it exactly: what the flag takes.
std::string exact_text(uint64_t value,
                       std::initializer_list<std::pair<uint64_t, const char*>> units) {
  for (const auto& [factor, name] : units) {
    if (value % factor == 0 && value > 0) return fmt::format("{}{}", value / factor, name);
  }
  return "0";
}

std::string size_text(uint64_t bytes) {
  return exact_text(bytes, {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}});
}

std::string ns_text(int64_t ns) {
  return exact_text(static_cast<uint64_t>(ns),
                    {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1000, "us"}, {1, "ns"}});
}
std::string bool_text(bool value) { return value ? "true" : "false"; }

double parse_positive_real(std::string_view text) {
  double factor = 1;
  std::string_view digits = text;
  if (digits.ends_with('k') || digits.ends_with('M')) {
    factor = digits.back() == 'k' ? 1e3 : 1e6;
    digits.remove_suffix(1);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !(value > 0) || value > 1e9) {
    throw Error::usage(
        fmt::format("expected a number above 0, such as 5000, 0.5 or 20k, got \"{}\"", text));
  }
  return value * factor;
}

std::string rate_text(const Experiment& e) {
  if (!e.rate) return {};
  return *e.rate == 0 ? "auto" : fmt::format("{}", *e.rate);
}

using E = Experiment;
using T = std::string_view;

// When requests start is said in one of three ways.
void forget_schedule(E& e) {
  e.rate.reset();
  e.speed.reset();
  e.slo = {};
}

constexpr ExperimentOption kOptions[] = {
    {"workload", "W", "what", "the requests: a trace file, or a generator such as zipf:keys=1M",
     [](E& e, T t) { e.workloads.push_back(parse_workload_spec(t)); }, nullptr,
     [](E& e) { e.workloads.clear(); }},
    {"adapter", "A", "what", "a cache under test; may be given again",
     [](E& e, T t) { e.adapters.push_back(Spec::parse(t)); }, nullptr,
     [](E& e) { e.adapters.clear(); }},

    {"clients", "N", "driver", "clients, each with a connection of its own (1; open loop: 50)",
     [](E& e, T t) { e.clients = parse_positive(t, 100'000); },
     [](const E& e) { return fmt::to_string(e.resolved_clients()); }},
    {"threads", "T", "driver", "threads that the clients are spread over (1)",
     [](E& e, T t) { e.threads = parse_positive(t, 256); },
     [](const E& e) { return fmt::to_string(e.threads); }},
    {"pipeline", "D", "driver", "requests that each client keeps outstanding (1)",
     [](E& e, T t) { e.pipeline = parse_positive(t, 10'000); },
     [](const E& e) { return fmt::to_string(e.pipeline); }},

    {"rate", "R", "driver",
     "open loop: requests start at R a second, come what may, e.g. 5000 or 20k; auto: half of what "
     "the slowest adapter can do",
     [](E& e, T t) { e.rate = t == "auto" ? 0 : parse_positive_real(t); }, rate_text,
     forget_schedule},
    {"arrival", "KIND", "driver", "with --rate: poisson or constant spacing (poisson)",
     [](E& e, T t) { e.poisson = parse_choice<int>("arrival", t, kArrivals) == 0; },
     [](const E& e) { return std::string(kArrivals[e.poisson ? 0 : 1]); }},
    {"speed", "X", "driver",
     "open loop on the trace's own times: 1 as recorded, 2 in half the time",
     [](E& e, T t) { e.speed = parse_positive_real(t); },
     [](const E& e) { return e.speed ? fmt::format("{}", *e.speed) : std::string(); },
     forget_schedule},
    {"slo", "P=TIME", "driver",
     "open loop: the highest rate that keeps a promise, e.g. p99=1ms or p99=1ms,p99.9=5ms; "
     "--duration is that of each trial",
     [](E& e, T t) { e.slo = parse_slo(t); }, [](const E& e) { return e.slo.text; },
     forget_schedule},
    {"timing", "MODE", "driver",
     "in-process caches: sampled (1 request in 16), all or off (sampled)",
     [](E& e, T t) { e.timing = parse_choice<TimingMode>("value of timing", t, kTimings); },
     [](const E& e) { return std::string(kTimings[static_cast<int>(e.timing)]); }},

    {"duration", "TIME", "length", "stop after this time, e.g. 10s",
     [](E& e, T t) { e.duration_ns = parse_positive_duration(t); },
     [](const E& e) { return e.duration_ns > 0 ? ns_text(e.duration_ns) : std::string(); }},
    {"limit", "N", "length", "stop after this many requests, e.g. 100k",
     [](E& e, T t) { e.limit = parse_at_least_one(t); },
     [](const E& e) { return e.limit ? fmt::to_string(*e.limit) : std::string(); }},
    {"warmup", "SHARE|N", "length", "requests carried out first and not counted: 10% or 10k (0)",
     [](E& e, T t) { e.warmup = parse_warmup(t); },
     [](const E& e) {
       return e.warmup.share > 0 ? fmt::format("{}%", e.warmup.share * 100)
                                 : fmt::to_string(e.warmup.count);
     }},
    {"preload", "", "length", "set every key of the workload once before anything else",
     [](E& e, T t) { e.preload = parse_switch(t); },
     [](const E& e) { return bool_text(e.preload); }},
    {"repeat", "N", "length", "repetitions of each cell, in random order (1)",
     [](E& e, T t) { e.repeat = parse_positive(t, 10'000); },
     [](const E& e) { return fmt::to_string(e.repeat); }},
    {"seed", "S", "length", "of the order of cells and of whatever an adapter draws (42)",
     [](E& e, T t) { e.seed = parse_count(t); }, [](const E& e) { return fmt::to_string(e.seed); }},
    {"timeout", "TIME", "length", "a command without a reply is given up after this time (5s)",
     [](E& e, T t) { e.timeout_ns = parse_positive_duration(t); },
     [](const E& e) { return ns_text(e.timeout_ns); }},
    {"interval", "TIME", "length",
     "series: one point each TIME, doubled as a long run goes on (100ms)",
     [](E& e, T t) { e.interval_ns = parse_interval(t); },
     [](const E& e) { return ns_text(e.interval_ns); }},

    {"fills", "HOW", "meaning",
     "who fills a miss: auto, on-miss (cachegauge), in-trace (its sets), none (auto)",
     [](E& e, T t) { e.fills = parse_choice<Fills>("value of fills", t, kFills); },
     [](const E& e) { return std::string(kFills[static_cast<int>(e.fills)]); }},
    {"all-as-get", "", "meaning", "treat every row as a get",
     [](E& e, T t) { e.all_as_get = parse_switch(t); },
     [](const E& e) { return bool_text(e.all_as_get); }},
    {"ignore-size", "", "meaning", "give every value the same 100 bytes",
     [](E& e, T t) { e.ignore_size = parse_switch(t); },
     [](const E& e) { return bool_text(e.ignore_size); }},
    {"ignore-ttl", "", "meaning", "nothing expires",
     [](E& e, T t) { e.ignore_ttl = parse_switch(t); },
     [](const E& e) { return bool_text(e.ignore_ttl); }},
    {"time", "MODE", "meaning",
     "auto, real or virtual (auto: virtual for in-process adapters and one client)",
     [](E& e, T t) { e.time = parse_choice<TimeMode>("value of time", t, kTimes); },
     [](const E& e) { return std::string(kTimes[static_cast<int>(e.time)]); }},

    {"memory", "SIZE", "around", "budget of each adapter that does not set its own, e.g. 64MiB",
     [](E& e, T t) { e.memory_bytes = parse_size_bytes(t); },
     [](const E& e) { return e.memory_bytes ? size_text(*e.memory_bytes) : std::string(); }},
    {"origin", "O", "around",
     "what a miss costs: 50ms, sleep:latency=50ms,capacity=32, or a real one: postgres, sqlite, "
     "http://host/{key} (nothing)",
     [](E& e, T t) { e.origin = parse_origin_spec(t); },
     [](const E& e) { return e.origin ? e.origin->redacted() : std::string(); }},
    {"pattern", "P", "around",
     "how the application uses cache and origin (`list patterns`): write-behind:flush=1s, … "
     "(cache-aside)",
     [](E& e, T t) {
       e.pattern = Spec::parse(t);
       make_pattern(e.pattern);
     },
     [](const E& e) { return e.pattern.text(); }},
    {"kill-at", "TIME", "around",
     "kill the application's process after so long, and count at the origin which acknowledged "
     "writes it lacks (not)",
     [](E& e, T t) { e.kill_at_ns = parse_positive_duration(t); },
     [](const E& e) { return e.kill_at_ns > 0 ? ns_text(e.kill_at_ns) : std::string(); }},
    {"guard", "G", "around",
     "stampede protection (`list guards`), such as singleflight or jitter:spread=10%+token-lock "
     "(none)",
     [](E& e, T t) {
       parse_guard(t);
       e.guard = t;
     },
     [](const E& e) { return e.guard; }},
    {"fault", "F", "around",
     "what goes wrong on purpose (`list run-faults`), such as stall:at=3s,for=1s or kill:at=5s; "
     "may "
     "be given again",
     [](E& e, T t) {
       for (Fault& fault : parse_faults(t)) e.faults.push_back(std::move(fault));
     },
     [](const E& e) { return faults_text(e.faults); }, [](E& e) { e.faults.clear(); }},
    {"on-cache-error", "WHAT", "around",
     "when the cache fails a get: fail the request, ask the origin, or serve the stale value that "
     "was seen last (fail)",
     [](E& e, T t) {
       e.on_cache_error = parse_choice<OnCacheError>("value of on-cache-error", t, kOnCacheError);
     },
     [](const E& e) { return std::string(kOnCacheError[static_cast<int>(e.on_cache_error)]); }},
    {"codec", "C", "around",
     "how values are serialised on their way into the cache: json, msgpack or cbor (none)",
     [](E& e, T t) { e.codec = &require_row(codecs(), t, "codec"); },
     [](const E& e) { return std::string(e.codec->name); }},
    {"key-hash", "H", "around",
     "keys are hashed before they go to the cache: md5, fnv1a or fewer bits, fnv1a:bits=32 (none)",
     [](E& e, T t) { e.naming.set_hash(Spec::parse(t)); },
     [](const E& e) { return e.naming.hash_text(); }},
    {"namespace", "NAME", "around",
     "keys are put in a namespace with a version: shop, or shop:version=2 (none)",
     [](E& e, T t) { e.naming.set_namespace(t); },
     [](const E& e) { return e.naming.namespace_text(); }},
    {"mutate", "SHARE", "around",
     "the caller changes the value of this share of its hits once it has read it: what that does "
     "with copy=share (0%)",
     [](E& e, T t) { e.change_share = parse_share(t); },
     [](const E& e) { return fmt::format("{}%", e.change_share * 100); }},
    {"pin", "WHERE", "around",
     "CPUs of the clients' threads and of private servers: client=1,server=0 (any)",
     [](E& e, T t) { e.pin = parse_placement(t, allowed_cpus()); },
     [](const E& e) { return placement_text(e.pin); }},
    {"max-errors", "SHARE", "around", "the run fails when more commands than this fail (1%)",
     [](E& e, T t) { e.max_errors = parse_share(t); },
     [](const E& e) { return fmt::format("{}%", e.max_errors * 100); }},
    {"allow-degraded", "", "around", "go on, with a warning, where an adapter lacks what is needed",
     [](E& e, T t) { e.allow_degraded = parse_switch(t); },
     [](const E& e) { return bool_text(e.allow_degraded); }},
    {"allow-shared-server", "", "around", "use a running server although it holds other data",
     [](E& e, T t) { e.allow_shared_server = parse_switch(t); },
     [](const E& e) { return bool_text(e.allow_shared_server); }},

    {"instructions", "N", "around",
     "count instructions per request with valgrind, over N requests: of in-process caches, 20k is "
     "plenty",
     [](E& e, T t) { e.instructions = parse_positive(t, kMostCountedRequests); },
     [](const E& e) { return e.instructions > 0 ? fmt::to_string(e.instructions) : ""; }},
    {"skip-floors", "", "around", "do not measure what cachegauge itself takes for a request",
     [](E& e, T t) { e.skip_floors = parse_switch(t); }},

    {"log", "FILE", "output",
     "write each request as a line of csv: when it was due, sent and answered (one cell alone)",
     [](E& e, T t) { e.log = t; }},
    {"out", "FILE", "output", "write the report (JSON) here; - is stdout",
     [](E& e, T t) { e.out = t; }},
    {"html", "FILE", "output", "write the report as a page with charts",
     [](E& e, T t) { e.html = t; }},
    {"force", "", "output", "overwrite a report that exists",
     [](E& e, T t) { e.force = parse_switch(t); }},
    {"dry-run", "", "output", "print the resolved experiment and how long it takes, and stop",
     [](E& e, T t) { e.dry_run = parse_switch(t); }},
};

}  // namespace

std::span<const ExperimentOption> experiment_options() { return kOptions; }

std::vector<std::pair<std::string_view, std::string>> options_that_differ(
    const Experiment& experiment) {
  const Experiment defaults;
  std::vector<std::pair<std::string_view, std::string>> options;
  for (const ExperimentOption& option : kOptions) {
    if (!option.get || option.name == "repeat") continue;
    std::string value = option.get(experiment);
    if (value != option.get(defaults)) options.emplace_back(option.name, std::move(value));
  }
  return options;
}

std::string flags_to_repeat(const Experiment& experiment) {
  std::string flags;
  for (const auto& [name, value] : options_that_differ(experiment)) {
    flags += fmt::format("{}--{}", flags.empty() ? "" : " ", name);
    const bool is_switch =
        find_row(std::span<const ExperimentOption>(kOptions), name)->value.empty();
    if (!is_switch) flags += fmt::format(" {}", value);
  }
  return flags;
}

}  // namespace cachegauge
