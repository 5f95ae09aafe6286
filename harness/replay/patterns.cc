#include "harness/replay/patterns.h"

namespace cachegauge {
namespace {

constexpr PatternKind kPatterns[] = {
    {"cache-aside",
     "get; on a miss load from the origin and set the value",
     {},
     serve_cache_aside,
     serve_cache_aside_at_once,
     serve_cache_aside_guarded},
};

}  // namespace

std::span<const PatternKind> pattern_kinds() { return kPatterns; }

}  // namespace cachegauge
