#include "workloads/detect_format.h"

#include <gtest/gtest.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

// The format found, or the error.
std::string detect(std::string_view name, std::string_view content) {
  const TemporaryFolder folder;
  const std::string path = folder.write(name, content);
  try {
    return std::string(detect_format(read_trace_sample(path)).name);
  } catch (const Error& error) {
    std::string message = error.what();
    for (size_t at; (at = message.find(folder.path(""))) != std::string::npos;) {
      message.erase(at, folder.path("").size());
    }
    return message;
  }
}

const std::string kLog = "h - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 1\n";

TEST(DetectFormat, ByContentWhateverTheName) {
  EXPECT_EQ(detect("t", "time,key,size\n1,a,7\n"), "csv");
  EXPECT_EQ(detect("t", "version,time,op,size,lbn\n1,1,2a,512,4\n"), "csv");
  EXPECT_EQ(detect("t", kLog + kLog), "accesslog");
  EXPECT_EQ(detect("access.csv", kLog + kLog), "accesslog");
  EXPECT_EQ(detect("t", "1\n2\n*\n3\n"), "lirs");
  EXPECT_EQ(detect("t", "1\n2\n3"), "lirs");
  EXPECT_EQ(detect("t", "user:1\nuser:2\n"), "keys");
  EXPECT_EQ(detect("t", "\xef\xbb\xbfkey,size\na,1\n"), "csv");
  EXPECT_EQ(detect("t", "0,nz:u:eeW5,23,106,3,get,0\n0,q:1,17,0,7,incr,60\n"), "twitter");
  EXPECT_EQ(detect("t.csv", "key,op,size,op_count,key_size\n1,GET,2,1,7\n"), "meta-kv");
  EXPECT_EQ(detect("t.csv", "op_time,block_id,block_id_size,io_size\n1,a,2,3\n"), "meta-block");
  EXPECT_EQ(detect("t", "109 26 1\n139 3 2\n"), "tis");
  EXPECT_EQ(detect("t", "1 2 0 0\n5 1 0 2\n"), "arc");
  EXPECT_EQ(detect("t", "OK\n1339518083.107412 [0 127.0.0.1:60866] \"get\" \"k\"\n"), "monitor");
}

TEST(DetectFormat, ByNameWhereContentAllowsIt) {
  EXPECT_EQ(detect("T.CSV.ZST", "1,a,7\n2,b,8\n"), "csv");
  EXPECT_EQ(detect("t.tsv", "1\ta\t7\n"), "csv");
  EXPECT_EQ(detect("t.csv", "key\na\n"), "csv");
  EXPECT_EQ(detect("t.keys.gz", "key\na\n"), "keys");
  EXPECT_EQ(detect("t.keys", "a b\nc d\n"), "keys");
  EXPECT_EQ(detect("t.log", "not a log line\n" + kLog + "nor this\n"), "accesslog");
  EXPECT_EQ(detect("t.int64be.xz", std::string(8, '\0')), "int64be");
  EXPECT_EQ(detect("t.int32be", std::string(8, '\0')), "int32be");
}

TEST(DetectFormat, WhatCouldBeSeveralIsAnErrorThatListsThem) {
  EXPECT_EQ(detect("t.txt", "139 26 1\n109 3 2\n"),
            "t.txt: neither its name nor its content says which format it is; it could be csv, "
            "tis, keys; "
            "it begins with \"139 26 1\"\n"
            "name the format: trace:path=t.txt,format=csv");
  EXPECT_EQ(
      detect("t.trace", std::string("\0\0\0\1\0\0\0\2", 8)),
      "t.trace: neither its name nor its content says which format it is; it could be int32be, "
      "int64be; it begins with \"\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02\"\n"
      "name the format: trace:path=t.trace,format=int32be");
  EXPECT_EQ(
      detect("t.trace", std::string("\0\0\0\1\0\0\0\2\0\0\0\3", 12)),
      "t.trace: neither its name nor its content says which format it is; it could be int32be; "
      "it begins with \"\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x03\"\n"
      "name the format: trace:path=t.trace,format=int32be");
  EXPECT_NE(detect("t", "key\na\n").find("it could be csv, keys"), std::string::npos);
}

TEST(DetectFormat, AContentOfNoFormatIsAnError) {
  EXPECT_EQ(
      detect("t.csv", std::string("\1\2\3", 3)),
      "t.csv: is in none of the formats that are read here; it begins with \"\\x01\\x02\\x03\"\n"
      "name the format if it is one of `cachegauge list formats`: "
      "trace:path=t.csv,format=NAME");
}

}  // namespace
}  // namespace cachegauge::testing
