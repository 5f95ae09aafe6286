#include "harness/simulate/cache_size.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

std::vector<std::string> texts(std::string_view list) {
  std::vector<std::string> out;
  for (const CacheSize& size : parse_cache_sizes(list)) out.push_back(size.text);
  return out;
}

PolicyCapacity resolved(std::string_view text, uint64_t unique_keys) {
  return parse_cache_sizes(text).at(0).resolve(unique_keys);
}

using Texts = std::vector<std::string>;

TEST(CacheSize, ABareNumberIsEntriesAUnitIsBytesAndAShareIsOfTheUniqueKeys) {
  EXPECT_EQ(resolved("10k", 5).limit, 10'000u);
  EXPECT_FALSE(resolved("10k", 5).in_bytes);
  EXPECT_EQ(resolved("64MiB", 5).limit, uint64_t{64} << 20);
  EXPECT_TRUE(resolved("64MiB", 5).in_bytes);
  EXPECT_EQ(resolved("1%", 48'974).limit, 490u);
  EXPECT_FALSE(resolved("1%", 48'974).in_bytes);
}

TEST(CacheSize, AShareIsRoundedToTheNearestAndIsOneEntryAtLeast) {
  EXPECT_EQ(resolved("0.1%", 1498).limit, 1u);
  EXPECT_EQ(resolved("0.1%", 1500).limit, 2u);
  EXPECT_EQ(resolved("0.1%", 3).limit, 1u);
}

TEST(CacheSize, ARangeHasBothItsEnds) {
  EXPECT_EQ(texts("1%..50%x2"), (Texts{"1%", "2%", "4%", "8%", "16%", "32%", "50%"}));
  EXPECT_EQ(texts("100..800x2"), (Texts{"100", "200", "400", "800"}));
  EXPECT_EQ(texts("1KiB..4KiBx2"), (Texts{"1KiB", "2048B", "4KiB"}));
  EXPECT_EQ(texts("5%..5%x2"), Texts{"5%"});
}

// What a size that is none is answered with.
std::string refusal(std::string_view text) {
  try {
    parse_cache_sizes(text);
  } catch (const Error& error) {
    return error.code() == ExitCode::kUsage ? error.what() : "not a usage error";
  }
  return "taken";
}

TEST(CacheSize, ErrorsSayWhatToWrite) {
  EXPECT_EQ(
      refusal("many"),
      "expected a size such as 10k (entries), 64MiB or 1% (of the unique keys), got \"many\"");
  EXPECT_EQ(refusal("64MB"), "expected a size such as 64MiB, got \"64MB\" (units: B KiB MiB GiB)");
  EXPECT_EQ(refusal("0"), "a cache of size 0 holds nothing");
  EXPECT_EQ(refusal("0%"), "a cache of size 0% holds nothing");
  EXPECT_EQ(refusal("56B"),
            "a cache of 56B holds nothing, as an object takes 56 bytes beside its key and value");
  EXPECT_EQ(refusal("4000M"), "4000M entries are too many: up to 2147483631");
  EXPECT_EQ(refusal("1%..50%"),
            "expected a range such as 1%..50%x2 (each size twice the last), got \"1%..50%\"");
  const std::string rise =
      " should rise from its first size to its last, both in one unit, by a factor above 1";
  EXPECT_EQ(refusal("1%..50%x1"), "the range \"1%..50%x1\"" + rise);
  EXPECT_EQ(refusal("50%..1%x2"), "the range \"50%..1%x2\"" + rise);
  EXPECT_EQ(refusal("1%..1MiBx2"), "the range \"1%..1MiBx2\"" + rise);
  EXPECT_EQ(refusal("1..1000000x1.001"),
            "the range \"1..1000000x1.001\" has more than 1000 sizes: take a larger factor");
}

}  // namespace
}  // namespace cachegauge
