#include "harness/replay/versions.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

TEST(KeyVersions, AnAcknowledgedWriteRaisesTheFloor) {
  KeyVersions versions;
  EXPECT_EQ(versions.current(), 1u);
  const uint32_t version = versions.advance();
  EXPECT_EQ(version, 2u);
  versions.begin_write(version);
  EXPECT_EQ(versions.floor(), 0u) << "not before it is acknowledged";
  versions.end_write(WriteEffect::kWritten);
  EXPECT_EQ(versions.floor(), 2u);
}

TEST(KeyVersions, OverlappingWritesRaiseItToTheLowestOfThem) {
  KeyVersions versions;
  const uint32_t first = versions.advance();
  const uint32_t second = versions.advance();
  versions.begin_write(first);
  versions.begin_write(second);
  versions.end_write(WriteEffect::kWritten);
  EXPECT_EQ(versions.floor(), 0u) << "either may have come last";
  versions.end_write(WriteEffect::kWritten);
  EXPECT_EQ(versions.floor(), first);
}

TEST(KeyVersions, ALateFillOfAnOldVersionDoesNotLowerIt) {
  KeyVersions versions;
  const uint32_t loaded = versions.current();
  const uint32_t version = versions.advance();
  versions.begin_write(version);
  versions.end_write(WriteEffect::kWritten);
  versions.begin_write(loaded);
  versions.end_write(WriteEffect::kWritten);
  EXPECT_EQ(versions.floor(), version) << "so that a get of what was filled is seen to be stale";
}

TEST(KeyVersions, ARefusedWriteChangesNothing) {
  KeyVersions versions;
  const uint32_t version = versions.advance();
  versions.begin_write(version);
  versions.end_write(WriteEffect::kNone);
  EXPECT_EQ(versions.floor(), 0u);
}

TEST(KeyVersions, AFailedWriteMayStillHappenSoTheFloorStaysForGood) {
  KeyVersions versions;
  versions.begin_write(versions.advance());
  versions.end_write(WriteEffect::kUnknown);
  const uint32_t version = versions.advance();
  versions.begin_write(version);
  versions.end_write(WriteEffect::kWritten);
  EXPECT_EQ(versions.floor(), 0u);
}

}  // namespace
}  // namespace cachegauge
