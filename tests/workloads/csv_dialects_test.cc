#include <gtest/gtest.h>

#include "tests/support/time_units.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

class CsvDialects : public ::testing::Test {
 protected:
  std::vector<Row> rows(std::string_view format, std::string_view content) {
    return read_all(spec(format, content));
  }
  std::string error(std::string_view format, std::string_view content) {
    return error_of(spec(format, content), &folder_);
  }
  std::string spec(std::string_view format, std::string_view content) {
    return "trace:format=" + std::string(format) + ",path=" + folder_.write("t.csv", content);
  }

  TemporaryFolder folder_;
};

TEST_F(CsvDialects, TwitterHasAllItsColumns) {
  const auto workload = make(
      spec("twitter", "5,nz:u:eeW5,23,106,3,get,0\n6,q:1,17,0,7,gets,0\n7,44,17,9,7,set,60\r\n"));
  EXPECT_EQ(read_all(*workload),
            (std::vector<Row>{
                {.key = "nz:u:eeW5", .time_ns = 0, .value_size_bytes = 106, .key_size_bytes = 23},
                {.key = "q:1", .time_ns = kSecond, .value_size_bytes = 0, .key_size_bytes = 17},
                {.key = "44",
                 .integer = true,
                 .op = Op::kSet,
                 .time_ns = 2 * kSecond,
                 .value_size_bytes = 9,
                 .ttl_ns = 60 * kSecond,
                 .key_size_bytes = 17}}));
  EXPECT_TRUE(workload->traits().has_sets);
  EXPECT_TRUE(workload->traits().carries_time);
  EXPECT_EQ(workload->traits().format, "twitter");
}

TEST_F(CsvDialects, TwitterOperationsAreFour) {
  std::string content;
  for (const char* op : {"get", "gets", "set", "add", "replace", "cas", "append", "prepend",
                         "delete", "incr", "decr"}) {
    content += "1,k,1,1,1," + std::string(op) + ",0\n";
  }
  std::vector<Op> ops;
  for (const Row& row : rows("twitter", content)) ops.push_back(row.op);
  using enum Op;
  EXPECT_EQ(ops,
            (std::vector<Op>{kGet, kGet, kSet, kAdd, kSet, kSet, kSet, kSet, kDelete, kSet, kSet}));
}

TEST_F(CsvDialects, BadTwitterRowsAreShown) {
  EXPECT_EQ(error("twitter", "5,a,1,1,1,get,0\n6,b,1,1\n"),
            "t.csv:2:8: expected at least 7 columns, got 4\n"
            "  6,b,1,1\n"
            "         ^\n" +
                kRemedy);
  EXPECT_EQ(error("twitter", "5,a,1,1,1,get,0\n6,b,1,-1,1,get,0\n"),
            "t.csv:2:7: expected an object size in bytes, got \"-1\"\n"
            "  6,b,1,-1,1,get,0\n"
            "        ^\n" +
                kRemedy);
  EXPECT_EQ(error("twitter", "99999999999999999999,a,1,1,1,get,0\n"),
            "t.csv:1:1: expected a time, a number that is not negative, got "
            "\"99999999999999999999\"\n"
            "  99999999999999999999,a,1,1,1,g...\n"
            "  ^\n" +
                kRemedy);
  EXPECT_EQ(error("twitter", "5,a,1\n"),
            "trace:size=4: t.csv has 3 columns, numbered from 1 (delimiter comma); its first line "
            "is \"5,a,1\"");
  EXPECT_EQ(error("twitter", std::string("\0\1\2", 3)),
            "t.csv: expected text (twitter), got binary data");
}

TEST_F(CsvDialects, MetaKvGoesByItsHeader) {
  const auto workload =
      make(spec("meta-kv",
                "key,op,size,op_count,key_size\n77,GET_LEASE,8,2,40\nb,SET_LEASE,9,1,3\n"
                "c,DELETE,0,1,5\nd,GET,1,0,5\n"));
  const Row get{.key = "77", .integer = true, .value_size_bytes = 8, .key_size_bytes = 40};
  EXPECT_EQ(read_all(*workload),
            (std::vector<Row>{
                get,
                get,
                {.key = "b", .op = Op::kSet, .value_size_bytes = 9, .key_size_bytes = 3},
                {.key = "c", .op = Op::kDelete, .value_size_bytes = 0, .key_size_bytes = 5}}));
  EXPECT_TRUE(workload->traits().has_sets);
  EXPECT_FALSE(workload->traits().carries_time);
  EXPECT_EQ(rows("meta-kv", "op_time,ttl,size,op,op_count,key,key_size\n3,9,1,GET,1,a,2\n"),
            (std::vector<Row>{{.key = "a",
                               .time_ns = 0,
                               .value_size_bytes = 1,
                               .ttl_ns = 9 * kSecond,
                               .key_size_bytes = 2}}));
}

TEST_F(CsvDialects, MetaKvRunsHoldTheirKeyAtAnyBatchSize) {
  std::string content = "key,op,size,op_count,key_size\n";
  std::vector<std::string> keys;
  for (int i = 0; i < 40'000; ++i) {
    const std::string key = "key-" + std::to_string(i) + std::string(i % 19, 'x');
    content += key + ",GET,1," + std::to_string(i % 5) + ",9\n";
    keys.insert(keys.end(), i % 5, key);
  }
  const auto workload = make(spec("meta-kv", content));
  for (const size_t batch : {1, 3, 256, 10'000}) {
    EXPECT_EQ(keys_of(read_all(*workload, batch)), keys) << "batches of " << batch;
  }
}

TEST_F(CsvDialects, ARowThatRepeatsFourBillionTimesIsReadAsItIsAskedFor) {
  const auto workload =
      make(spec("meta-kv", "key,op,size,op_count,key_size\na,GET,1,4294967295,9\nb,GET,1,1,9\n"));
  const auto source = workload->open();
  std::vector<Request> batch(1000);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(source->read(batch), batch.size());
    ASSERT_EQ(batch.back().text_key, "a");
  }
}

TEST_F(CsvDialects, BadMetaKvRowsAreShown) {
  EXPECT_EQ(error("meta-kv", "key,op,size,op_count,key_size\na,GET,1,4294967296,9\n"),
            "t.csv:2:9: expected a count of requests from 0 to 4,294,967,295, got \"4294967296\"\n"
            "  a,GET,1,4294967296,9\n"
            "          ^\n" +
                kRemedy);
  EXPECT_EQ(error("meta-kv", "key,op,size,op_count,key_size\na,LOOK,1,1,9\n"),
            "t.csv:2:3: expected an operation (get, set, add, delete; op=none ignores them), got "
            "\"LOOK\"\n"
            "  a,LOOK,1,1,9\n"
            "    ^\n" +
                kRemedy);
  EXPECT_EQ(error("meta-kv", "key,op,size\na,GET,1\n"),
            "unknown column of t.csv \"key_size\". Valid: key, op, size");
}

TEST_F(CsvDialects, MetaBlockRowsAreGetsOfTheirBlock) {
  const auto workload = make(
      spec("meta-block",
           "op_time,block_id,block_id_size,io_size,io_offset,op_name,op_count\n"
           "10,12ce-9e05,40,8388608,0,putChunk,3\n11,12ce-9e05,40,947,93225,getChunkData,1\n"));
  EXPECT_EQ(
      read_all(*workload),
      (std::vector<Row>{
          {.key = "12ce-9e05", .time_ns = 0, .value_size_bytes = 8388608, .key_size_bytes = 40},
          {.key = "12ce-9e05",
           .time_ns = kSecond,
           .value_size_bytes = 947,
           .key_size_bytes = 40}}));
  EXPECT_FALSE(workload->traits().has_sets);
  EXPECT_EQ(error("meta-block", "op_time,block_id,block_id_size,io_size\n1,a,4,x\n"),
            "t.csv:2:7: expected an object size in bytes, got \"x\"\n"
            "  1,a,4,x\n"
            "        ^\n" +
                kRemedy);
}

TEST_F(CsvDialects, TisIsTimeKeyAndSize) {
  EXPECT_EQ(rows("tis", "10 7 100\n\n  12  8   0\r\n12.5 x 3"),
            (std::vector<Row>{
                {.key = "7", .integer = true, .time_ns = 0, .value_size_bytes = 100},
                {.key = "8", .integer = true, .time_ns = 2 * kSecond, .value_size_bytes = 0},
                {.key = "x", .time_ns = 2 * kSecond + kSecond / 2, .value_size_bytes = 3}}));
  EXPECT_EQ(error("tis", "1 2 3\n2 3\n"),
            "t.csv:2:4: expected at least 3 columns, got 2\n"
            "  2 3\n"
            "     ^\n" +
                kRemedy);
  EXPECT_EQ(error("tis", "1 2 3\n-2 3 4\n"),
            "t.csv:2:1: expected a time, a number that is not negative, got \"-2\"\n"
            "  -2 3 4\n"
            "  ^\n" +
                kRemedy);
}

TEST_F(CsvDialects, AnEmptyTraceIsAnError) {
  for (const char* format : {"twitter", "meta-kv", "meta-block", "tis", "arc", "monitor"}) {
    EXPECT_EQ(error(format, ""), "t.csv: the trace is empty");
  }
  EXPECT_EQ(error("meta-kv", "key,op,size,op_count,key_size\n"),
            "t.csv: the trace is empty: no row of it is a request");
}

}  // namespace
}  // namespace cachegauge::testing
