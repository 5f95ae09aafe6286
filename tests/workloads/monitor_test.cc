#include <gtest/gtest.h>

#include "tests/support/time_units.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

class Monitor : public ::testing::Test {
 protected:
  std::string spec(std::string_view content, std::string_view params = "") {
    return "trace:format=monitor,path=" + folder_.write("t", content) + std::string(params);
  }
  // Of one command, in quotes.
  std::vector<Row> rows(const std::string& command) {
    return read_all(spec("1.5 [0 127.0.0.1:6] " + command + "\n"));
  }
  std::string error(std::string_view content) { return error_of(spec(content), &folder_); }

  TemporaryFolder folder_;
};

TEST_F(Monitor, CommandsAreRequests) {
  const auto workload = make(
      spec("OK\n"
           "1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"\n"
           "1339518083.107412 [0 127.0.0.1:60866] \"GET\" \"user:1\"\n"
           "1339518084.107412 [3 unix:/tmp/r.sock] \"set\" \"user:1\" \"four\" \"EX\" \"60\"\r\n"
           "\n"
           "1339518084.607412 [0 lua] \"incr\" \"77\"\n"));
  EXPECT_EQ(read_all(*workload),
            (std::vector<Row>{
                {.key = "user:1", .time_ns = 0},
                {.key = "user:1",
                 .op = Op::kSet,
                 .time_ns = kSecond,
                 .value_size_bytes = 4,
                 .ttl_ns = 60 * kSecond},
                {.key = "77", .integer = true, .op = Op::kSet, .time_ns = kSecond + kSecond / 2}}));
  EXPECT_TRUE(workload->traits().has_sets);
  EXPECT_TRUE(workload->traits().carries_time);
}

TEST_F(Monitor, OperationsSizesAndTtls) {
  struct Case {
    const char* command;
    Op op;
    uint64_t size;
    int64_t ttl_ns;
  };
  using enum Op;
  for (const Case& c : std::initializer_list<Case>{
           {R"("getex" "k" "EX" "5")", kGet, 100, 5 * kSecond},
           {R"("hget" "k" "field")", kGet, 100, 0},
           {R"("lrange" "k" "0" "-1")", kGet, 100, 0},
           {R"("set" "k" "abc")", kSet, 3, 0},
           {R"("set" "k" "abc" "NX" "PX" "1500")", kAdd, 3, kSecond + kSecond / 2},
           {R"("set" "k" "abc" "EXAT" "4" "GET")", kSet, 3, 2 * kSecond + kSecond / 2},
           {R"("set" "k" "abc" "pxat" "1400")", kSet, 3, 1},
           {R"("set" "k" "ex")", kSet, 2, 0},
           {R"("setex" "k" "9" "abcd")", kSet, 4, 9 * kSecond},
           {R"("psetex" "k" "9" "abcd")", kSet, 4, 9'000'000},
           {R"("setnx" "k" "")", kAdd, 0, 0},
           {R"("getset" "k" "a\x00\n\"\\")", kSet, 5, 0},
           {R"("hset" "k" "f1" "v1" "f2" "v22")", kSet, 9, 0},
           {R"("getdel" "k")", kDelete, 100, 0},
           {R"("unlink" "k")", kDelete, 100, 0}}) {
    EXPECT_EQ(rows(c.command), (std::vector<Row>{{.key = "k",
                                                  .op = c.op,
                                                  .time_ns = 0,
                                                  .value_size_bytes = c.size,
                                                  .ttl_ns = c.ttl_ns}}))
        << c.command;
  }
}

TEST_F(Monitor, EachKeyOfACommandIsARequest) {
  EXPECT_EQ(keys_of(rows(R"("mget" "a" "7" "c")")), (std::vector<std::string>{"a", "7", "c"}));
  EXPECT_EQ(rows(R"("mset" "a" "1" "12" "22" "c" "333")"),
            (std::vector<Row>{
                {.key = "a", .op = Op::kSet, .time_ns = 0, .value_size_bytes = 1},
                {.key = "12", .integer = true, .op = Op::kSet, .time_ns = 0, .value_size_bytes = 2},
                {.key = "c", .op = Op::kSet, .time_ns = 0, .value_size_bytes = 3}}));
  EXPECT_EQ(rows(R"("del" "a" "b")")[1], (Row{.key = "b", .op = Op::kDelete, .time_ns = 0}));
}

TEST_F(Monitor, KeysAreWithoutEscapes) {
  EXPECT_EQ(keys_of(rows(R"("mget" "a\"b" "\x00\xfF" "\\\n\r\t\a\b" "\x31\x32")")),
            (std::vector<std::string>{"a\"b", std::string("\0\xff", 2), "\\\n\r\t\a\b", "12"}));
  EXPECT_TRUE(rows(R"("get" "\x31\x32")")[0].integer);
}

TEST_F(Monitor, ManyKeysHoldUntilTheNextReadAtAnyBatchSize) {
  std::string content;
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i) {
    content += "1.5 [0 127.0.0.1:6] \"mget\"";
    for (int k = 0; k <= i % 4; ++k) {
      keys.push_back("key\n" + std::to_string(i * 10 + k));
      content += " \"key\\n" + std::to_string(i * 10 + k) + "\"";
    }
    content += "\n";
  }
  const auto workload = make(spec(content));
  for (const size_t batch : {1, 3, 256, 10'000}) {
    EXPECT_EQ(keys_of(read_all(*workload, batch)), keys) << "batches of " << batch;
  }
}

TEST_F(Monitor, GetsHaveTheSizeThatIsAskedFor) {
  EXPECT_EQ(read_all(spec("1 [0 a] \"get\" \"k\"\n1 [0 a] \"set\" \"k\" \"v\"\n", ",value=1KiB")),
            (std::vector<Row>{{.key = "k", .time_ns = 0, .value_size_bytes = 1024},
                              {.key = "k", .op = Op::kSet, .time_ns = 0, .value_size_bytes = 1}}));
}

TEST_F(Monitor, BadLinesAreShown) {
  EXPECT_EQ(error("1.5 [0 127.0.0.1:6] \"get\" \"k\n"),
            "t:1:29: expected an argument in quotes, with \\xHH for bytes that do not print, got "
            "the end of the line\n"
            "  1.5 [0 127.0.0.1:6] \"get\" \"k\n"
            "                              ^\n"
            "repair the row, or allow some bad ones: skip-bad-rows=N");
  struct Case {
    const char* line;
    const char* problem;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"x", "1: expected a time in seconds, got \"x\""},
           {"-1 [0 a] \"get\" \"k\"",
            "1: expected a time in seconds, got \"-1 [0 a] \"get\" \"k\"\""},
           {"99999999999999999999 [0 a] \"get\" \"k\"",
            "1: expected a time in seconds, got \"99999999999999999999 [0 a] \"get\" \"k\"\""},
           {"1.5", "4: expected \" [database client] \", got the end of the line"},
           {"1.5 [0 a]",
            "4: expected \" [database client] \" and a command in quotes, got \" [0 a]\""},
           {"1.5 [0 a] \"get\" k",
            "17: expected an argument in quotes, with \\xHH for bytes that do not print, got "
            "\"k\""},
           {"1.5 [0 a] \"get\" \"\\q\"",
            "18: expected an argument in quotes, with \\xHH for bytes that do not print, got "
            "\"\\q\"\""},
           {"1.5 [0 a] \"get\" \"\\x0g\"",
            "18: expected an argument in quotes, with \\xHH for bytes that do not print, got "
            "\"\\x0g\"\""},
           {"1.5 [0 a] \"get\"",
            "16: expected more arguments of this command, got the end of the line"},
           {"1.5 [0 a] \"mset\" \"k\" \"v\" \"k\"",
            "29: expected more arguments of this command, got the end of the line"},
           {"1.5 [0 a] \"mget\" \"k\" \"\"", "23: expected a key, got \"\"\""},
           {"1.5 [0 a] \"set\" \"k\" \"v\" \"EX\"", "29: expected a TTL, got the end of the line"},
           {"1.5 [0 a] \"set\" \"k\" \"v\" \"EX\" \"-1\"",
            "31: expected a TTL, a number that is not negative, got \"-1\"\""}}) {
    const std::string message = error(c.line);
    EXPECT_EQ(message.substr(0, message.find('\n')), "t:1:" + std::string(c.problem));
  }
}

}  // namespace
}  // namespace cachegauge::testing
