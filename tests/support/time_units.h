// Times in nanoseconds, as tests write them: 3 * kMs.
#pragma once

#include <cstdint>

namespace cachegauge {

inline constexpr int64_t kUs = 1000;
inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

}  // namespace cachegauge
