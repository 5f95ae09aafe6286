// Base64 with padding (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

namespace cachegauge {

std::string base64_encode(std::string_view bytes);

// Throws Error::failed for anything but whole, padded base64 without spaces.
std::string base64_decode(std::string_view text);

}  // namespace cachegauge
