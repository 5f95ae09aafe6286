#include "harness/replay/versions.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

class Versions : public ::testing::Test {
 protected:
  Versions() { book.reserve_ids(1); }
  VersionBook book;
};

TEST_F(Versions, AnAcknowledgedWriteRaisesTheFloor) {
  EXPECT_EQ(book.current(0), 1u);
  const uint32_t version = book.advance(0);
  EXPECT_EQ(version, 2u);
  book.begin_write(0, version);
  EXPECT_EQ(book.floor(0), 0u) << "not before it is acknowledged";
  book.end_write(0, WriteEffect::kWritten);
  EXPECT_EQ(book.floor(0), 2u);
}

TEST_F(Versions, OverlappingWritesRaiseItToTheLowestOfThem) {
  const uint32_t first = book.advance(0);
  const uint32_t second = book.advance(0);
  book.begin_write(0, first);
  book.begin_write(0, second);
  book.end_write(0, WriteEffect::kWritten);
  EXPECT_EQ(book.floor(0), 0u) << "either may have come last";
  book.end_write(0, WriteEffect::kWritten);
  EXPECT_EQ(book.floor(0), first);
}

TEST_F(Versions, ALateFillOfAnOldVersionDoesNotLowerIt) {
  const uint32_t loaded = book.current(0);
  const uint32_t version = book.advance(0);
  book.begin_write(0, version);
  book.end_write(0, WriteEffect::kWritten);
  book.begin_write(0, loaded);
  book.end_write(0, WriteEffect::kWritten);
  EXPECT_EQ(book.floor(0), version) << "so that a get of what was filled is seen to be stale";
}

TEST_F(Versions, ARefusedWriteChangesNothing) {
  const uint32_t version = book.advance(0);
  book.begin_write(0, version);
  book.end_write(0, WriteEffect::kNone);
  EXPECT_EQ(book.floor(0), 0u);
}

TEST_F(Versions, AFailedWriteMayStillHappenSoTheFloorStaysForGood) {
  book.begin_write(0, book.advance(0));
  book.end_write(0, WriteEffect::kUnknown);
  const uint32_t version = book.advance(0);
  book.begin_write(0, version);
  book.end_write(0, WriteEffect::kWritten);
  EXPECT_EQ(book.floor(0), 0u);
}

}  // namespace
}  // namespace cachegauge
