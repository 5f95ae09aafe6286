// Which Zipf law the popularity of keys follows, and how well.
//
// The law: of N keys, the one of rank r is asked for with probability r^-α / H(N, α). α is the
// maximum-likelihood estimate over the ranks of the requests, where the mean of ln r equals the
// law's (the estimator of Clauset, Shalizi, Newman, "Power-law distributions in empirical data",
// SIAM Review 51(4), 2009, for a law that is bounded on both sides). Ranks come from the same
// counts that are fitted, which makes keys of a few requests look more unequal than they are: on
// uniform traffic with c requests a key α is about 0.8/√c, not 0. The fit is judged by the distance
// of Kolmogorov and Smirnov between both distributions over ranks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/profile_report.h"

namespace cachegauge {

// `falling`: requests of each key, the most first, all above 0. Null for fewer than ten keys.
// Sums over ranks beyond 1,024 go in steps of 1/128 of the rank, which is right to 0.01 %.
std::optional<ZipfFit> fit_zipf(const std::vector<uint32_t>& falling);

}  // namespace cachegauge
