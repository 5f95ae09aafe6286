#include "adapters/origins/origins.h"

#include <cctype>
#include <string>

namespace cachegauge {
namespace {

constexpr ParamInfo kSleepParams[] = {
    {"latency", "time", "how long each call takes"},
};

constexpr OriginKind kOrigins[] = {
    {"sleep", "answers every call after a constant latency; no limit of capacity", kSleepParams,
     make_sleep_origin},
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
