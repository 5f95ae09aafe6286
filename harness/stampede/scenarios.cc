#include <fmt/format.h>

#include <algorithm>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/stampede/scenario.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMostKeys = 100'000;
constexpr uint64_t kManyKeys = 100;

uint32_t read_keys(const Spec& spec, uint64_t fallback, uint64_t most) {
  const uint64_t keys = spec.count("keys", fallback);
  if (keys >= 1 && keys <= most) return static_cast<uint32_t>(keys);
  throw Error::usage(fmt::format("{}:keys: expected a number from 1 to {}, got \"{}\"", spec.kind(),
                                 most, *spec.find("keys")));
}

// Keys that expire by themselves, each in its own time. The series begins with each.
Timetable plan_hot_key(const Spec& spec, int64_t ttl_ns, int64_t) {
  constexpr int64_t kBeforeNs = 100'000'000, kMostAfterNs = 5'000'000'000;
  return {.keys = read_keys(spec, 1, kMostHotKeys),
          .before_ns = std::min(ttl_ns / 4, kBeforeNs),
          .after_ns = std::min(ttl_ns, kMostAfterNs)};
}

// All keys are stored at one moment. The round ends before one that was made anew expires again,
// and so it holds for lifetimes that jitter spreads by up to a quarter.
Timetable plan_mass_expiry(const Spec& spec, int64_t ttl_ns, int64_t) {
  return {.keys = read_keys(spec, kManyKeys, kMostKeys),
          .round_ns = ttl_ns * 3 / 2,
          .steps = {{0, [](Stage& stage) { stage.warm(); }},
                    {ttl_ns / 2, [=](Stage& stage) { stage.watch(ttl_ns / 2); }}},
          .before_ns = ttl_ns / 2,
          .after_ns = ttl_ns / 2};
}

// A warm cache to which something happens a quarter of the TTL after its keys were stored; a round
// ends after another quarter, so that no key expires in it.
Timetable disturbed(const Spec& spec, int64_t ttl_ns, std::function<void(Stage&)> disturb) {
  const int64_t quarter_ns = ttl_ns / 4, before_ns = ttl_ns / 8;
  return {.keys = read_keys(spec, kManyKeys, kMostKeys),
          .round_ns = 2 * quarter_ns,
          .steps = {{0, [](Stage& stage) { stage.warm(); }},
                    {quarter_ns - before_ns, [=](Stage& stage) { stage.watch(before_ns); }},
                    {quarter_ns, std::move(disturb)}},
          .before_ns = before_ns,
          .after_ns = quarter_ns,
          .expires = false};
}

Timetable plan_flush(const Spec& spec, int64_t ttl_ns, int64_t) {
  return disturbed(spec, ttl_ns, [](Stage& stage) { stage.erase(); });
}

// Requests begin at their full rate, and end a while before the next round.
Timetable plan_cold_start(const Spec& spec, int64_t ttl_ns, int64_t) {
  const int64_t quarter_ns = ttl_ns / 4;
  return {.keys = read_keys(spec, kManyKeys, kMostKeys),
          .round_ns = 3 * quarter_ns,
          .steps = {{0, [](Stage& stage) { stage.watch(0); }},
                    {2 * quarter_ns + quarter_ns / 2, [](Stage& stage) { stage.erase(); }}},
          .idle_ns = quarter_ns,
          .after_ns = 2 * quarter_ns,
          .expires = false};
}

Timetable plan_restart(const Spec& spec, int64_t ttl_ns, int64_t) {
  constexpr int64_t kDownNs = 100'000'000;
  const int64_t down_ns = spec.duration_ns("down", kDownNs);
  if (down_ns > ttl_ns / 8) {
    throw Error::usage(fmt::format(
        "restart: the server is away for {}, and a round lasts half the TTL: give a --ttl of {} "
        "or more, so that it can be seen to recover",
        format_duration(static_cast<double>(down_ns)),
        format_duration(8 * static_cast<double>(down_ns))));
  }
  Timetable timetable =
      disturbed(spec, ttl_ns, [down_ns](Stage& stage) { stage.restart(down_ns); });
  timetable.breaks_cache = true;
  return timetable;
}

// Nothing is missing in a warm cache, whatever the processes forget; `loading` takes them away in
// the middle of the keys' reload, half the origin's time after they have all expired.
Timetable plan_deploy(const Spec& spec, int64_t ttl_ns, int64_t origin_ns) {
  const auto replace = [](Stage& stage) { stage.replace_processes(); };
  const bool loading = spec.choice("when", {"warm", "loading"}) == "loading";
  Timetable timetable =
      loading ? plan_mass_expiry(spec, ttl_ns, origin_ns) : disturbed(spec, ttl_ns, replace);
  if (loading) {
    const int64_t at_ns = std::min(ttl_ns + origin_ns / 2, timetable.round_ns - 1);
    timetable.steps.push_back({at_ns, replace});
  }
  timetable.replaces = true;
  return timetable;
}

constexpr ParamInfo kHotKeyParams[] = {
    {"keys", "count = 1", "hot keys; of a recorded trace those that it asks for most"}};
constexpr ParamInfo kKeysParams[] = {
    {"keys", "count = 100", "how many, all as much asked for as any other"}};
constexpr ParamInfo kRestartParams[] = {kKeysParams[0],
                                        {"down", "time = 100ms", "until the server is back"}};
constexpr ParamInfo kDeployParams[] = {
    kKeysParams[0],
    {"when", "text = warm", "or loading: half the origin's time after all keys have expired"}};

constexpr ScenarioKind kScenarios[] = {
    {"hot-key-expiry", "one key that everybody asks for, again and again at the end of its TTL",
     kHotKeyParams, false, plan_hot_key},
    {"mass-expiry", "many keys, stored at one moment, come to the end of their one TTL",
     kKeysParams, false, plan_mass_expiry},
    {"cold-start", "requests begin at their full rate, and the cache is empty", kKeysParams, false,
     plan_cold_start},
    {"flush", "a warm cache loses all keys of this run at one moment", kKeysParams, false,
     plan_flush},
    {"restart", "the private server is killed, and comes back empty", kRestartParams, true,
     plan_restart},
    {"deploy", "all processes give way to new ones while the cache is warm", kDeployParams, false,
     plan_deploy},
};

}  // namespace

int64_t Timetable::with_idle(int64_t busy_ns) const {
  if (idle_ns == 0) return busy_ns;
  const int64_t busy_of_round_ns = round_ns - idle_ns;
  return busy_ns / busy_of_round_ns * round_ns + busy_ns % busy_of_round_ns;
}

int64_t Timetable::after_idle(int64_t time_ns) const {
  if (idle_ns == 0 || time_ns % round_ns < round_ns - idle_ns) return time_ns;
  return (time_ns / round_ns + 1) * round_ns;
}

std::span<const ScenarioKind> scenario_kinds() { return kScenarios; }

Spec parse_scenario(std::string_view text) {
  Spec scenario = Spec::parse(text);
  scenario.require_known(require_row(scenario_kinds(), scenario.kind(), "scenario").params);
  return scenario;
}

Timetable plan_scenario(const Spec& scenario, int64_t ttl_ns, int64_t origin_ns) {
  const ScenarioKind& kind = require_row(scenario_kinds(), scenario.kind(), "scenario");
  return kind.plan(scenario, ttl_ns, origin_ns);
}

void require_own_server(const Spec& scenario, std::string_view adapter,
                        const Capabilities& capabilities) {
  if (!require_row(scenario_kinds(), scenario.kind(), "scenario").kills_server) return;
  if (capabilities.private_server) return;
  throw Error::usage(fmt::format(
      "{} kills the cache's server, and {} {}: name redis or memcached without an address, for a "
      "private one",
      scenario.kind(), adapter,
      capabilities.blocks_on_network ? "is a running one that is not ours to kill"
                                     : "has no server"));
}

}  // namespace cachegauge
