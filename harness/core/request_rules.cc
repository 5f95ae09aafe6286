#include "harness/core/request_rules.h"

#include <fmt/format.h>

namespace cachegauge {

uint64_t key_bytes(const Request& request) {
  if (request.key_size_bytes > 0) return request.key_size_bytes;
  if (request.has_text_key()) return request.text_key.size();
  return fmt::formatted_size("{}", request.integer_key);
}

std::string Fingerprint::text() const { return fmt::format("{:016x}", mix64(state_)); }

}  // namespace cachegauge
