#include "harness/core/suggest.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

const std::vector<std::string_view> kAdapters = {"null", "unbounded", "lru",   "lfu",
                                                 "fifo", "clock",     "redis", "memcached"};

using Names = std::vector<std::string_view>;

TEST(Suggest, EditDistanceCountsATranspositionAsOne) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("redis", "rdeis"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);  // the restricted form; 2 without the restriction
}

TEST(Suggest, NearestFirst) {
  EXPECT_EQ(nearest_names("rediss", kAdapters), Names{"redis"});
  EXPECT_EQ(nearest_names("memcahced", kAdapters), Names{"memcached"});
  EXPECT_EQ(nearest_names("lrf", kAdapters), (Names{"lru", "lfu"}));
}

TEST(Suggest, ABeginningOrAnotherCaseIsNear) {
  EXPECT_EQ(nearest_names("mem", kAdapters), Names{"memcached"});
  EXPECT_EQ(nearest_names("REDIS", kAdapters), Names{"redis"});
}

TEST(Suggest, SilentWhenNothingIsNear) {
  EXPECT_TRUE(nearest_names("postgres", kAdapters).empty());
  EXPECT_TRUE(nearest_names("", kAdapters).empty());
  EXPECT_TRUE(nearest_names(std::string(100'000, 'x'), kAdapters).empty());
}

TEST(Suggest, Messages) {
  EXPECT_EQ(unknown_name_message("guard", "nnoe", {"none", "lock"}),
            "unknown guard \"nnoe\"; did you mean none? Valid: none, lock");
  EXPECT_EQ(unknown_name_message("guard", "xyzzy", {"none", "lock"}),
            "unknown guard \"xyzzy\". Valid: none, lock");
  EXPECT_EQ(unknown_name_message("parameter of none", "a", {}),
            "unknown parameter of none \"a\"; none can be given here");
}

}  // namespace
}  // namespace cachegauge
