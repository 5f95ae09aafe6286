// The 64-bit key hash that policies, thread routing, interning and value headers share. It is taken
// over the trace's key, before prefix and padding, and is the same on every machine and run.
//
// A multiply-fold hash: each step multiplies two 64-bit words to 128 bits and xors the halves. The
// construction is that of Wang Yi, "wyhash" (2019); constants and byte schedule are our own, so
// values are not interchangeable. Not for use against an adversary who picks keys.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace cachegauge {

inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load_le64(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// At most eight bytes, as load_le64() of them with zeros behind: overlapping loads, since a copy of
// a length that is not known takes longer than the hash of a short key.
inline uint64_t load_up_to_8(const char* p, size_t size) {
  if (size >= 4) {
    uint32_t first, last;
    std::memcpy(&first, p, sizeof(first));
    std::memcpy(&last, p + size - 4, sizeof(last));
    return first | uint64_t{last} << 8 * (size - 4);
  }
  if (size == 0) return 0;
  const auto byte = [&](size_t at) {
    return uint64_t{static_cast<unsigned char>(p[at])} << 8 * at;
  };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

// splitmix64's finaliser (Steele, Lea, Flood 2014): a bijection, so integer keys never collide.
inline uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

inline uint64_t hash_integer_key(uint64_t key) { return mix64(key + 0x9e3779b97f4a7c15ULL); }

inline uint64_t hash_text_key(std::string_view key) {
  constexpr uint64_t kA = 0x9ae16a3b2f90404fULL;
  constexpr uint64_t kB = 0xd6d018f5c7a3e1b9ULL;
  constexpr uint64_t kC = 0xa24baed4963ee407ULL;
  const char* p = key.data();
  size_t left = key.size();
  uint64_t h = kC ^ (left * kA);
  while (left > 16) {
    h = fold_multiply(load_le64(p) ^ h, load_le64(p + 8) ^ kA);
    p += 16;
    left -= 16;
  }
  // What is left as two words, with zeros behind.
  const uint64_t low = left >= 8 ? load_le64(p) : load_up_to_8(p, left);
  const uint64_t high = left > 8 ? load_le64(p + left - 8) >> 8 * (16 - left) : 0;
  h = fold_multiply(low ^ h, high ^ kB);
  return mix64(fold_multiply(h ^ kB, kC) ^ h);
}

}  // namespace cachegauge
