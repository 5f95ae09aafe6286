// How unequal keys are, by the requests of each.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/profile_report.h"

namespace cachegauge {

inline constexpr size_t kHottestKeys = 10;

// The ids of the keys that are asked for most, the most first; ties by id.
std::vector<uint32_t> hottest_ids(const std::vector<uint32_t>& requests_by_id);

// `hottest` is left empty.
Popularity popularity_of(std::vector<uint32_t> requests_by_id);

}  // namespace cachegauge
