#include <gtest/gtest.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

using Keys = std::vector<std::string>;

TEST(KeyLines, EveryFilledLineIsAKey) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.keys", "user:1\r\n\n a b,c \nuser:1");
  const auto rows = read_all("trace:format=keys,path=" + path);
  EXPECT_EQ(keys_of(rows), (Keys{"user:1", " a b,c ", "user:1"}));
  EXPECT_EQ(rows[0], (Row{.key = "user:1"}));
}

TEST(KeyLines, PlainDecimalNumbersAreIntegerKeys) {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "t.keys",
      "0\n7\n007\n18446744073709551615\n18446744073709551616\n12345678\n123456789\n1x\n-1\n"
      "99999999999999999999\n1234567890123456789\n");
  const auto rows = read_all("trace:format=keys,path=" + path);
  EXPECT_EQ(keys_of(rows),
            (Keys{"0", "7", "007", "18446744073709551615", "18446744073709551616", "12345678",
                  "123456789", "1x", "-1", "99999999999999999999", "1234567890123456789"}));
  std::vector<bool> integers;
  integers.reserve(rows.size());
  for (const Row& row : rows) integers.push_back(row.integer);
  EXPECT_EQ(integers, (std::vector<bool>{true, true, false, true, false, true, true, false, false,
                                         false, true}));
}

TEST(Lirs, IntegersAndMarks) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.trc", "1\n2\r\n*\n\n 3 \n*\r\n18446744073709551615");
  EXPECT_EQ(keys_of(read_all("trace:format=lirs,path=" + path)),
            (Keys{"1", "2", "3", "18446744073709551615"}));
}

TEST(Lirs, OtherLinesAreErrors) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.trc", "1\n 2x\n");
  EXPECT_EQ(
      error_of("trace:format=lirs,path=" + path, &folder),
      "t.trc:2:2: expected an integer key of up to 64 bits or \"*\", got \"2x\"; keys that are "
      "no integers are read with format=keys\n"
      "   2x\n"
      "   ^\n"
      "repair the row, or allow some bad ones: skip-bad-rows=N");
  for (const char* line : {"-1", "1 2", "*1", "1.5", "18446744073709551616"}) {
    EXPECT_NE(error_of("trace:format=lirs,path=" + folder.write("t.trc", line)), "") << line;
  }
}

}  // namespace
}  // namespace cachegauge::testing
