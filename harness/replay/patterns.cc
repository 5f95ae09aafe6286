#include "harness/replay/patterns.h"

#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kCacheAsideParams[] = {
    {"on-write", "delete | set",
     "a write goes to the origin, and then the copy is deleted or set; without it writes go to the "
     "cache alone"},
};
constexpr ParamInfo kReadThroughParams[] = {
    {"on-write", "delete | set", "what becomes of the copy once the origin has a write (delete)"},
};
constexpr ParamInfo kWriteBehindParams[] = {
    {"flush", "time = 100ms", "how long a write waits at the most before it is written out"},
    {"batch", "count = 100",
     "rows that are written out together, and as soon as there are so many"},
    {"queue", "count = 10k", "rows that may wait or be under way"},
    {"full", "block | drop = block", "what a write does that finds no room in the queue"},
};
constexpr ParamInfo kWriteAroundParams[] = {
    {"invalidate", "true | false", "the cached copy is deleted, or else left to go stale (false)"},
};
constexpr ParamInfo kByClassParams[] = {
    {"CLASS", "pattern", "of keys that begin with \"CLASS:\"; CLASS.name=value: its parameters"},
    {"other", "pattern = cache-aside", "of all other keys"},
};

constexpr PatternKind kPatterns[] = {
    {"cache-aside", "get; on a miss load from the origin and set the value", kCacheAsideParams,
     make_cache_aside, serve_cache_aside, serve_cache_aside_at_once, serve_cache_aside_guarded},
    {"read-through",
     "the cache layer loads: misses of a key at one time share a call to the origin",
     kReadThroughParams, make_read_through},
    {"write-through",
     "a write is done when first the origin and then the cache has it",
     {},
     make_write_through},
    {"write-behind", "a write is done when the cache has it, and goes to the origin in batches",
     kWriteBehindParams, make_write_behind},
    {"write-around", "a write goes to the origin alone", kWriteAroundParams, make_write_around},
    {"by-class", "a pattern for each class of keys: by-class:session=write-through,…",
     kByClassParams, make_by_class, nullptr, nullptr, nullptr, true},
};

}  // namespace

std::span<const PatternKind> pattern_kinds() { return kPatterns; }

std::unique_ptr<AccessPattern> make_pattern(const Spec& spec) {
  const PatternKind& kind = require_row(pattern_kinds(), spec.kind(), "pattern");
  if (!kind.takes_any_param) spec.require_known(kind.params);
  return kind.make(spec);
}

}  // namespace cachegauge
