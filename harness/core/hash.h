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
  char tail[16] = {};
  if (left > 0) std::memcpy(tail, p, left);
  h = fold_multiply(load_le64(tail) ^ h, load_le64(tail + 8) ^ kB);
  return mix64(fold_multiply(h ^ kB, kC) ^ h);
}

}  // namespace cachegauge
