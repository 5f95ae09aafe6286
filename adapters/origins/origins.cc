#include "adapters/origins/origins.h"

#include <cctype>
#include <string>

namespace cachegauge {
namespace {

constexpr ParamInfo kSleepParams[] = {
    {"latency", "time", "how long a call takes, on average and without waiting"},
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

constexpr OriginKind kOrigins[] = {
    {"sleep", "answers after a latency, constant or drawn, with a queue in front of its capacity",
     kSleepParams, make_sleep_origin},
    {"shared", "answers all calls at once, the slower the more there are (processor sharing)",
     kSharedParams, make_shared_origin},
};

}  // namespace

std::span<const OriginKind> origin_kinds() { return kOrigins; }

Spec parse_origin_spec(std::string_view text) {
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0]))) {
    return Spec("sleep", {{"latency", std::string(text)}});
  }
  return Spec::parse(text);
}

std::unique_ptr<Origin> make_origin(const Spec& spec, uint64_t seed) {
  const OriginKind& kind = require_row(origin_kinds(), spec.kind(), "origin");
  spec.require_known(kind.params);
  return kind.make(spec, seed);
}

}  // namespace cachegauge
