// Whether to cache, how much, and with which policy.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/profile/economics.h"
#include "harness/profile/lru_sizes.h"
#include "harness/profile/profile.h"

namespace cachegauge {

struct SizeWishes {
  std::optional<uint64_t> memory_bytes;  // the size that was asked about
  Prices prices;
  std::optional<double> gets_per_second;  // without it prices decide nothing
};

// The size that was asked about; else the cheapest, if memory and calls have prices; else that for
// 90 % of the best hit ratio. Null without hits. By LRU, bounded in bytes where values differ in
// size or it was asked about. Where `stop` became true a size that was asked about may be null.
void choose_size(const LruSizes& sizes, const SizeWishes& wishes, const std::atomic<bool>& stop,
                 Verdict& verdict);

// What some policies would hit at that size, and the best of them: by the sample, if there is one
// and the largest object fits in a cache of that size, else by the trace itself; then the size has
// the hit ratio of LRU by that simulation. Nothing without a size.
void choose_policy(const InternedTrace& trace, const ProfiledTrace& profiled, uint32_t threads,
                   const std::atomic<bool>& stop, Verdict& verdict);

// At the verdict's miss ratio; `origin`: its calls, null if it is not known.
Candidate judge(const CacheTimes& cache, const Verdict& verdict, const LruSizes& sizes,
                const Histogram* origin);

}  // namespace cachegauge
