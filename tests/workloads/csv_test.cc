#include <gtest/gtest.h>

#include "tests/support/time_units.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

class Csv : public ::testing::Test {
 protected:
  // The spec of a csv with this content; `params` begin with a comma.
  std::string spec(std::string_view content, std::string_view params = "") {
    return "trace:path=" + folder_.write("t.csv", content) + std::string(params);
  }
  std::vector<Row> rows(std::string_view content, std::string_view params = "") {
    return read_all(spec(content, params));
  }
  std::string error(std::string_view content, std::string_view params = "") {
    return error_of(spec(content, params), &folder_);
  }

  TemporaryFolder folder_;
};

TEST_F(Csv, FindsColumnsByTheUsualNamesInAnyOrder) {
  const std::vector<Row> expected = {{.key = "a",
                                      .op = Op::kSet,
                                      .time_ns = 0,
                                      .value_size_bytes = 7,
                                      .ttl_ns = 60 * kSecond,
                                      .key_size_bytes = 40},
                                     {.key = "5",
                                      .integer = true,
                                      .op = Op::kDelete,
                                      .time_ns = 2 * kSecond,
                                      .value_size_bytes = 0,
                                      .ttl_ns = 0,
                                      .key_size_bytes = 1}};
  EXPECT_EQ(rows("time,key,size,op,ttl,key_size\n10,a,7,set,60,40\n12,5,0,del,0,1\n"), expected);
  EXPECT_EQ(rows("TTL;Operation;x;Obj_Size;key_size;obj_id;Timestamp\n"
                 "60;WRITE;;7;40;a;10\n0;Remove;;0;1;5;12\n"),
            expected);
}

TEST_F(Csv, OpensCloudPhysicsAsGets) {
  const auto workload = make(
      spec("version,time,op,size,lbn\n1,5633898,2a,512,42932745\n1,5633899,28,4096,42932746\n"));
  EXPECT_EQ(
      read_all(*workload),
      (std::vector<Row>{
          {.key = "42932745", .integer = true, .time_ns = 0, .value_size_bytes = 512},
          {.key = "42932746", .integer = true, .time_ns = kSecond, .value_size_bytes = 4096}}));
  EXPECT_FALSE(workload->traits().has_sets);
  EXPECT_TRUE(workload->traits().carries_time);
  EXPECT_TRUE(workload->traits().carries_value_size);
}

TEST_F(Csv, ColumnsByNumberWithoutAHeader) {
  EXPECT_EQ(rows("1,a,7\n2,b,8\n", ",time=1,key=2,size=3"),
            (std::vector<Row>{{.key = "a", .time_ns = 0, .value_size_bytes = 7},
                              {.key = "b", .time_ns = kSecond, .value_size_bytes = 8}}));
  EXPECT_EQ(keys_of(rows("x\ny\n", ",header=no")), (std::vector<std::string>{"x", "y"}));
}

TEST_F(Csv, AHeaderIsFoundByWordsOrByWhereNumbersShouldBe) {
  EXPECT_EQ(keys_of(rows("foo,bar\na,1\n", ",key=1,size=2")), std::vector<std::string>{"a"});
  EXPECT_EQ(keys_of(rows("foo,bar\na,1\n", ",key=foo")), std::vector<std::string>{"a"});
  EXPECT_EQ(keys_of(rows("foo,bar\na,b\n", ",key=1")), (std::vector<std::string>{"foo", "a"}));
  EXPECT_EQ(keys_of(rows("key,size\na,1\n", ",header=no,key=1")),
            (std::vector<std::string>{"key", "a"}));
  EXPECT_EQ(keys_of(rows("\n\nkey,size\na,1\n")), std::vector<std::string>{"a"});
}

TEST_F(Csv, EveryDelimiterIsFound) {
  for (const char* delimiter : {",", "\t", ";", "|", " "}) {
    std::string content = "time key size\n1 a 7\n";
    for (size_t at; (at = content.find(' ')) != std::string::npos && *delimiter != ' ';) {
      content[at] = *delimiter;
    }
    EXPECT_EQ(rows(content), (std::vector<Row>{{.key = "a", .time_ns = 0, .value_size_bytes = 7}}))
        << delimiter;
  }
}

TEST_F(Csv, RunsOfSpacesSeparateOnce) {
  EXPECT_EQ(rows("  1  a   7 \n20 b 8\n", ",delimiter=space,time=1,key=2,size=3"),
            (std::vector<Row>{{.key = "a", .time_ns = 0, .value_size_bytes = 7},
                              {.key = "b", .time_ns = 19 * kSecond, .value_size_bytes = 8}}));
}

TEST_F(Csv, QuotesAndLineEnds) {
  EXPECT_EQ(rows("\"time\",\"key\",\"size\"\r\n\"1\",\"a,b\",\"7\"\r\n2,\"say \"\"hi\"\"\",8\r\n"
                 "\r\n3,x\"y,9"),
            (std::vector<Row>{{.key = "a,b", .time_ns = 0, .value_size_bytes = 7},
                              {.key = "say \"hi\"", .time_ns = kSecond, .value_size_bytes = 8},
                              {.key = "x\"y", .time_ns = 2 * kSecond, .value_size_bytes = 9}}));
  EXPECT_EQ(rows("key,size\n\"12\",1\n")[0].integer, true) << "quotes are no part of a key";
}

TEST_F(Csv, OperationsByTheirUsualWords) {
  std::vector<Op> ops;
  for (const Row& row : rows("key,op\na,get\na,GETS\na,Read\na,set\na,write\na,put\na,update\n"
                             "a,REPLACE\na,add\na,del\na,delete\na,remove\na,cas\na,append\n"
                             "a,prepend\na,incr\na,decr\na,GET_LEASE\na,set_lease\n")) {
    ops.push_back(row.op);
  }
  using enum Op;
  EXPECT_EQ(ops, (std::vector<Op>{kGet, kGet, kGet, kSet, kSet, kSet, kSet, kSet, kAdd, kDelete,
                                  kDelete, kDelete, kSet, kSet, kSet, kSet, kSet, kGet, kSet}));
}

TEST_F(Csv, SetsAreFoundFarDownTheFile) {
  std::string content = "key,op\n";
  for (int i = 0; i < 60'000; ++i) content += "a,get\n";
  EXPECT_FALSE(make(spec(content))->traits().has_sets);
  EXPECT_FALSE(make(spec(content + "a,delete\n"))->traits().has_sets);
  EXPECT_TRUE(make(spec(content + "a,set\n"))->traits().has_sets);
  EXPECT_TRUE(make(spec(content + "a,add\n"))->traits().has_sets);
  EXPECT_FALSE(make(spec(content + "a,set\n", ",op=none"))->traits().has_sets);
}

TEST_F(Csv, TimesHaveUnitsAndFractionsAndNeverRunBackwards) {
  const auto times = [&](std::string_view column, std::string_view params) {
    std::vector<int64_t> out;
    for (const Row& row : rows("key,time\n" + std::string(column), params)) {
      out.push_back(row.time_ns);
    }
    return out;
  };
  using Times = std::vector<int64_t>;
  EXPECT_EQ(times("a,1.5\na,2\na,2.000000001\na,2.0000000019\n", ""),
            (Times{0, kSecond / 2, kSecond / 2 + 1, kSecond / 2 + 1}));
  EXPECT_EQ(times("a,1000\na,1001.5\n", ",time-unit=ms"), (Times{0, 1'500'000}));
  EXPECT_EQ(times("a,1000\na,1002\n", ",time-unit=us"), (Times{0, 2'000}));
  EXPECT_EQ(times("a,1700000000000000000\na,1700000000000000007\n", ",time-unit=ns"),
            (Times{0, 7}));
  EXPECT_EQ(times("a,10\na,12\na,11\na,13\na,5\n", ""),
            (Times{0, 2 * kSecond, 2 * kSecond, 3 * kSecond, 3 * kSecond}));
}

TEST_F(Csv, ValuesForAllRowsInPlaceOfColumns) {
  EXPECT_EQ(
      rows("key\na\n", ",value=64KiB,ttl=60s,key_size=40B,format=csv"),
      (std::vector<Row>{
          {.key = "a", .value_size_bytes = 65536, .ttl_ns = 60 * kSecond, .key_size_bytes = 40}}));
  EXPECT_EQ(rows("key,expires\na,3\n", ",ttl=expires,ttl-unit=ms")[0].ttl_ns, 3'000'000);
}

TEST_F(Csv, TheSpecIsResolved) {
  const auto workload = make(spec("ts,obj_id,size\n1,a,7\n"));
  EXPECT_EQ(workload->spec().text(),
            "trace:path=" + folder_.path("t.csv") +
                ",format=csv,delimiter=comma,header=yes,time=1,key=2,size=3");
  EXPECT_EQ(read_all(workload->spec().text()), read_all(*workload));
}

TEST_F(Csv, BadFieldsAreShownWhereTheyStand) {
  EXPECT_EQ(error("time,key,size\n1700000011,key-80,1\n1700000012,key-81,1k\n"),
            "t.csv:3:19: expected an object size in bytes, got \"1k\"\n"
            "  1700000012,key-81,1k\n"
            "                    ^\n" +
                kRemedy);
  struct Case {
    const char* row;
    const char* problem;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"x,a,1,get,0,0", "1: expected a time, a number that is not negative, got \"x\""},
           {"-1,a,1,get,0,0", "1: expected a time, a number that is not negative, got \"-1\""},
           {"1.,a,1,get,0,0", "1: expected a time, a number that is not negative, got \"1.\""},
           {"9999999999,a,1,get,0,0",
            "1: expected a time, a number that is not negative, got \"9999999999\""},
           {"1,,1,get,0,0", "3: expected a key, got an empty field"},
           {"1,\"\",1,get,0,0", "4: expected a key, got an empty field"},
           {"1,a,,get,0,0", "5: expected an object size in bytes, got an empty field"},
           {"1,a,-5,get,0,0", "5: expected an object size in bytes, got \"-5\""},
           {"1,a,99999999999999999999,get,0,0",
            "5: expected an object size in bytes, got \"99999999999999999999\""},
           {"1,a,1099511627777,get,0,0",
            "5: expected an object size of at most 1 TiB, got \"1099511627777\""},
           {"1,a,1,flush,0,0",
            "7: expected an operation (get, set, add, delete; op=none ignores them), got "
            "\"flush\""},
           {"1,a,1,get,soon,0", "11: expected a TTL, a number that is not negative, got \"soon\""},
           {"1,a,1,get,0,1e9", "13: expected a key size in bytes, got \"1e9\""},
           {"1,a,1,get", "10: expected at least 6 columns, got 4"},
           {"1,\"a,1,get,0,0", "3: the quote is not closed on this line"},
           {"1,\"a\"b,1,get,0,0", "6: expected a delimiter after the closing quote"}}) {
    const std::string message =
        error("time,key,size,op,ttl,key_size\n1,a,1,get,0,0\n" + std::string(c.row) + "\n");
    EXPECT_EQ(message.substr(0, message.find('\n')), "t.csv:3:" + std::string(c.problem));
  }
}

TEST_F(Csv, ACountRepeatsARow) {
  const std::string content = "key,n,size\na,3,1\nb,0,2\nc,\"2\",3\n7,1,4\n";
  EXPECT_EQ(keys_of(rows(content, ",count=n")),
            (std::vector<std::string>{"a", "a", "a", "c", "c", "7"}));
  EXPECT_EQ(keys_of(rows(content)), (std::vector<std::string>{"a", "b", "c", "7"}));
  EXPECT_EQ(error("key,n\na,4294967296\n", ",count=n"),
            "t.csv:2:3: expected a count of requests from 0 to 4,294,967,295, got \"4294967296\"\n"
            "  a,4294967296\n"
            "    ^\n"
            "repair the row, or allow some bad ones: skip-bad-rows=N");
}

TEST_F(Csv, ScsiTracesKnowReadsAndWritesAlone) {
  EXPECT_EQ(error("op,lbn\n28,1\n2a,2\n" +
                  [] {
                    std::string many;
                    for (int i = 0; i < 100; ++i) many += "28,1\n";
                    return many;
                  }() +
                  "35,3\n"),
            "t.csv:104:1: expected a SCSI read or write code in hex, such as 28 or 2a, got \"35\"\n"
            "  35,3\n"
            "  ^\n"
            "repair the row, or allow some bad ones: skip-bad-rows=N");
}

TEST_F(Csv, RowsWhoseTimesRunBackwardsAreCounted) {
  const auto workload = make(spec("time,key\n1,a\n5,b\n3,c\n4,d\n5,e\n"));
  const auto source = workload->open();
  std::vector<Request> batch(10);
  while (source->read(batch)) {
  }
  EXPECT_EQ(source->backward_times(), 2u);
}

TEST_F(Csv, BadRowsMayBeSkippedUpToANumber) {
  const std::string content = "key,size\na,1\nb,x\nc,3\nd\n\"e,5\nf,6\n";
  const auto workload = make(spec(content, ",skip-bad-rows=3"));
  EXPECT_EQ(keys_of(read_all(*workload)), (std::vector<std::string>{"a", "c", "f"}));
  const auto source = workload->open();
  std::vector<Request> batch(10);
  while (source->read(batch)) {
  }
  EXPECT_EQ(source->skipped_rows(), 3u);
  EXPECT_EQ(error(content, ",skip-bad-rows=2"),
            "t.csv:6:1: the quote is not closed on this line\n"
            "  \"e,5\n"
            "  ^\n"
            "this is one more than skip-bad-rows=2 allows");
}

TEST_F(Csv, AMissingKeyColumnIsAskedFor) {
  EXPECT_EQ(error("1 0 68\n2 1 7454\n", ",format=csv"),
            "t.csv: which of its 3 columns is the key? The first line is \"1 0 68\"\n"
            "say so by number, from 1, e.g. trace:path=t.csv,key=2");
  EXPECT_EQ(error("time,url\n1,a\n"),
            "t.csv: which of its 2 columns is the key? The first line is \"time,url\"\n"
            "say so by name or number, e.g. trace:path=t.csv,key=NAME");
}

TEST_F(Csv, ColumnsThatAreNotThereAreErrors) {
  EXPECT_EQ(error("time,key,size\n1,a,7\n", ",key=kay"),
            "unknown column of t.csv \"kay\"; did you mean key? Valid: time, key, size");
  EXPECT_EQ(
      error("time,key,size\n1,a,7\n", ",key=4"),
      "trace:key=4: t.csv has 3 columns, numbered from 1 (delimiter comma); its first line is "
      "\"time,key,size\"");
  EXPECT_EQ(
      error("1,a,7\n", ",key=name"),
      "trace:key=name: t.csv has no header, so columns go by number, from 1; its first line is "
      "\"1,a,7\"");
  EXPECT_EQ(error("1,a,7\n", ",key=2,size=2"), "t.csv: column 2 is given as both key= and size=");
  EXPECT_EQ(exit_code_of(spec("1,a,7\n", ",key=0")), ExitCode::kUsage);
}

TEST_F(Csv, AHeaderAloneIsAnEmptyTrace) {
  EXPECT_EQ(error("time,key,size\n"), "t.csv: the trace is empty: no row of it is a request");
}

}  // namespace
}  // namespace cachegauge::testing
