// Fields of text rows, as LineBuffer hands them out: every text ends in '\n', which no field takes,
// and LineBuffer::kSlackBytes behind that can be read, so there are no bounds to check.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "harness/core/request.h"

namespace cachegauge {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Larger numbers have another meaning than a size, and sums of them would overflow.
inline constexpr uint64_t kLargestObjectBytes = uint64_t{1} << 40;

// Not the newline that ends every text.
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

inline const char* skip_blanks(const char* p) {
  while (is_blank(*p)) ++p;
  return p;
}

// The value of eight digits, the first in the lowest byte and each less '0' (Lemire, "Quickly
// parsing eight digits", 2018): neighbours are joined to numbers of two, then four, then eight
// digits.
inline uint64_t join_eight_digits(uint64_t digits) {
  constexpr uint64_t kPairs = 0x000000ff000000ffULL;
  digits = digits * 10 + (digits >> 8);
  return ((digits & kPairs) * (100 + (uint64_t{1'000'000} << 32)) +
          ((digits >> 16) & kPairs) * (1 + (uint64_t{10'000} << 32))) >>
         32;
}

// Decimal digits at `p`, which moves behind them. False, with `p` anywhere, if there are none or
// more than 64 bits hold.
inline bool parse_digits(const char*& p, uint64_t& value) {
  constexpr uint64_t kEveryByte = 0x0101010101010101ULL;
  uint64_t digits;
  std::memcpy(&digits, p, sizeof(digits));
  digits ^= kEveryByte * '0';
  // The top bit of each byte above 9; a carry can only spoil bytes behind such a one.
  const uint64_t others = ((digits + kEveryByte * (0x80 - 10)) | digits) & (kEveryByte * 0x80);
  if (others) [[likely]] {
    const int count = std::countr_zero(others) >> 3;
    if (count == 0) return false;
    value = join_eight_digits(digits << (64 - 8 * count));
    p += count;
    return true;
  }
  const char* const begin = p;
  uint64_t sum = join_eight_digits(digits);
  for (p += 8; is_digit(*p); ++p) sum = sum * 10 + static_cast<uint64_t>(*p - '0');
  constexpr int kAlwaysFit = 19;
  if (p - begin > kAlwaysFit) [[unlikely]] {
    return std::from_chars(begin, p, value).ec == std::errc();
  }
  value = sum;
  return true;
}

// The same for a text that is to be digits and nothing else.
inline std::optional<uint64_t> parse_whole(std::string_view text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// A decimal number with or without a fraction, in units of `unit_ns` (a power of ten), as ns;
// digits finer than 1 ns are cut off. False if there is none or 63 bits of ns do not hold it.
inline bool parse_time(const char*& p, uint64_t unit_ns, int64_t& time_ns) {
  uint64_t sum = 0;
  if (!parse_digits(p, sum) || __builtin_mul_overflow(sum, unit_ns, &sum)) return false;
  if (*p == '.') {
    ++p;
    if (!is_digit(*p)) return false;
    uint64_t fraction = 0;
    for (uint64_t place = unit_ns / 10; is_digit(*p); ++p, place /= 10) {
      fraction += place * static_cast<uint64_t>(*p - '0');
    }
    if (__builtin_add_overflow(sum, fraction, &sum)) return false;
  }
  time_ns = static_cast<int64_t>(sum);
  return sum <= uint64_t{INT64_MAX};
}

// A key that reads as a plain decimal number is an integer key, others are text: a trace gives the
// same requests whether it is stored as text or in binary. "007" is text, for it is not 7.
inline void set_key(Request& request, const char* begin, const char* end) {
  const char* p = begin;
  uint64_t integer;
  const bool may_be_integer = is_digit(*p) && (*p != '0' || end - begin == 1) && end - begin <= 20;
  if (may_be_integer && parse_digits(p, integer) && p == end) {
    request.integer_key = integer;
    return;
  }
  request.text_key = {begin, static_cast<size_t>(end - begin)};
}

// Turns the times of a trace into times since its first request. A time that runs backwards, which
// the clocks of real machines do, becomes the latest seen: the order of the rows is kept.
class ArrivalClock {
 public:
  int64_t since_first(int64_t time_ns) {
    if (first_ns_ < 0) first_ns_ = time_ns;
    const int64_t since_ns = time_ns - first_ns_;
    backward_ += since_ns < latest_ns_;
    latest_ns_ = std::max(latest_ns_, since_ns);
    return latest_ns_;
  }
  // How many times did.
  uint64_t backward() const { return backward_; }

 private:
  int64_t first_ns_ = -1;
  int64_t latest_ns_ = 0;
  uint64_t backward_ = 0;
};

}  // namespace cachegauge
