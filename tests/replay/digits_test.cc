#include "harness/replay/digits.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

std::string written(uint32_t number) {
  char out[8];
  const uint32_t length = write_digits(out, number);
  return {out, length};
}

TEST(Digits, OfEveryLength) {
  EXPECT_EQ(written(0), "0");
  for (uint32_t power = 1; power <= 10'000'000; power *= 10) {
    for (uint32_t number : {power - 1, power, power + 1, 9 * power, 10 * power - 1}) {
      EXPECT_EQ(written(number), std::to_string(number));
    }
  }
  EXPECT_EQ(written(kMostEightDigits), "99999999");
}

TEST(Digits, OfAllSmallNumbersAndManyLargeOnes) {
  for (uint32_t number = 0; number < 200'000; ++number) {
    ASSERT_EQ(written(number), std::to_string(number));
  }
  SplitMix64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto number = static_cast<uint32_t>(random.below(kMostEightDigits + uint64_t{1}));
    ASSERT_EQ(written(number), std::to_string(number));
  }
}

}  // namespace
}  // namespace cachegauge
