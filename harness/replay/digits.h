// The decimal digits of small numbers, without a loop or a branch: eight digits are split out of
// one 64-bit word by multiplications that divide all its lanes at once, by 100 and then by 10 (the
// technique is folklore; Khuong, "How to print integers really fast", pvk.ca, 2017, explains it).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace cachegauge {

inline constexpr uint32_t kMostEightDigits = 99'999'999;

// Writes eight bytes to `out`, of which the first few are the digits of `number`, at most
// kMostEightDigits, without leading zeros. Returns how many.
inline uint32_t write_digits(char* out, uint32_t number) {
  static_assert(std::endian::native == std::endian::little);
  const uint64_t fours = (number / 10'000) | (uint64_t{number % 10'000} << 32);
  const uint64_t over_100 = ((fours * 10'486) >> 20) & 0x0000007f'0000007f;
  const uint64_t twos = over_100 | ((fours - over_100 * 100) << 16);
  const uint64_t over_10 = ((twos * 103) >> 10) & 0x000f000f'000f000f;
  const uint64_t ones = over_10 | ((twos - over_10 * 10) << 8);
  // The first digit is the lowest byte. The last is kept, whatever it is.
  const int zeros = std::countr_zero(ones | uint64_t{1} << 56) / 8;
  const uint64_t text = (ones | 0x30303030'30303030) >> (8 * zeros);
  std::memcpy(out, &text, sizeof(text));
  return static_cast<uint32_t>(8 - zeros);
}

}  // namespace cachegauge
