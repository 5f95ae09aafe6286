// MD5: Rivest, "The MD5 Message-Digest Algorithm", RFC 1321, 1992. What many applications shorten
// their keys with; not for use against an adversary.
#pragma once

#include <cstdint>
#include <string_view>

namespace cachegauge {

// Writes the 16 bytes of the digest.
void md5(std::string_view message, uint8_t* digest);

}  // namespace cachegauge
