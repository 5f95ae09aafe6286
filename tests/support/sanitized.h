// Whether a sanitizer slows the tests down, which then do less of the same.
#pragma once

namespace cachegauge {

#ifdef CACHEGAUGE_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace cachegauge
