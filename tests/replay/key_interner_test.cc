#include "harness/replay/key_interner.h"

#include <gtest/gtest.h>

#include <string>

namespace cachegauge {
namespace {

uint32_t intern(KeyInterner& keys, const Request& request) {
  return keys.intern(request, request.key_hash()).id();
}

Request integer_key(uint64_t key, uint32_t size = 0) {
  Request request;
  request.integer_key = key;
  request.key_size_bytes = size;
  return request;
}

Request text_key(std::string_view key) {
  Request request;
  request.text_key = key;
  return request;
}

TEST(KeyInterner, NumbersKeysInOrderOfFirstAppearance) {
  KeyInterner keys("");
  EXPECT_EQ(intern(keys, integer_key(900)), 0u);
  EXPECT_EQ(intern(keys, integer_key(7)), 1u);
  EXPECT_EQ(intern(keys, integer_key(900)), 0u);
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys.record(0).bytes(), "900");
}

TEST(KeyInterner, PadsIntegersToTheirKeySizePrefixIncluded) {
  KeyInterner keys("cg:1:");
  intern(keys, integer_key(42, 12));
  intern(keys, integer_key(UINT64_MAX, 12));
  EXPECT_EQ(keys.record(0).bytes(), "cg:1:0000042");
  EXPECT_EQ(keys.record(1).bytes(), "cg:1:18446744073709551615") << "longer than asked, never cut";
}

TEST(KeyInterner, KeepsTextAsItIs) {
  KeyInterner keys("p:");
  const std::string binary("a\0b", 3);
  EXPECT_EQ(intern(keys, text_key(binary)), 0u);
  EXPECT_EQ(intern(keys, text_key("a")), 1u);
  EXPECT_EQ(intern(keys, text_key(std::string_view("", 0))), 2u);
  EXPECT_EQ(keys.record(0).bytes(), "p:" + binary);
  EXPECT_EQ(keys.record(2).bytes(), "p:");
}

TEST(KeyInterner, TextOfOneHashAndOtherBytesIsAnotherKey) {
  KeyInterner keys("");
  const uint32_t first = keys.intern(text_key("one"), 99).id();
  const uint32_t second = keys.intern(text_key("two"), 99).id();
  EXPECT_NE(first, second);
  EXPECT_EQ(keys.intern(text_key("one"), 99).id(), first);
}

TEST(KeyInterner, FindsIntegersSmallAndLarge) {
  KeyInterner keys("");
  uint32_t id = 0;
  for (uint64_t key = 1; key != 0; key <<= 1, ++id) {
    ASSERT_EQ(intern(keys, integer_key(key - 1)), 2 * id);
    ASSERT_EQ(intern(keys, integer_key(key | uint64_t{1} << 63)), 2 * id + 1);
  }
}

TEST(KeyInterner, AnIntegerAndItsDigitsAsTextAreTwoKeys) {
  KeyInterner keys("");
  EXPECT_EQ(intern(keys, integer_key(0)), 0u);
  EXPECT_EQ(intern(keys, text_key("0")), 1u);
  EXPECT_EQ(intern(keys, integer_key(0)), 0u);
}

TEST(KeyInterner, LongKeysAreKeptWhole) {
  KeyInterner keys("p:");
  for (const size_t size : {29, 30, 31, 32, 100, 5000}) {
    const std::string key(size, 'k');
    EXPECT_EQ(keys.record(intern(keys, text_key(key))).bytes(), "p:" + key);
  }
}

TEST(KeyInterner, GrowsAndStillFindsAll) {
  KeyInterner keys("");
  constexpr uint32_t kKeys = 100'000;
  for (uint32_t i = 0; i < kKeys; ++i) ASSERT_EQ(intern(keys, integer_key(i * 3)), i);
  for (uint32_t i = 0; i < kKeys; ++i) ASSERT_EQ(intern(keys, integer_key(i * 3)), i);
  EXPECT_EQ(keys.record(kKeys - 1).bytes(), std::to_string((kKeys - 1) * 3));
}

TEST(KeyInterner, CountsKeysThatWereMetWithoutARecord) {
  KeyInterner keys("");
  for (uint64_t key : {5, 1000, 5, 4'000'000, 1000}) keys.meet(key);
  EXPECT_EQ(keys.met(), 3u);
  EXPECT_EQ(keys.size(), 0u);
  intern(keys, integer_key(1000));
  intern(keys, integer_key(1001));
  EXPECT_EQ(keys.met(), 4u);
  keys.meet(1000);
  keys.meet(1001);
  EXPECT_EQ(keys.met(), 4u);
}

}  // namespace
}  // namespace cachegauge
