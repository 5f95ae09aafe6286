#include "adapters/memcached/memcached_limits.h"

#include <fmt/format.h>
#include <time.h>

#include "harness/core/units.h"

namespace cachegauge {

bool is_memcached_key(std::string_view key) {
  if (key.empty() || key.size() > kMemcachedLongestKey) return false;
  bool bad = false;  // no early exit, so that the loop is vectorised
  for (const char c : key) {
    const auto byte = static_cast<uint8_t>(c);
    bad |= byte <= 0x20 || byte == 0x7f;
  }
  return !bad;
}

uint64_t memcached_exptime(int64_t ttl_ns) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  constexpr uint64_t kLongestRelative = 60 * 60 * 24 * 30;
  if (ttl_ns <= 0) return 0;
  const auto seconds = static_cast<uint64_t>((ttl_ns - 1) / kNsPerSecond + 1);
  return seconds <= kLongestRelative ? seconds : static_cast<uint64_t>(time(nullptr)) + seconds;
}

std::string memcached_limits(uint64_t item_size_max) {
  return fmt::format(
      "keys of 1 to {} bytes without spaces and control characters, and items (key, value and some "
      "50 bytes) of up to {}",
      kMemcachedLongestKey, format_size(item_size_max));
}

}  // namespace cachegauge
