#include "harness/core/lease_book.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

constexpr uint64_t kKey = 1, kOther = 2;

TEST(LeaseBook, GrantsAKeyToOneAtATime) {
  LeaseBook book;
  EXPECT_TRUE(book.empty());
  const uint64_t token = book.grant(kKey, 100, 10);
  EXPECT_NE(token, 0u);
  EXPECT_EQ(book.grant(kKey, 109, 10), 0u);
  EXPECT_NE(book.grant(kOther, 109, 10), 0u);
  EXPECT_TRUE(book.end(kKey, token, 109));
  EXPECT_FALSE(book.end(kKey, token, 109));
  EXPECT_NE(book.grant(kKey, 109, 10), 0u);
}

TEST(LeaseBook, ALeaseEndsWithItsTime) {
  LeaseBook book;
  const uint64_t first = book.grant(kKey, 100, 10);
  const uint64_t second = book.grant(kKey, 110, 10);
  EXPECT_NE(second, 0u);
  EXPECT_FALSE(book.end(kKey, first, 111));
  EXPECT_FALSE(book.end(kKey, second, 120));  // nobody has it, and neither has this one
  const uint64_t lasting = book.grant(kKey, 120, 0);
  EXPECT_TRUE(book.end(kKey, lasting, INT64_MAX - 1));
}

TEST(LeaseBook, AWriteTakesItBack) {
  LeaseBook book;
  const uint64_t token = book.grant(kKey, 0, 10);
  book.revoke(kKey);
  EXPECT_FALSE(book.end(kKey, token, 1));
  EXPECT_TRUE(book.empty());
}

}  // namespace
}  // namespace cachegauge
