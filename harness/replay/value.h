// Values that can be checked. A value of 16 bytes and more opens with a header {key hash, version,
// size}, little-endian, and goes on with bytes that follow from key and version; a smaller one is
// bytes alone, and unverifiable. The key's 64-bit hash stands for the key: it is the same in every
// thread, process and run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cachegauge {

inline constexpr size_t kValueHeaderBytes = 16;

// A body is a cyclic stretch of the first kPatternBytes of random bytes, which do not compress,
// from an offset that key and version choose.
inline constexpr size_t kPatternBytes = 1 << 16;
inline constexpr size_t kPatternOffsets = 1 << 12;
inline size_t pattern_offset(uint64_t key_hash, uint32_t version) {
  return (key_hash ^ (version * 0x9e3779b1u)) % kPatternOffsets;
}

// Makes values in a buffer of its own; one a thread.
class ValueMaker {
 public:
  ValueMaker();

  // Valid until the next make(). Throws Error::failed above 4 GiB.
  std::string_view make(uint64_t key_hash, uint32_t version, uint64_t size_bytes) {
    if (size_bytes < kValueHeaderBytes || size_bytes > kPatternBytes) {
      return make_odd(key_hash, version, size_bytes);
    }
    char* out = buffer_.data();
    write_header(out, key_hash, version, static_cast<uint32_t>(size_bytes));
    const char* const body = pattern_ + pattern_offset(key_hash, version);
    if (size_bytes <= kShortBytes) {  // a copy of fixed length costs a few moves and no call
      std::memcpy(out + kValueHeaderBytes, body, kShortBytes - kValueHeaderBytes);
    } else {
      std::memcpy(out + kValueHeaderBytes, body, size_bytes - kValueHeaderBytes);
    }
    return {out, size_bytes};
  }

 private:
  static constexpr size_t kShortBytes = 128;

  static void write_header(char* out, uint64_t key_hash, uint32_t version, uint32_t size_bytes) {
    std::memcpy(out, &key_hash, 8);
    std::memcpy(out + 8, &version, 4);
    std::memcpy(out + 12, &size_bytes, 4);
  }
  std::string_view make_odd(uint64_t key_hash, uint32_t version, uint64_t size_bytes);

  const char* pattern_;
  std::string buffer_;  // of kPatternBytes at the least
};

enum class ValueVerdict : uint8_t { kGood, kCorrupt, kUnverifiable };

struct ValueCheck {
  ValueVerdict verdict;
  uint32_t version;  // of a good value
};

// Checks the header, and the body up to its first 4 KiB and its last 64 bytes.
ValueCheck check_value(std::string_view value, uint64_t key_hash);

}  // namespace cachegauge
