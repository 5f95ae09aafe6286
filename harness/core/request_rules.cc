#include "harness/core/request_rules.h"

#include <fmt/format.h>

#include <limits>

namespace cachegauge {

uint64_t key_bytes(const Request& request) {
  if (request.key_size_bytes > 0) return request.key_size_bytes;
  if (request.has_text_key()) return request.text_key.size();
  constexpr size_t kMostDigits = std::numeric_limits<uint64_t>::digits10 + 1;
  size_t digits = 1;
  for (uint64_t power = 10; digits < kMostDigits && request.integer_key >= power; power *= 10) {
    ++digits;
  }
  return digits;
}

std::string Fingerprint::text() const { return fmt::format("{:016x}", mix64(state_)); }

}  // namespace cachegauge
