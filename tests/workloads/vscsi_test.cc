#include <gtest/gtest.h>

#include "tests/workloads/bytes.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

std::string one(uint32_t size, uint16_t command, uint64_t block, uint64_t time_us) {
  return little(uint32_t{9}) + little(size) + little(uint32_t{1}) + little(command) +
         little(uint16_t{0x100}) + little(block) + little(time_us);
}

std::string two(uint32_t size, uint16_t command, uint64_t block, uint64_t time_us) {
  return little(command) + little(uint16_t{0x200}) + little(uint32_t{9}) + little(size) +
         little(uint32_t{1}) + little(block) + little(time_us) + little(uint64_t{250});
}

const std::vector<Row> kRows = {
    {.key = "42", .integer = true, .time_ns = 0, .value_size_bytes = 512},
    {.key = "18446744073709551615",
     .integer = true,
     .time_ns = 1'500'000,
     .value_size_bytes = UINT32_MAX}};

TEST(Vscsi, BothVersionsAreFoundByContent) {
  const TemporaryFolder folder;
  const std::string first = one(512, 0x2a, 42, 1'000) + one(UINT32_MAX, 0x88, UINT64_MAX, 2'500);
  const std::string second = two(512, 0x2a, 42, 1'000) + two(UINT32_MAX, 0x88, UINT64_MAX, 2'500);
  for (const std::string& content : {first, second}) {
    const auto workload = make(folder.write("t", content));
    EXPECT_EQ(workload->traits().format, "vscsi");
    EXPECT_EQ(workload->traits().requests, 2u);
    EXPECT_EQ(read_all(*workload), kRows);
    EXPECT_EQ(read_all(folder.write("t.gz", gzip(content))), kRows);
  }
}

TEST(Vscsi, RecordsThatAreNoneAreShown) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& content) {
    return error_of("trace:format=vscsi,path=" + folder.write("t", content), &folder);
  };
  const std::string remedy = "\nrepair the row, or allow some bad ones: skip-bad-rows=N";
  const std::string good = one(1, 0x28, 1, 1);
  EXPECT_EQ(error(good + one(1, 0x35, 1, 1)),
            "t: record 2 at byte 32: expected a SCSI read or write command, such as 28 or 2a, got "
            "35" +
                remedy);
  EXPECT_EQ(error(good + two(1, 0x28, 1, 1).substr(0, 32)),
            "t: record 2 at byte 32: expected version 1, got 0" + remedy);
  EXPECT_EQ(error(good + one(1, 0x28, 1, UINT64_MAX)),
            "t: record 2 at byte 32: expected a time in us that fits in 63 bits of ns, got "
            "18446744073709551615" +
                remedy);
  EXPECT_EQ(error(good + good.substr(0, 9)),
            "t: record 2 at byte 32: expected 32 bytes, got 9: the file is cut off, or of another "
            "format" +
                remedy);
  EXPECT_EQ(error(std::string(64, '\xff')),
            "t: record 1 at byte 0: expected version 1, got 255" + remedy);
  EXPECT_EQ(error(""), "t: the trace is empty");
}

TEST(Vscsi, BadRecordsMayBePassedOver) {
  const TemporaryFolder folder;
  const std::string good = one(1, 0x28, 7, 1), bad = one(1, 0x35, 8, 1);
  const std::string path = folder.write("t", good + bad + good + bad + bad + good);
  for (const size_t batch : {1, 2, 256}) {
    EXPECT_EQ(keys_of(read_all("trace:format=vscsi,skip-bad-rows=3,path=" + path, batch)),
              (std::vector<std::string>{"7", "7", "7"}));
  }
  EXPECT_EQ(error_of("trace:format=vscsi,skip-bad-rows=2,path=" + path, &folder),
            "t: record 5 at byte 128: expected a SCSI read or write command, such as 28 or 2a, got "
            "35\nthis is one more than skip-bad-rows=2 allows");
}

}  // namespace
}  // namespace cachegauge::testing
