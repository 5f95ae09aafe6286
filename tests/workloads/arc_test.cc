#include <gtest/gtest.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

class Arc : public ::testing::Test {
 protected:
  std::string spec(std::string_view content) {
    return "trace:format=arc,path=" + folder_.write("t.lis", content);
  }
  std::string error(std::string_view content) { return error_of(spec(content), &folder_); }

  TemporaryFolder folder_;
};

TEST_F(Arc, ARowIsARunOfBlocks) {
  EXPECT_EQ(keys_of(read_all(spec("10 3 0 0\n\n7 1 0 1\r\n 5\t2 0 2 \n8 0 0 3\n"))),
            (std::vector<std::string>{"10", "11", "12", "7", "5", "6"}));
  EXPECT_EQ(read_all(spec("18446744073709551614 2 0 0"), 1),
            (std::vector<Row>{{.key = "18446744073709551614", .integer = true},
                              {.key = "18446744073709551615", .integer = true}}));
}

TEST_F(Arc, ARunOfFourBillionIsReadAsItIsAskedFor) {
  const auto source = make(spec("5 4294967295 0 0\n"))->open();
  std::vector<Request> batch(1000);
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_EQ(source->read(batch), batch.size());
    ASSERT_EQ(batch.back().integer_key, 5 + i * 1000 + 999);
  }
}

TEST_F(Arc, BadRowsAreShown) {
  EXPECT_EQ(error("1 1 0 0\n1 -1 0 1\n"),
            "t.lis:2:3: expected a count of blocks from 0 to 4,294,967,295, got \"-1 0 1\"\n"
            "  1 -1 0 1\n"
            "    ^\n"
            "repair the row, or allow some bad ones: skip-bad-rows=N");
  struct Case {
    const char* line;
    const char* problem;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"x 1 0 0", "1: expected the number of the first block, got \"x 1 0 0\""},
           {"1 4294967296 0 0",
            "3: expected a count of blocks from 0 to 4,294,967,295, got \"4294967296 0 0\""},
           {"18446744073709551616 1 0 0",
            "1: expected the number of the first block, got \"18446744073709551616 1 0 0\""},
           {"18446744073709551615 2 0 0",
            "1: expected blocks whose numbers fit in 64 bits, got \"18446744073709551615 2 0 0\""},
           {"1 1 y 0", "5: expected a 0, got \"y 0\""},
           {"1 1 0", "6: expected a sequence number, got the end of the line"},
           {"1 1 0 3 4", "9: expected the end of the line, got \"4\""},
           {"1 1 0 3.5", "7: expected a sequence number, got \"3.5\""}}) {
    const std::string message = error(c.line);
    EXPECT_EQ(message.substr(0, message.find('\n')), "t.lis:1:" + std::string(c.problem));
  }
}

}  // namespace
}  // namespace cachegauge::testing
