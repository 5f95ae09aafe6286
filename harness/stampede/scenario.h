// What befalls the cache while requests keep coming: a timetable of rounds, which every process
// reads off the clock, so that those that are forked need not talk to each other.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Keys that may be told apart while they expire each in its own time.
inline constexpr uint64_t kMostHotKeys = 1024;

// What a scenario can do. Nothing here waits for its end.
class Stage {
 public:
  // Stores every key, as if the origin had just been asked for all of them.
  virtual void warm() = 0;
  // Deletes every key and every lock.
  virtual void erase() = 0;
  // Kills the cache's server, which is back, and empty, after `down_ns`.
  virtual void restart(int64_t down_ns) = 0;
  // All processes of the application give way to ones that know nothing. Requests under way are
  // still answered by those that took them.
  virtual void replace_processes() = 0;
  // A series begins, whose time 0 lies `zero_ns` from now.
  virtual void watch(int64_t zero_ns) = 0;

 protected:
  ~Stage() = default;
};

struct Step {
  int64_t at_ns;  // within the round
  std::function<void(Stage& stage)> act;
};

struct Timetable {
  uint32_t keys = 1;        // all as much asked for as any other
  int64_t round_ns = 0;     // 0: no rounds, each key expires when it does
  std::vector<Step> steps;  // of a round, in order of time
  int64_t idle_ns = 0;      // at the end of each round, in which no request is started
  int64_t before_ns = 0;    // how far the series reaches before and after its time 0
  int64_t after_ns = 0;
  bool expires = true;        // keys are missing because their TTL is over
  bool replaces = false;      // what processes know is lost on the way
  bool breaks_cache = false;  // commands are meant to fail

  // When a request is due that comes after so much time in which there are requests.
  int64_t with_idle(int64_t busy_ns) const;
  // The time itself, or the end of the idle time that it lies in.
  int64_t after_idle(int64_t time_ns) const;
};

struct ScenarioKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  bool kills_server;
  // Throws Error::usage for what makes no sense.
  Timetable (*plan)(const Spec& spec, int64_t ttl_ns, int64_t origin_ns);
};

std::span<const ScenarioKind> scenario_kinds();

// `name:param=value`. Throws Error::usage for what is not known.
Spec parse_scenario(std::string_view text);
// `origin_ns`: how long the origin takes. Throws Error::usage.
Timetable plan_scenario(const Spec& scenario, int64_t ttl_ns, int64_t origin_ns);
// Throws Error::usage, with the reason, where the scenario kills a server that is not ours to kill.
void require_own_server(const Spec& scenario, std::string_view adapter,
                        const Capabilities& capabilities);

}  // namespace cachegauge
