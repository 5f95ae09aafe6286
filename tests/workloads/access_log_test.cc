#include <gtest/gtest.h>

#include "tests/support/time_units.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

class AccessLog : public ::testing::Test {
 protected:
  std::vector<Row> rows(std::string_view content) {
    return read_all("trace:format=accesslog,path=" + folder_.write("a.log", content));
  }
  Row row(std::string_view line) { return rows(line).at(0); }
  std::string error(std::string_view content) {
    return error_of("trace:format=accesslog,path=" + folder_.write("a.log", content), &folder_);
  }
  // The key of a request line.
  std::string key(const std::string& request_line) {
    return row("h - - [17/May/2015:10:05:03 +0000] \"" + request_line + "\" 200 1").key;
  }

  TemporaryFolder folder_;
};

TEST_F(AccessLog, CommonAndCombinedWithAndWithoutVirtualHost) {
  EXPECT_EQ(
      rows("1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET /a.png?x=1 HTTP/1.1\" 200 2326\n"
           "::1 - bob [17/May/2015:10:05:04 +0000] \"POST /b HTTP/1.0\" 304 - \"-\" \"Mozilla\"\n"
           "\n"
           "www.example.org:80 1.2.3.4 - a user [17/May/2015:10:06:03 +0000] "
           "\"HEAD /c HTTP/2.0\" 200 0 \"http://x/\" \"UA \\\"quoted\\\"\"\r\n"),
      (std::vector<Row>{{.key = "/a.png?x=1", .time_ns = 0, .value_size_bytes = 2326},
                        {.key = "/b", .time_ns = kSecond, .value_size_bytes = 0},
                        {.key = "/c", .time_ns = 60 * kSecond, .value_size_bytes = 0}}));
}

TEST_F(AccessLog, OddRequestLinesAreKeysToo) {
  EXPECT_EQ(key("-"), "-");
  EXPECT_EQ(key(""), "-");
  EXPECT_EQ(key("GET /no-protocol"), "/no-protocol");
  EXPECT_EQ(key("GET /with a space HTTP/1.1"), "/with a space");
  EXPECT_EQ(key("GET /\\\"quoted\\\" HTTP/1.1"), "/\\\"quoted\\\"");
  EXPECT_EQ(key("GET /backslash\\\\ HTTP/1.1"), "/backslash\\\\");
  EXPECT_EQ(key("\\x16\\x03\\x01"), "\\x16\\x03\\x01");
  EXPECT_EQ(key("GET "), "GET ");
  EXPECT_EQ(key("GET 123 HTTP/1.1"), "123");
}

TEST_F(AccessLog, TimesHaveZonesAndCrossDays) {
  const auto lines = rows(
      "h - - [31/Dec/2015:23:59:59 +0000] \"GET /1 HTTP/1.1\" 200 1\n"
      "h - - [01/Jan/2016:01:00:01 +0100] \"GET /2 HTTP/1.1\" 200 1\n"
      "h - - [29/Feb/2016:00:00:00 -0130] \"GET /3 HTTP/1.1\" 200 1\n");
  EXPECT_EQ(lines[1].time_ns, 2 * kSecond);
  EXPECT_EQ(lines[2].time_ns, (int64_t{59} * 86400 + 5400 + 1) * kSecond);
}

TEST_F(AccessLog, BadLinesAreShownWhereTheyAreWrong) {
  EXPECT_EQ(error("h - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 x\n"),
            "a.log:1:58: expected a response size in bytes, of at most 1 TiB, or \"-\", got \"x\"\n"
            "  h - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 x\n"
            "                                                           ^\n"
            "repair the row, or allow some bad ones: skip-bad-rows=N");
  struct Case {
    const char* line;
    const char* problem;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"no log",
            "1: expected host ident user [time] \"request\" status bytes, got \"no log\""},
           {"h - - [17/May/2015:10:05:03 +0000]",
            "35: expected a request line in quotes, got the end of the line"},
           {"h - - [17/Mai/2015:10:05:03 +0000] \"GET /\" 200 1",
            "8: expected a time such as 17/May/2015:10:05:03 +0000, got "
            "\"17/Mai/2015:10:05:03 +0000] \"GET /\" 200 ...\""},
           {"h - - [31/Feb/2015:10:05:03 +0000] \"GET /\" 200 1",
            "8: expected a time such as 17/May/2015:10:05:03 +0000, got "
            "\"31/Feb/2015:10:05:03 +0000] \"GET /\" 200 ...\""},
           {"h - - [17/May/2015:10:05:03 +0000] \"GET / 200 1",
            "36: expected a request line in quotes, got \"\"GET / 200 1\""},
           {"h - - [17/May/2015:10:05:03 +0000] \"GET /\" - 1",
            "43: expected a status code and a size, got \" - 1\""},
           {"h - - [17/May/2015:10:05:03 +0000] \"GET /\" 200",
            "43: expected a status code and a size, got \" 200\""},
           {"h - - [17/May/2015:10:05:03 +0000] \"GET /\" 200 12x",
            "48: expected a response size in bytes, of at most 1 TiB, or \"-\", got \"12x\""}}) {
    const std::string message = error(c.line);
    EXPECT_EQ(message.substr(0, message.find('\n')), "a.log:1:" + std::string(c.problem));
  }
}

}  // namespace
}  // namespace cachegauge::testing
