#include "harness/stampede/expectation.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "harness/stampede/theory.h"

namespace cachegauge {
namespace {

// What the formulas take.
struct Achieved {
  double rate;  // per second and key
  double window_s;
  double recompute_s;
  double lock_s;  // TTL of the guard's lock or lease
  uint32_t clients, processes;
  bool expires;  // a value that was there came to its end
};

// With the standard deviation of one episode; 0 where the count is certain.
struct Expected {
  double calls;
  double deviation;
  std::string_view formula;
};

using Expect = std::optional<Expected> (*)(const Spec& guard, const Achieved& achieved);

// Each of the others comes within the window, or does not.
Expected once_each(const Achieved& a, double members, std::string_view formula) {
  const double calls = once_each_calls(a.rate, a.window_s, members);
  const double chance = members > 1 ? (calls - 1) / (members - 1) : 0;
  return {calls, std::sqrt((members - 1) * chance * (1 - chance)), formula};
}

std::optional<Expected> expect_none(const Spec&, const Achieved& a) {
  if (a.clients > 0) {
    return once_each(a, a.clients, "1 + (N - 1)(1 - e^(-rate x window / N)), N clients");
  }
  return Expected{unguarded_calls(a.rate, a.window_s), std::sqrt(a.rate * a.window_s),
                  "1 + rate x window"};
}

std::optional<Expected> expect_single_flight(const Spec&, const Achieved& a) {
  if (a.clients > 0) return std::nullopt;
  return once_each(a, a.processes, "1 + (P - 1)(1 - e^(-rate x window / P)), P processes");
}

// While the lock outlasts the load; beyond that it is ceil(load / lock) where those who wait look
// often enough.
std::optional<Expected> expect_lock(const Spec&, const Achieved& a) {
  if (a.lock_s > a.recompute_s) return Expected{1, 0, "1"};
  return Expected{short_lock_calls(a.recompute_s, a.lock_s), 0, "ceil(origin latency / lock TTL)"};
}

// A fill whose lease has ended is refused: where it is the shorter, nothing comes to rest.
std::optional<Expected> expect_lease(const Spec&, const Achieved& a) {
  if (a.lock_s <= a.recompute_s) return std::nullopt;
  return Expected{1, 0, "1"};
}

std::optional<Expected> expect_xfetch(const Spec& guard, const Achieved& a) {
  constexpr double kManyLooks = 5;
  const double beta = guard.number("beta", 1);
  if (!a.expires || a.rate * beta * a.recompute_s < kManyLooks) return std::nullopt;
  const double calls = xfetch_calls(beta);
  return Expected{calls, calls * std::sqrt(1 - 1 / calls), "e^(1 / beta)"};
}

std::optional<Expected> expect_behind(const Spec&, const Achieved& a) {
  if (a.processes > 1) return std::nullopt;
  return Expected{1, 0, "1"};
}

// What is lost before its time it does not know of, and nobody else holds the requests back.
std::optional<Expected> expect_prewarm(const Spec&, const Achieved& a) {
  if (!a.expires) return std::nullopt;
  return Expected{1, 0, "1"};
}

struct Row {
  std::string_view guard;
  Expect expect;
};
constexpr Row kRows[] = {{"none", expect_none},       {"singleflight", expect_single_flight},
                         {"token-lock", expect_lock}, {"lease", expect_lease},
                         {"add-lock", expect_lock},   {"xfetch", expect_xfetch},
                         {"swr", expect_behind},      {"refresh-ahead", expect_behind},
                         {"redlock", expect_lock},    {"prewarm", expect_prewarm}};

// Jitter moves the episodes and changes nothing in them.
std::optional<Spec> lone_part(std::span<const Spec> guard) {
  std::optional<Spec> found;
  for (const Spec& part : guard) {
    if (part.kind() == "jitter" || part.kind() == "none") continue;
    if (found) return std::nullopt;
    found = part;
  }
  return found ? found : Spec("none");
}

double lock_s(const StampedePlan& plan) {
  return static_cast<double>(make_guard(plan.guard).lock_ttl_ns()) / 1e9;
}

// Theory knows of no process that forgets, and of no cache that fails.
bool is_covered(const Timetable& timetable) {
  return !timetable.replaces && !timetable.breaks_cache;
}

}  // namespace

std::optional<double> expect_window_ns(const StampedePlan& plan, const StampedeResult& result) {
  const Histogram& origin_ns = result.counts.origin_ns;
  const double ttl_s = lock_s(plan);
  if (!plan.fault || origin_ns.empty() || ttl_s * 1e9 <= origin_ns.mean()) return std::nullopt;
  if (!is_covered(plan.timetable)) return std::nullopt;
  const FaultAction action = plan.fault->action;
  if (action != FaultAction::kDieBefore && action != FaultAction::kDieAfter) return std::nullopt;
  return 1e9 * dead_holders_window_s(plan.fault->times, ttl_s, origin_ns.mean() / 1e9);
}

std::optional<StampedeExpectation> expect_calls(const StampedePlan& plan,
                                                const StampedeResult& result) {
  const StampedeCounts& counts = result.counts;
  const auto part = lone_part(plan.guard);
  if (!part || counts.episodes.empty() || counts.origin_errors > 0) return std::nullopt;
  if (!plan.load.poisson || plan.load.rate == 0 || plan.fault) return std::nullopt;
  const Timetable& timetable = plan.timetable;
  if (!is_covered(timetable)) return std::nullopt;
  if (timetable.keys > 1 && plan.load.clients > 0) return std::nullopt;
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.guard == part->kind(); });
  if (row == std::end(kRows)) return std::nullopt;
  // A closed loop starts fewer while it waits; those who think come at the rate that was asked for.
  const double rate = plan.load.clients > 0 ? plan.load.rate : achieved_rate(counts);
  const Achieved achieved = {.rate = rate / timetable.keys,
                             .window_s = *mean_window_ns(counts) / 1e9,
                             .recompute_s = counts.origin_ns.mean() / 1e9,
                             .lock_s = lock_s(plan),
                             .clients = plan.load.clients,
                             .processes = plan.processes,
                             .expires = timetable.expires};
  const auto expected = row->expect(*part, achieved);
  if (!expected) return std::nullopt;
  const auto episodes = static_cast<double>(counts.episodes.size());
  return StampedeExpectation{.origin_calls = expected->calls,
                             .standard_error = expected->deviation / std::sqrt(episodes),
                             .formula = std::string(expected->formula)};
}

}  // namespace cachegauge
