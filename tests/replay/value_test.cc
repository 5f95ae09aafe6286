#include "harness/replay/value.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

constexpr uint64_t kKey = 0x1234567890abcdef;

TEST(Value, RoundTripsAtEverySizeThatMatters) {
  ValueMaker maker;
  for (uint64_t size : {16u, 17u, 100u, 4096u, 4112u, 4113u, 65536u, 70000u, 1048576u}) {
    const std::string_view value = maker.make(kKey, 7, size);
    ASSERT_EQ(value.size(), size);
    const ValueCheck check = maker.check(value, kKey);
    EXPECT_EQ(check.verdict, ValueVerdict::kGood) << size;
    EXPECT_EQ(check.version, 7u);
  }
}

TEST(Value, LiesOnOnePageIfItFits) {
  ValueMaker maker;
  const std::string_view value = maker.make(kKey, 7, 4096 - kEnvelopeBytes);
  const auto page_of = [](const char& byte) { return reinterpret_cast<uintptr_t>(&byte) / 4096; };
  EXPECT_EQ(page_of(value.front()), page_of(value.back()));
}

TEST(Value, SmallerThanItsHeaderIsUnverifiable) {
  ValueMaker maker;
  for (uint64_t size : {0u, 1u, 15u}) {
    EXPECT_EQ(maker.check(maker.make(kKey, 1, size), kKey).verdict, ValueVerdict::kUnverifiable);
  }
}

TEST(Value, OfAnotherKeyIsCorrupt) {
  ValueMaker maker;
  EXPECT_EQ(maker.check(maker.make(kKey, 1, 100), kKey + 1).verdict, ValueVerdict::kCorrupt);
}

TEST(Value, CutShortIsCorrupt) {
  ValueMaker maker;
  EXPECT_EQ(maker.check(maker.make(kKey, 1, 100).substr(0, 99), kKey).verdict,
            ValueVerdict::kCorrupt);
}

TEST(Value, OneFlippedBitInWhatIsCheckedIsCorrupt) {
  ValueMaker maker;
  for (size_t at : {0u, 8u, 12u, 16u, 50u, 4111u, 9999u}) {
    std::string value(maker.make(kKey, 3, 10000));
    value[at] = static_cast<char>(value[at] ^ 1);
    const ValueCheck check = maker.check(value, kKey);
    // A flipped version changes the body that is expected, so it is seen as well.
    EXPECT_EQ(check.verdict, ValueVerdict::kCorrupt) << at;
  }
}

// What zlib makes of values beside each other, as a store would see them, as a share of their size.
double compressed_share(double compressibility, size_t value_bytes) {
  ValueMaker maker(compressibility);
  std::string values;
  for (uint64_t key = 0; values.size() < 1'000'000; ++key) {
    values += maker.make(mix64(key), 1, value_bytes);
  }
  uLongf size = compressBound(values.size());
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size,
            reinterpret_cast<const Bytef*>(values.data()), values.size(), 6);
  return static_cast<double>(size) / static_cast<double>(values.size());
}

TEST(Value, CompressesAsFarAsItIsMeantTo) {
  for (const size_t bytes : {100u, 1000u, 10'000u, 200'000u}) {
    EXPECT_GT(compressed_share(0, bytes), 0.92) << bytes;  // a header repeats its size
  }
  for (const double share : {0.25, 0.5, 0.75}) {
    for (const size_t bytes : {1000u, 10'000u, 200'000u}) {
      EXPECT_NEAR(compressed_share(share, bytes), 1 - share, 0.06) << share << ' ' << bytes;
    }
  }
  EXPECT_LT(compressed_share(1, 10'000), 0.05);
}

TEST(Value, CompressibleOnesAreCheckedAsWell) {
  ValueMaker maker(0.5);
  for (const size_t size : {16u, 21u, 100u, 9999u, 70'001u}) {
    std::string value(maker.make(kKey, 3, size));
    EXPECT_EQ(maker.check(value, kKey).verdict, ValueVerdict::kGood) << size;
    if (size == kValueHeaderBytes) continue;
    value.back() = static_cast<char>(value.back() ^ 4);
    EXPECT_EQ(maker.check(value, kKey).verdict, ValueVerdict::kCorrupt) << size;
  }
}

}  // namespace
}  // namespace cachegauge
