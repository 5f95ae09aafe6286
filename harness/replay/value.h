// Values that can be checked. A value of 16 bytes and more opens with a header {key hash, version,
// size}, little-endian, and goes on with bytes that follow from key and version; a smaller one is
// bytes alone, and unverifiable. The key's 64-bit hash stands for the key: it is the same in every
// thread, process and run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cachegauge {

inline constexpr size_t kValueHeaderBytes = 16;

// Makes values in a buffer of its own; one a thread.
class ValueMaker {
 public:
  // Valid until the next make(). Throws Error::failed above 4 GiB.
  std::string_view make(uint64_t key_hash, uint32_t version, uint64_t size_bytes);

 private:
  std::string buffer_;
};

enum class ValueVerdict : uint8_t { kGood, kCorrupt, kUnverifiable };

struct ValueCheck {
  ValueVerdict verdict;
  uint32_t version;  // of a good value
};

// Checks the header, and the body up to its first 4 KiB and its last 64 bytes.
ValueCheck check_value(std::string_view value, uint64_t key_hash);

}  // namespace cachegauge
