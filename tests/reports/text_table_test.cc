#include "reports/text_table.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

TextTable small_table() {
  TextTable table;
  table.heading = "name";
  table.range_importance = 15;
  table.columns = {
      {{"hit", "ratio"}, 30, "hit ratio"}, {{"p99"}, 20, "p99"}, {{"items"}, 10, "items"}};
  table.rows = {{"lru", {{"70%", "68-71%"}, {"1 us", ""}, {"12", ""}}, ""},
                {"unbounded", {{"9%", ""}, {"12 us", "", true}, {"7", ""}}, ""},
                {"redis", {}, "failed: not there"}};
  return table;
}

TEST(TextTable, AlignsColumns) {
  const auto rendered = small_table().render({});
  EXPECT_EQ(rendered.text,
            "              hit\n"
            "name        ratio     p99  items\n"
            "lru           70%   1 us      12\n"
            "           68-71%\n"
            "unbounded      9%  12 us*      7\n"
            "redis      failed: not there\n");
  EXPECT_TRUE(rendered.has_best);
  EXPECT_TRUE(rendered.has_ranges);
  EXPECT_TRUE(rendered.left_out.empty());
}

TEST(TextTable, LeavesOutWhatMattersLeast) {
  const auto rendered = small_table().render({.width = 31});
  EXPECT_EQ(rendered.left_out, std::vector<std::string>{"items"});
  EXPECT_TRUE(rendered.has_ranges);
  EXPECT_EQ(rendered.text,
            "              hit\n"
            "name        ratio     p99\n"
            "lru           70%   1 us\n"
            "           68-71%\n"
            "unbounded      9%  12 us*\n"
            "redis      failed: not there\n");
}

TEST(TextTable, RangesGoInTheirTurn) {
  const auto rendered = small_table().render({.width = 24});
  EXPECT_FALSE(rendered.has_ranges);
  EXPECT_EQ(rendered.text,
            "             hit\n"
            "name       ratio     p99\n"
            "lru          70%   1 us\n"
            "unbounded     9%  12 us*\n"
            "redis      failed: not there\n");
}

TEST(TextTable, KeepsNameAndMostImportantColumnAtAnyWidth) {
  const auto rendered = small_table().render({.width = 1});
  EXPECT_EQ(rendered.left_out, (std::vector<std::string>{"items", "p99"}));
  EXPECT_FALSE(rendered.has_best);
  EXPECT_EQ(rendered.text,
            "             hit\n"
            "name       ratio\n"
            "lru          70%\n"
            "unbounded     9%\n"
            "redis      failed: not there\n");
}

TEST(TextTable, NoLineIsWiderThanTheTerminal) {
  for (int width = 16; width <= 40; ++width) {
    TextTable table = small_table();
    table.rows.pop_back();  // a remark may be of any length
    const std::string text = table.render({.width = width}).text;
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      EXPECT_LE(display_width(std::string_view(text).substr(at, end - at)), width);
      at = end + 1;
    }
  }
}

TEST(TextTable, ColorsStandAroundTheTextAlone) {
  TextTable table;
  table.heading = "n";
  table.columns = {{{"x"}, 1, "x"}};
  table.rows = {{"a", {{"1", "1-2", true}}, ""}};
  EXPECT_EQ(table.render({.width = 0, .color = true}).text,
            "n     x\n"
            "a    \x1b[1m1*\x1b[0m\n"
            "   \x1b[2m1-2\x1b[0m\n");
}

TEST(TextTable, PrintableHasNoControls) {
  EXPECT_EQ(printable("a\x1b[31m\n\x7f"), "a?[31m??");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m \xc3\xa9 \xc2\xa0"),
            "?31m \xc3\xa9 \xc2\xa0");
}

TEST(TextTable, WidthCountsCharacters) {
  EXPECT_EQ(display_width("caf\xc3\xa9"), 4);
  EXPECT_EQ(display_width(""), 0);
}

}  // namespace
}  // namespace cachegauge
