// The sizes of `--size`: "10k" entries, "64MiB", "1%" of the workload's unique keys (entries, too),
// or a range: "1%..50%x2" is 1% 2% 4% … 32% 50%, with both its ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/local/policies/policy.h"

namespace cachegauge {

struct CacheSize {
  enum class Unit : uint8_t { kEntries, kBytes, kShare };

  std::string text;
  Unit unit = Unit::kEntries;
  double value = 0;  // of a share: 0.01 for 1%

  // A share is rounded to the nearest number of entries, and is one at least.
  PolicyCapacity resolve(uint64_t unique_keys) const;
};

// One item of a list. Throws Error::usage for what is no size, for a size that could hold nothing,
// and for a range that does not rise.
std::vector<CacheSize> parse_cache_sizes(std::string_view text);

}  // namespace cachegauge
