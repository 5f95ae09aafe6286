#include "harness/replay/value.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

constexpr uint64_t kKey = 0x1234567890abcdef;

TEST(Value, RoundTripsAtEverySizeThatMatters) {
  ValueMaker maker;
  for (uint64_t size : {16u, 17u, 100u, 4096u, 4112u, 4113u, 65536u, 70000u, 1048576u}) {
    const std::string_view value = maker.make(kKey, 7, size);
    ASSERT_EQ(value.size(), size);
    const ValueCheck check = check_value(value, kKey);
    EXPECT_EQ(check.verdict, ValueVerdict::kGood) << size;
    EXPECT_EQ(check.version, 7u);
  }
}

TEST(Value, SmallerThanItsHeaderIsUnverifiable) {
  ValueMaker maker;
  for (uint64_t size : {0u, 1u, 15u}) {
    EXPECT_EQ(check_value(maker.make(kKey, 1, size), kKey).verdict, ValueVerdict::kUnverifiable);
  }
}

TEST(Value, OfAnotherKeyIsCorrupt) {
  ValueMaker maker;
  EXPECT_EQ(check_value(maker.make(kKey, 1, 100), kKey + 1).verdict, ValueVerdict::kCorrupt);
}

TEST(Value, CutShortIsCorrupt) {
  ValueMaker maker;
  EXPECT_EQ(check_value(maker.make(kKey, 1, 100).substr(0, 99), kKey).verdict,
            ValueVerdict::kCorrupt);
}

TEST(Value, OneFlippedBitInWhatIsCheckedIsCorrupt) {
  ValueMaker maker;
  for (size_t at : {0u, 8u, 12u, 16u, 50u, 4111u, 9999u}) {
    std::string value(maker.make(kKey, 3, 10000));
    value[at] = static_cast<char>(value[at] ^ 1);
    const ValueCheck check = check_value(value, kKey);
    // A flipped version changes the body that is expected, so it is seen as well.
    EXPECT_EQ(check.verdict, ValueVerdict::kCorrupt) << at;
  }
}

}  // namespace
}  // namespace cachegauge
