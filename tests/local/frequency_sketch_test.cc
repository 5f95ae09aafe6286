#include "adapters/local/policies/frequency_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/hash.h"

namespace cachegauge {
namespace {

uint32_t hash(uint64_t key) { return static_cast<uint32_t>(hash_integer_key(key)); }

TEST(FrequencySketch, CountsUpToFifteen) {
  FrequencySketch sketch;
  sketch.reserve(100);
  for (int i = 1; i <= 20; ++i) {
    sketch.add(hash(7));
    EXPECT_EQ(sketch.count(hash(7)), std::min(i, 15));
  }
  EXPECT_EQ(sketch.count(hash(8)), 0u);
}

TEST(FrequencySketch, NeverCountsTooFewAndSeldomTooMany) {
  FrequencySketch sketch;
  sketch.reserve(10'000);
  for (uint64_t key = 0; key < 10'000; ++key) {
    for (uint64_t i = 0; i < key % 5; ++i) sketch.add(hash(key));
  }
  int too_many = 0;
  for (uint64_t key = 0; key < 10'000; ++key) {
    EXPECT_GE(sketch.count(hash(key)), key % 5);
    too_many += sketch.count(hash(key)) > key % 5;
  }
  EXPECT_LT(too_many, 300);
}

TEST(FrequencySketch, HalvesAllAfterTenUsesAKey) {
  FrequencySketch sketch;
  sketch.reserve(2);
  for (int i = 0; i < 9; ++i) sketch.add(hash(1));
  for (int i = 0; i < 10; ++i) sketch.add(hash(2));
  EXPECT_EQ(sketch.count(hash(1)), 9u);
  EXPECT_EQ(sketch.count(hash(2)), 10u);
  sketch.add(hash(2));  // the twentieth
  EXPECT_EQ(sketch.count(hash(1)), 4u);
  EXPECT_EQ(sketch.count(hash(2)), 5u);
}

TEST(FrequencySketch, GrowsWithoutLosingCounts) {
  FrequencySketch sketch;
  sketch.reserve(4);
  for (int i = 0; i < 12; ++i) sketch.add(hash(3));
  sketch.reserve(100'000);
  EXPECT_EQ(sketch.count(hash(3)), 12u);
  EXPECT_LE(sketch.bytes(), 16u * 100'000);
}

}  // namespace
}  // namespace cachegauge
