// Whether keys come back as soon as they should. Below another cache they do not: it answers what
// is asked for again soon, and only what it forgot comes through.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/profile_report.h"

namespace cachegauge {

// If the f requests of a key among n stood anywhere, a gap between two of them would be at most k
// with a probability of 1 - (1 - k/n)^f. k is the smallest power of two, less one, at which a
// thousand gaps are to be expected: the smaller, the smaller the cache that it can tell. Null if
// there is none below an eighth of n. `gaps`: from a request of a key to its next, in requests.
std::optional<SoonReused> soon_reused(const Histogram& gaps,
                                      const std::vector<uint32_t>& requests_by_id);

}  // namespace cachegauge
