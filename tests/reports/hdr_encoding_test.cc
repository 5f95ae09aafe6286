#include "reports/hdr_encoding.h"

#include "harness/core/random.h"
#include "reports/base64.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

Histogram random_histogram(uint64_t seed) {
  SplitMix64 random(seed);
  Histogram h;
  for (uint64_t n = random.below(2000); n > 0; --n) {
    h.record(static_cast<int64_t>(random.next() >> (20 + random.below(44))));
  }
  return h;
}

// Restored histograms have all their buckets, recorded ones only those up to the first large value.
std::vector<uint64_t> used_counts(const Histogram& h) {
  std::vector<uint64_t> counts = h.bucket_counts();
  while (!counts.empty() && counts.back() == 0) counts.pop_back();
  return counts;
}

TEST(Base64, KnownTexts) {  // RFC 4648, section 10
  const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(Base64, RefusesOtherText) {
  for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zm9v Zm8=", "Zg==Zg==", "Zm9\n", "Zm-_"}) {
    EXPECT_THROW(base64_decode(text), Error) << text;
  }
}

TEST(HdrEncoding, CountsComeBack) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Histogram h = random_histogram(seed);
    const Histogram back = decode_hdr_histogram(encode_hdr_histogram(h));
    EXPECT_EQ(used_counts(back), used_counts(h)) << "seed " << seed;
    EXPECT_EQ(back.count(), h.count());
    if (h.empty()) continue;
    EXPECT_EQ(Histogram::bucket_of(back.min()), Histogram::bucket_of(h.min()));
    EXPECT_EQ(Histogram::bucket_of(back.max()), Histogram::bucket_of(h.max()));
    EXPECT_NEAR(back.mean(), h.mean(), 0.01 * h.mean()) << "seed " << seed;
    EXPECT_EQ(Histogram::bucket_of(back.percentile(0.99)),
              Histogram::bucket_of(h.percentile(0.99)));
  }
}

// Counts of every length of their variable-length form, up to the ninth byte's eighth bit.
TEST(HdrEncoding, CountsOfAnySize) {
  for (int bits = 0; bits < 63; ++bits) {
    for (uint64_t count : {uint64_t{1} << bits, (uint64_t{2} << bits) - 1}) {
      const Histogram h =
          Histogram::restore({0, 0, count}, 2, 2, static_cast<unsigned __int128>(count) * 2);
      EXPECT_EQ(used_counts(decode_hdr_histogram(encode_hdr_histogram(h))),
                (std::vector<uint64_t>{0, 0, count}));
    }
  }
}

TEST(HdrEncoding, BeginsAsV2CompressedDoes) {
  Histogram h;
  h.record(1);
  const std::string text = encode_hdr_histogram(h);
  EXPECT_EQ(text.substr(0, 6), "HISTFA");  // what HdrHistogram's own tools print
  EXPECT_EQ(base64_decode(text).substr(0, 4), "\x1c\x84\x93\x14");
}

// Written by hdr-histogram-js 3.0.1.
TEST(HdrEncoding, ReadsWhatOthersWrite) {
  const Histogram h =
      decode_hdr_histogram("HISTFAAAACt4nJNpmSzMwMDAwcDAwMjAwMDEAAGMDAzs/0EAxg9mmsvOdF+RCQCl2QhT");
  Histogram expected;
  for (int64_t value : {42, 1000, 123'456'789}) expected.record(value);
  EXPECT_EQ(used_counts(h), used_counts(expected));
}

TEST(HdrEncoding, SaysWhatItCannotRead) {
  EXPECT_ERROR(kFailed, "text that is not base64", decode_hdr_histogram("!"));
  EXPECT_ERROR(kFailed, "a histogram that is cut short", decode_hdr_histogram(""));
  EXPECT_ERROR(kFailed, "a histogram of another kind: not HdrHistogram V2, compressed",
               decode_hdr_histogram("AAAAAAAA"));
  // Made by HdrHistogram's own code with 3 significant digits: another layout of buckets.
  EXPECT_ERROR(
      kFailed, "a histogram of another kind: not of 2 significant digits",
      decode_hdr_histogram("HISTFAAAACV4nJNpmSzMwMDAxMDAwMjAwMDMAAEgNsO1yUsYYPxgJgBQEgOx"));
}

TEST(HdrEncoding, DamageIsAnErrorOrAnotherHistogramNeverMore) {
  const std::string text = encode_hdr_histogram(random_histogram(7));
  for (size_t length = 0; length < text.size(); length += 4) {
    EXPECT_THROW(decode_hdr_histogram(text.substr(0, length)), Error) << length;
  }
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    std::string bytes = base64_decode(text);
    bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    try {
      decode_hdr_histogram(base64_encode(bytes));
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace cachegauge
