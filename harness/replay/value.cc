#include "harness/replay/value.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "harness/core/error.h"
#include "harness/core/random.h"

namespace cachegauge {
namespace {

constexpr size_t kCheckedPrefix = 4096;
constexpr size_t kCheckedSuffix = 64;
constexpr size_t kUnit = 64;  // of which a share is zeros

struct Header {
  uint64_t key_hash;
  uint32_t version;
  uint32_t size_bytes;
};
static_assert(sizeof(Header) == kValueHeaderBytes);

std::string make_pattern(double compressibility) {
  SplitMix64 random(0x76616c7565);
  const double zeros = std::clamp(compressibility, 0.0, 1.0) * kUnit;
  const size_t random_bytes = kUnit - static_cast<size_t>(std::lround(zeros));
  std::string pattern(ValueMaker::kPatternBytes, '\0');
  for (size_t at = 0; at < pattern.size(); at += 8) {
    const uint64_t bytes = random.next();
    if (at % kUnit < random_bytes) {
      std::memcpy(&pattern[at], &bytes, std::min<size_t>(8, random_bytes - at % kUnit));
    }
  }
  return pattern;
}

// Of the pattern's repetition `round`; 0 is the first.
uint64_t word_of(uint64_t first_word, size_t round) {
  return first_word + round * 0xd1342543de82ef95;
}

uint64_t load(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// `bytes` is what `word` makes of the pattern from `at` on, a multiple of 8.
bool is_masked(std::string_view bytes, const char* pattern, uint64_t word) {
  uint64_t difference = 0;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    difference |= load(&bytes[at]) ^ load(pattern + at) ^ word;
  }
  if (at == bytes.size()) return difference == 0;
  if (bytes.size() >= 8) {  // the last eight once more, as far as need be
    const size_t last = bytes.size() - 8;
    const int bits = static_cast<int>(last % 8 * 8);
    difference |= load(&bytes[last]) ^ load(pattern + last) ^ std::rotr(word, bits);
    return difference == 0;
  }
  for (; at < bytes.size(); ++at, word >>= 8) {
    difference |= static_cast<unsigned char>(bytes[at] ^ pattern[at]) ^ (word & 0xff);
  }
  return difference == 0;
}

}  // namespace

ValueMaker::ValueMaker(double compressibility)
    : pattern_(make_pattern(compressibility)),
      buffer_(kEnvelopeBytes + kValueHeaderBytes + kPatternBytes) {}

// Too small for a header, or longer than the pattern.
std::string_view ValueMaker::make_odd(uint64_t key_hash, uint32_t version, uint64_t size_bytes) {
  if (size_bytes > UINT32_MAX) throw Error::failed("a value of more than 4 GiB");
  const size_t header = size_bytes < kValueHeaderBytes ? 0 : kValueHeaderBytes;
  const size_t body = size_bytes - header;
  const size_t rounded = (body + 7) / 8 * 8;
  if (buffer_.size() < kEnvelopeBytes + header + rounded) {
    buffer_.resize(kEnvelopeBytes + header + rounded);
  }
  char* const out = buffer_.data() + kEnvelopeBytes;
  if (header > 0) write_header(out, key_hash, version, static_cast<uint32_t>(size_bytes));
  for (size_t at = 0; at < body; at += kPatternBytes) {
    const uint64_t word = word_of(first_word(key_hash, version), at / kPatternBytes);
    mask(out + header + at, std::min(kPatternBytes, body - at), word);
  }
  return {out, size_bytes};
}

// `from` is a multiple of 8.
bool ValueMaker::matches(std::string_view body, size_t from, size_t to, uint64_t word) const {
  while (from < to) {
    const size_t place = from % kPatternBytes;
    const std::string_view piece = body.substr(from, std::min(to - from, kPatternBytes - place));
    if (!is_masked(piece, &pattern_[place], word_of(word, from / kPatternBytes))) return false;
    from += piece.size();
  }
  return true;
}

ValueCheck ValueMaker::check(std::string_view value, uint64_t key_hash) const {
  if (value.size() < kValueHeaderBytes) return {ValueVerdict::kUnverifiable, 0};
  Header header;
  std::memcpy(&header, value.data(), sizeof(header));
  if (header.key_hash != key_hash || header.size_bytes != value.size()) {
    return {ValueVerdict::kCorrupt, 0};
  }
  const std::string_view body = value.substr(sizeof(header));
  const uint64_t word = first_word(key_hash, header.version);
  const size_t prefix = std::min(body.size(), kCheckedPrefix);
  const size_t suffix =
      std::max(prefix, (body.size() - std::min(body.size(), kCheckedSuffix)) & ~size_t{7});
  const bool good = matches(body, 0, prefix, word) && matches(body, suffix, body.size(), word);
  return {good ? ValueVerdict::kGood : ValueVerdict::kCorrupt, good ? header.version : 0};
}

}  // namespace cachegauge
