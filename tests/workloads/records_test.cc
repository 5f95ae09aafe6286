#include <gtest/gtest.h>

#include "tests/workloads/bytes.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

std::string record(uint32_t time_s, uint64_t key, uint32_t size, int64_t next) {
  return little(time_s) + little(key) + little(size) + little(next);
}

const std::string kOracle = record(100, 7, 512, 3) + record(100, UINT64_MAX, 0, -1) +
                            record(102, 7, 512, -1) + record(101, 8, UINT32_MAX, INT64_MAX);

TEST(OracleGeneral, RecordsAreRequests) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.oracleGeneral", kOracle);
  const auto workload = make(path);
  EXPECT_EQ(
      read_all(*workload),
      (std::vector<Row>{
          {.key = "7", .integer = true, .time_ns = 0, .value_size_bytes = 512},
          {.key = "18446744073709551615", .integer = true, .time_ns = 0, .value_size_bytes = 0},
          {.key = "7", .integer = true, .time_ns = 2'000'000'000, .value_size_bytes = 512},
          // The clock ran backwards: the latest time seen.
          {.key = "8",
           .integer = true,
           .time_ns = 2'000'000'000,
           .value_size_bytes = UINT32_MAX}}));
  EXPECT_EQ(workload->traits().requests, 4u);
  const auto source = workload->open();
  std::vector<Request> batch(10);
  while (source->read(batch)) {
  }
  EXPECT_EQ(source->backward_times(), 1u);
  EXPECT_EQ(workload->spec().text(), "trace:path=" + path + ",format=oraclegeneral");
  EXPECT_EQ(make(folder.write("t.oracleGeneral.zst", zstd(kOracle)))->traits().requests,
            std::nullopt);
}

TEST(OracleGeneral, AFileThatIsCutOffIsAnError) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.oracleGeneral", kOracle.substr(0, kOracle.size() - 14));
  EXPECT_EQ(
      error_of(path, &folder),
      "t.oracleGeneral: record 4 at byte 72: expected 24 bytes, got 10: the file is cut off, or "
      "of another format\n"
      "repair the row, or allow some bad ones: skip-bad-rows=N");
  const auto workload = make("trace:skip-bad-rows=1,path=" + path);
  EXPECT_EQ(read_all(*workload).size(), 3u);
}

TEST(OracleGeneral, AWrongNextRequestIsNoOracleGeneral) {
  const TemporaryFolder folder;
  // The next request of key 7 is said to be the second, which is of key 8.
  const std::string path =
      folder.write("t.bin", record(1, 7, 1, 2) + record(1, 8, 1, -1) + record(1, 9, 1, -1));
  EXPECT_NE(error_of(path).find("it could be int32be, int64be"), std::string::npos);
}

TEST(Integers, AreBigEndianAndUnsigned) {
  const TemporaryFolder folder;
  const std::string four =
      folder.write("a", big(uint32_t{1}) + big(UINT32_MAX) + big(uint32_t{256}));
  EXPECT_EQ(read_all("trace:format=int32be,path=" + four),
            (std::vector<Row>{{.key = "1", .integer = true},
                              {.key = "4294967295", .integer = true},
                              {.key = "256", .integer = true}}));
  const std::string eight = folder.write("b", big(uint64_t{1}) + big(UINT64_MAX));
  EXPECT_EQ(keys_of(read_all("trace:format=int64be,path=" + eight)),
            (std::vector<std::string>{"1", "18446744073709551615"}));
}

TEST(Integers, FallbacksHoldForAllRows) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.int32be", big(uint32_t{1}));
  EXPECT_EQ(read_all("trace:value=1KiB,key=16,ttl=1.5s,path=" + path),
            (std::vector<Row>{{.key = "1",
                               .integer = true,
                               .value_size_bytes = 1024,
                               .ttl_ns = 1'500'000'000,
                               .key_size_bytes = 16}}));
}

TEST(Records, ManyBlocksGiveEveryRecordOnceAtAnyBatchSize) {
  std::string content;
  for (uint32_t i = 0; i < 200'001; ++i) content += big(i);
  const TemporaryFolder folder;
  const std::string spec = "trace:format=int32be,path=" + folder.write("t", content);
  for (const size_t batch : {1, 7, 256, 10'000}) {
    const auto rows = read_all(spec, batch);
    ASSERT_EQ(rows.size(), 200'001u);
    for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i].key, std::to_string(i));
  }
}

}  // namespace
}  // namespace cachegauge::testing
