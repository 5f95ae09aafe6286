#include "reports/hdr_encoding.h"

#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "harness/core/error.h"
#include "reports/base64.h"

namespace cachegauge {
namespace {

// 0x10 in a cookie says: counts are ZigZag LEB128 of up to 9 bytes.
constexpr uint32_t kCookie = 0x1c849303 | 0x10;
constexpr uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr uint32_t kSignificantDigits = 2;
constexpr size_t kMaxVarintBytes = 9;
constexpr size_t kHeaderBytes = 40;
constexpr size_t kMaxPayloadBytes = kHeaderBytes + Histogram::kBuckets * kMaxVarintBytes;

template <class Word>
void append_big_endian(std::string& out, Word word) {
  for (int shift = 8 * (sizeof(Word) - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(word >> shift & 255);
  }
}

// Seven bits a byte, least first; the ninth byte has no continuation bit and holds eight.
void append_varint(std::string& out, uint64_t word) {
  for (size_t i = 0; i + 1 < kMaxVarintBytes; ++i) {
    if (word < 128) {
      out += static_cast<char>(word);
      return;
    }
    out += static_cast<char>(word | 128);
    word >>= 7;
  }
  out += static_cast<char>(word);
}

uint64_t zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}

int64_t unzigzag(uint64_t word) { return static_cast<int64_t>(word >> 1 ^ (0 - (word & 1))); }

// Up to the last count that is not 0. A run of zeros is one negative number: its length.
std::string encode_counts(const Histogram& histogram) {
  std::string out;
  int64_t zeros = 0;
  for (uint64_t count : histogram.bucket_counts()) {
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros > 0) append_varint(out, zigzag(-zeros));
    zeros = 0;
    append_varint(out, zigzag(static_cast<int64_t>(count)));
  }
  return out;
}

std::string deflate_bytes(std::string_view bytes) {
  std::string out(compressBound(bytes.size()), '\0');
  uLongf size = out.size();
  if (compress(reinterpret_cast<Bytef*>(out.data()), &size,
               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) != Z_OK) {
    throw Error::failed("zlib could not compress a histogram");
  }
  out.resize(size);
  return out;
}

std::string inflate_bytes(std::string_view bytes) {
  std::string out(kMaxPayloadBytes, '\0');
  uLongf size = out.size();
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                 reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) != Z_OK) {
    throw Error::failed("a histogram whose compressed part is damaged or too large");
  }
  out.resize(size);
  return out;
}

// Reads words off the front of bytes; throws when they are too few.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view take(size_t count) {
    if (rest_.size() < count) throw Error::failed("a histogram that is cut short");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class Word>
  Word big_endian() {
    Word word = 0;
    for (char byte : take(sizeof(Word))) word = word << 8 | static_cast<uint8_t>(byte);
    return word;
  }
  uint64_t varint() {
    uint64_t word = 0;
    for (size_t i = 0;; ++i) {
      const uint64_t byte = static_cast<uint8_t>(take(1)[0]);
      if (i + 1 == kMaxVarintBytes) return word | byte << (7 * i);
      word |= (byte & 127) << (7 * i);
      if (byte < 128) return word;
    }
  }

 private:
  std::string_view rest_;
};

void expect(bool holds, std::string_view what) {
  if (!holds) throw Error::failed(fmt::format("a histogram of another kind: {}", what));
}

std::vector<uint64_t> decode_counts(ByteReader reader) {
  std::vector<uint64_t> counts;
  while (!reader.empty()) {
    const int64_t number = unzigzag(reader.varint());
    const uint64_t run = number < 0 ? 0 - static_cast<uint64_t>(number) : 1;
    expect(run <= Histogram::kBuckets - counts.size(), "it has too many buckets");
    counts.resize(counts.size() + run);
    if (number > 0) counts.back() = static_cast<uint64_t>(number);
  }
  return counts;
}

}  // namespace

std::string encode_hdr_histogram(const Histogram& histogram) {
  const std::string counts = encode_counts(histogram);
  std::string payload;
  append_big_endian(payload, kCookie);
  append_big_endian(payload, static_cast<uint32_t>(counts.size()));
  append_big_endian(payload, uint32_t{0});  // normalizing index offset
  append_big_endian(payload, kSignificantDigits);
  append_big_endian(payload, uint64_t{1});  // lowest discernible value
  append_big_endian(payload, static_cast<uint64_t>(Histogram::kHighest - 1));
  append_big_endian(payload, std::bit_cast<uint64_t>(1.0));  // integer-to-double conversion ratio
  payload += counts;

  const std::string compressed = deflate_bytes(payload);
  std::string out;
  append_big_endian(out, kCompressedCookie);
  append_big_endian(out, static_cast<uint32_t>(compressed.size()));
  return base64_encode(out + compressed);
}

Histogram decode_hdr_histogram(std::string_view base64) {
  const std::string bytes = base64_decode(base64);
  ByteReader outer(bytes);
  expect(outer.big_endian<uint32_t>() == kCompressedCookie, "not HdrHistogram V2, compressed");
  const std::string payload = inflate_bytes(outer.take(outer.big_endian<uint32_t>()));
  expect(outer.empty(), "bytes follow its end");

  ByteReader reader(payload);
  expect(reader.big_endian<uint32_t>() == kCookie, "not HdrHistogram V2");
  const auto counts_bytes = reader.big_endian<uint32_t>();
  reader.big_endian<uint32_t>();  // how the writer rotates its array; counts come in order all the
                                  // same
  expect(reader.big_endian<uint32_t>() == kSignificantDigits, "not of 2 significant digits");
  expect(reader.big_endian<uint64_t>() == 1, "its lowest discernible value is not 1");
  reader.big_endian<uint64_t>();  // the highest trackable value: the counts tell
  reader.big_endian<uint64_t>();  // the conversion ratio: for histograms of doubles
  std::vector<uint64_t> counts = decode_counts(ByteReader(reader.take(counts_bytes)));
  expect(reader.empty(), "bytes follow its counts");

  int64_t min = -1, max = 0;
  unsigned __int128 sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    if (min < 0) min = Histogram::bucket_low(i);
    max = Histogram::bucket_high(i);
    const int64_t middle = Histogram::bucket_low(i) + (max - Histogram::bucket_low(i)) / 2;
    sum += static_cast<unsigned __int128>(counts[i]) * static_cast<uint64_t>(middle);
  }
  return Histogram::restore(std::move(counts), min, max, sum);
}

}  // namespace cachegauge
