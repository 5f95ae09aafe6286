#include "workloads/input/row_error.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

TEST(RowError, PointsAtTheColumn) {
  EXPECT_EQ(describe_bad_row({"t.csv", 1841, "1700000012,key-81,1k"},
                             {18, "expected an object size in bytes, got \"1k\""}, "repair it"),
            "t.csv:1841:19: expected an object size in bytes, got \"1k\"\n"
            "  1700000012,key-81,1k\n"
            "                    ^\n"
            "repair it");
}

TEST(RowError, ShortensALongLineAroundTheColumn) {
  const std::string line = std::string(1000, 'a') + "!" + std::string(1000, 'b');
  EXPECT_EQ(describe_bad_row({"t", 1, line}, {1000, "what"}, "do"),
            "t:1:1001: what\n"
            "  ..." +
                std::string(60, 'a') + "!" + std::string(29, 'b') +
                "...\n"
                "  " +
                std::string(63, ' ') +
                "^\n"
                "do");
}

TEST(RowError, EscapesWhatDoesNotPrintAndKeepsTheCaretInPlace) {
  EXPECT_EQ(describe_bad_row({"t", 1, "a\t\x01\xff,x"}, {5, "what"}, "do"),
            "t:1:6: what\n"
            "  a\\t\\x01\\xff,x\n"
            "              ^\n"
            "do");
}

TEST(RowError, AColumnBehindTheLineIsItsEnd) {
  EXPECT_EQ(describe_bad_row({"t", 1, "ab"}, {2, "what"}, "do"), "t:1:3: what\n  ab\n    ^\ndo");
}

TEST(RowError, ExcerptsAreShort) {
  EXPECT_EQ(quote_excerpt(std::string(50, 'x')), "\"" + std::string(40, 'x') + "...\"");
  EXPECT_EQ(quote_excerpt(""), "\"\"");
}

}  // namespace
}  // namespace cachegauge
