#include "harness/core/random.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace cachegauge {
namespace {

// The published sequence of splitmix64 for this seed.
TEST(Random, IsSplitMix64) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ULL);
  EXPECT_EQ(random.next(), 3203168211198807973ULL);
  EXPECT_EQ(random.next(), 9817491932198370423ULL);
}

TEST(Random, DrawsHaveTheirMoments) {
  constexpr int kDraws = 1'000'000;
  SplitMix64 random(42);
  double uniform = 0, normal = 0, square = 0, exponential = 0;
  uint64_t below = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    const double z = random.normal();
    const uint64_t b = random.below(10);
    ASSERT_LT(b, 10u);
    uniform += u;
    normal += z;
    square += z * z;
    exponential += random.exponential(3);
    below += b;
  }
  // Five standard errors each.
  EXPECT_NEAR(uniform / kDraws, 0.5, 0.0015);
  EXPECT_NEAR(normal / kDraws, 0, 0.005);
  EXPECT_NEAR(square / kDraws, 1, 0.0075);
  EXPECT_NEAR(exponential / kDraws, 3, 0.015);
  EXPECT_NEAR(static_cast<double>(below) / kDraws, 4.5, 0.015);
}

TEST(Random, StreamsAreIndependentAndRepeat) {
  EXPECT_EQ(random_stream(42, 1).next(), random_stream(42, 1).next());
  EXPECT_NE(random_stream(42, 1).next(), random_stream(42, 2).next());
  EXPECT_NE(random_stream(42, 1).next(), random_stream(43, 1).next());
}

// Lengths around the 16-byte step, and keys that differ in one byte or in trailing zeros alone.
TEST(Hash, TextKeysThatDifferHashApart) {
  std::unordered_set<uint64_t> hashes;
  size_t keys = 0;
  for (size_t length = 0; length <= 50; ++length) {
    for (size_t at = 0; at < std::max<size_t>(length, 1); ++at) {
      for (char c : {'\1', 'b'}) {
        std::string key(length, '\0');
        if (length > 0) key[at] = c;
        if (length == 0 && c == 'b') continue;
        hashes.insert(hash_text_key(key));
        ++keys;
      }
    }
    if (length > 0) {
      hashes.insert(hash_text_key(std::string(length, '\0')));
      ++keys;
    }
  }
  EXPECT_EQ(hashes.size(), keys);
}

// As the hash was defined: what is left of a key after steps of 16 bytes has zeros behind it.
uint64_t hash_of_padded_key(std::string key) {
  const uint64_t left = key.empty() ? 0 : (key.size() - 1) % 16 + 1;
  uint64_t h = 0xa24baed4963ee407ULL ^ (key.size() * 0x9ae16a3b2f90404fULL);
  const size_t steps = (key.size() - left) / 16;
  key.resize(steps * 16 + 16);
  for (size_t step = 0; step <= steps; ++step) {
    const char* const p = key.data() + step * 16;
    h = fold_multiply(load_le64(p) ^ h, load_le64(p + 8) ^ (step < steps ? 0x9ae16a3b2f90404fULL
                                                                         : 0xd6d018f5c7a3e1b9ULL));
  }
  return mix64(fold_multiply(h ^ 0xd6d018f5c7a3e1b9ULL, 0xa24baed4963ee407ULL) ^ h);
}

TEST(Hash, ReadsNoByteBehindAKeyOfAnyLength) {
  SplitMix64 random(42);
  for (size_t length = 0; length <= 50; ++length) {
    // Of just this size, so that AddressSanitizer sees what lies behind it.
    std::vector<char> key(length);
    for (char& byte : key) byte = static_cast<char>(random.next());
    EXPECT_EQ(hash_text_key({key.data(), key.size()}),
              hash_of_padded_key(std::string(key.begin(), key.end())))
        << length << " bytes";
  }
}

}  // namespace
}  // namespace cachegauge
