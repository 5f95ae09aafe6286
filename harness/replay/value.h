// Values that can be checked. A value of 16 bytes and more opens with a header {key hash, version,
// size}, little-endian, and goes on with a body that follows from key and version; a smaller one is
// body alone, and unverifiable. The key's 64-bit hash stands for the key: it is the same in every
// thread, process and run.
//
// A body is a pattern of random bytes, XORed with a word that key and version choose, so that
// neither it nor several bodies beside each other hold a stretch that a compressor finds again.
// Where values shall be compressible, the end of each 64 bytes of the pattern is zeros, and the
// body repeats its word there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/page_allocator.h"
#include "harness/replay/guards/envelope.h"

namespace cachegauge {

inline constexpr size_t kValueHeaderBytes = 16;

enum class ValueVerdict : uint8_t { kGood, kCorrupt, kUnverifiable };

struct ValueCheck {
  ValueVerdict verdict;
  uint32_t version;  // of a good value
};

// Makes values in a buffer of its own, and checks them; one a thread.
class ValueMaker {
 public:
  // A pattern that a body has gone through begins anew, with another word.
  static constexpr size_t kPatternBytes = 1 << 16;

  // `compressibility` is the share of a body, 0 to 1, that repeats what is before it.
  explicit ValueMaker(double compressibility = 0);

  // Valid until the next make(). Throws Error::failed above 4 GiB.
  std::string_view make(uint64_t key_hash, uint32_t version, uint64_t size_bytes) {
    if (size_bytes < kValueHeaderBytes || size_bytes > kPatternBytes) {
      return make_odd(key_hash, version, size_bytes);
    }
    char* out = buffer_.data() + kEnvelopeBytes;
    write_header(out, key_hash, version, static_cast<uint32_t>(size_bytes));
    const uint64_t word = first_word(key_hash, version);
    if (size_bytes <= kShortBytes) {  // a fixed length costs a few moves and no loop
      mask(out + kValueHeaderBytes, kShortBytes - kValueHeaderBytes, word);
    } else {
      mask(out + kValueHeaderBytes, size_bytes - kValueHeaderBytes, word);
    }
    return {out, size_bytes};
  }

  // The same with an envelope in front of it.
  std::string_view make(const Envelope& envelope, uint64_t key_hash, uint32_t version,
                        uint64_t size_bytes) {
    const size_t size = make(key_hash, version, size_bytes).size();
    write_envelope(buffer_.data(), envelope);
    return {buffer_.data(), kEnvelopeBytes + size};
  }

  // Checks the header, and the body up to its first 4 KiB and its last 64 bytes.
  ValueCheck check(std::string_view value, uint64_t key_hash) const;

 private:
  static constexpr size_t kShortBytes = 128;

  static uint64_t first_word(uint64_t key_hash, uint32_t version) {
    return key_hash ^ ((version + uint64_t{1}) * 0x9e3779b97f4a7c15);
  }
  static void write_header(char* out, uint64_t key_hash, uint32_t version, uint32_t size_bytes) {
    std::memcpy(out, &key_hash, 8);
    std::memcpy(out + 8, &version, 4);
    std::memcpy(out + 12, &size_bytes, 4);
  }
  // The pattern's first `size` bytes, and up to seven more.
  void mask(char* __restrict out, size_t size, uint64_t word) const {
    const char* const __restrict pattern = pattern_.data();
    for (size_t at = 0; at < size; at += 8) {
      uint64_t bytes;
      std::memcpy(&bytes, pattern + at, 8);
      bytes ^= word;
      std::memcpy(out + at, &bytes, 8);
    }
  }
  std::string_view make_odd(uint64_t key_hash, uint32_t version, uint64_t size_bytes);
  bool matches(std::string_view body, size_t from, size_t to, uint64_t word) const;

  std::string pattern_;
  std::vector<char, PageAllocator<char>> buffer_;  // an envelope, a header, kPatternBytes at least
};

}  // namespace cachegauge
