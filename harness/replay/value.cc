#include "harness/replay/value.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/core/error.h"
#include "harness/core/random.h"

namespace cachegauge {
namespace {

constexpr size_t kCheckedPrefix = 4096;
constexpr size_t kCheckedSuffix = 64;

struct Header {
  uint64_t key_hash;
  uint32_t version;
  uint32_t size_bytes;
};
static_assert(sizeof(Header) == kValueHeaderBytes);

struct Pattern {
  std::array<char, kPatternBytes + kPatternOffsets> bytes;
  Pattern() {
    SplitMix64 random(0x76616c7565);
    for (size_t i = 0; i < kPatternBytes; i += 8) {
      const uint64_t word = random.next();
      std::memcpy(&bytes[i], &word, 8);
    }
    std::memcpy(&bytes[kPatternBytes], bytes.data(), kPatternOffsets);
  }
};

const Pattern& pattern() {
  static const Pattern instance;
  return instance;
}

// The pattern byte range at `at` of a body: a pointer and how many bytes follow it there.
std::string_view stretch(size_t offset, size_t at) {
  const size_t start = at % kPatternBytes;
  return {pattern().bytes.data() + offset + start, kPatternBytes - start};
}

void fill_body(char* out, size_t size, size_t offset) {
  for (size_t at = 0; at < size;) {
    const std::string_view piece = stretch(offset, at).substr(0, size - at);
    std::memcpy(out + at, piece.data(), piece.size());
    at += piece.size();
  }
}

bool body_matches(std::string_view body, size_t from, size_t to, size_t offset) {
  while (from < to) {
    const std::string_view piece = stretch(offset, from).substr(0, to - from);
    if (std::memcmp(body.data() + from, piece.data(), piece.size()) != 0) return false;
    from += piece.size();
  }
  return true;
}

}  // namespace

ValueMaker::ValueMaker() : pattern_(pattern().bytes.data()), buffer_(kPatternBytes, '\0') {}

// Too small for a header, or longer than the pattern.
std::string_view ValueMaker::make_odd(uint64_t key_hash, uint32_t version, uint64_t size_bytes) {
  if (size_bytes > UINT32_MAX) throw Error::failed("a value of more than 4 GiB");
  if (buffer_.size() < size_bytes) buffer_.resize(size_bytes);
  const size_t offset = pattern_offset(key_hash, version);
  if (size_bytes < kValueHeaderBytes) {
    fill_body(buffer_.data(), size_bytes, offset);
  } else {
    write_header(buffer_.data(), key_hash, version, static_cast<uint32_t>(size_bytes));
    fill_body(buffer_.data() + kValueHeaderBytes, size_bytes - kValueHeaderBytes, offset);
  }
  return {buffer_.data(), size_bytes};
}

ValueCheck check_value(std::string_view value, uint64_t key_hash) {
  if (value.size() < kValueHeaderBytes) return {ValueVerdict::kUnverifiable, 0};
  Header header;
  std::memcpy(&header, value.data(), sizeof(header));
  if (header.key_hash != key_hash || header.size_bytes != value.size()) {
    return {ValueVerdict::kCorrupt, 0};
  }
  const std::string_view body = value.substr(sizeof(header));
  if (body.size() <= kCheckedPrefix) {
    const char* expected = pattern().bytes.data() + pattern_offset(key_hash, header.version);
    const bool good = std::memcmp(body.data(), expected, body.size()) == 0;
    return {good ? ValueVerdict::kGood : ValueVerdict::kCorrupt, header.version};
  }
  const size_t offset = pattern_offset(key_hash, header.version);
  const size_t prefix = std::min(body.size(), kCheckedPrefix);
  const size_t suffix = std::max(prefix, body.size() - std::min(body.size(), kCheckedSuffix));
  if (!body_matches(body, 0, prefix, offset) || !body_matches(body, suffix, body.size(), offset)) {
    return {ValueVerdict::kCorrupt, 0};
  }
  return {ValueVerdict::kGood, header.version};
}

}  // namespace cachegauge
