#include "adapters/origins/origins.h"

#include <fmt/format.h>

#include <cctype>
#include <string>
#include <vector>

#include "adapters/origins/real_origins.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kSleepParams[] = {
    {"latency", "time",
     "how long a call takes, on average and without waiting; latency.CLASS: of keys that begin "
     "with "
     "\"CLASS:\""},
    {"jitter", "text = constant", "or uniform, exponential, lognormal: how latencies spread"},
    {"spread", "share = 50%", "uniform: from latency less this share to latency and this share"},
    {"sigma", "number = 0.5", "lognormal: of the logarithm; p99 is 3.2 times the median at 0.5"},
    {"capacity", "count = no limit", "calls served at once; the others wait in order of arrival"},
    {"errors", "share = 0%", "calls that fail, once their time is over"},
};

constexpr ParamInfo kSharedParams[] = {
    {"latency", "time", "how long a call takes that has a server for itself"},
    {"capacity", "count = 1", "servers, whose speed is divided among all calls beyond as many"},
};

}  // namespace

std::span<const OriginKind> origin_kinds() {
  static const std::vector<OriginKind> kKinds = [] {
    std::vector<OriginKind> kinds = {
        {"sleep",
         "answers after a latency, constant or drawn, with a queue in front of its capacity",
         kSleepParams, make_sleep_origin},
        {"shared", "answers all calls at once, the slower the more there are (processor sharing)",
         kSharedParams, make_shared_origin},
    };
    for (const OriginKind& kind : real_origin_kinds()) kinds.push_back(kind);
    return kinds;
  }();
  return kKinds;
}

Spec parse_origin_spec(std::string_view text) {
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0]))) {
    return Spec("sleep", {{"latency", std::string(text)}});
  }
  return Spec::parse(text);
}

std::unique_ptr<Origin> make_origin(const Spec& spec, const OriginSettings& settings) {
  const OriginKind& kind = require_row(origin_kinds(), spec.kind(), "origin");
  if (!kind.make) {
    throw Error::usage(
        fmt::format("the origin \"{}\" was not built: {}", kind.name, kind.not_built));
  }
  spec.require_known(kind.params);
  return kind.make(spec, settings);
}

std::unique_ptr<Origin> make_origin(const Spec& spec, uint64_t seed) {
  return make_origin(spec, OriginSettings{.seed = seed});
}

void require_simulated_origin(const Spec& spec, std::string_view command, std::string_view why) {
  if (make_origin(spec, OriginSettings{})->traits().simulated) return;
  throw Error::usage(
      fmt::format("{} takes simulated origins, such as --origin 50ms: {}; `cachegauge run --origin "
                  "{}` measures "
                  "the real one, and says how long its calls take",
                  command, why, spec.redacted()));
}

}  // namespace cachegauge
