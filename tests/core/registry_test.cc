#include "harness/core/registry.h"

#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

struct Row {
  std::string_view name;
  int value;
};
constexpr Row kRows[] = {{"lru", 1}, {"fifo", 2}};
constexpr std::span<const Row> kTable = kRows;

TEST(Registry, FindsRows) {
  EXPECT_EQ(require_row(kTable, "fifo", "policy").value, 2);
  EXPECT_EQ(find_row(kTable, "arc"), nullptr);
  EXPECT_EQ(row_names(kTable), (std::vector<std::string_view>{"lru", "fifo"}));
}

TEST(Registry, NamesTheNearest) {
  EXPECT_ERROR(kUsage, "unknown policy \"fif0\"; did you mean fifo? Valid: lru, fifo",
               require_row(kTable, "fif0", "policy"));
}

}  // namespace
}  // namespace cachegauge
