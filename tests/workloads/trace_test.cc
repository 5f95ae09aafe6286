// What all trace formats have in common.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

TEST(Trace, FilesThatCannotBeReadAreNamed) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.path("none.csv"), &folder), "none.csv: no such file");
  EXPECT_EQ(error_of(folder.write("empty.csv", ""), &folder), "empty.csv: the trace is empty");
  EXPECT_EQ(error_of(folder.write("empty.csv.gz", gzip("")), &folder),
            "empty.csv.gz: the trace is empty");
  EXPECT_EQ(error_of(folder.write("blank.keys", "\n\n"), &folder),
            "blank.keys: the trace is empty: no row of it is a request");
  std::filesystem::create_directory(folder.path("folder"));
  EXPECT_EQ(error_of(folder.path("folder"), &folder),
            "folder: is a directory\nname the trace file in it");
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of(folder.path("pipe"), &folder),
            "pipe: is no regular file\na trace is read several times: write it to a file first");
  EXPECT_EQ(exit_code_of(folder.path("none.csv")), ExitCode::kFailed);
}

TEST(Trace, TheFormatThatIsNamedMustFit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t", std::string("\0\1\2\3", 4));
  EXPECT_EQ(error_of("trace:format=csv,path=" + path, &folder),
            "t: expected text (csv), got binary data");
  EXPECT_EQ(error_of("trace:format=cvs,path=" + path, &folder).substr(0, 52),
            "unknown trace format \"cvs\"; did you mean csv or tis?");
}

TEST(Trace, ParametersAreChecked) {
  const TemporaryFolder folder;
  const std::string keys = folder.write("t.keys", "a\nb\n");
  EXPECT_EQ(error_of("trace:skip-bad-rows=1"), "trace: which file? trace:path=FILE, or FILE alone");
  EXPECT_EQ(error_of("trace:format=keys,sise=3,path=" + keys).substr(0, 52),
            "unknown parameter of trace \"sise\"; did you mean size");
  EXPECT_EQ(error_of("trace:format=keys,size=3,path=" + keys).substr(0, 33),
            "unknown parameter of trace \"size\"")
      << "csv's alone";
  EXPECT_EQ(error_of("trace:value=5,path=" + folder.write("t.csv", "key,size\na,1\n"), &folder),
            "t.csv: carries object sizes, so value=5 would change nothing");
  EXPECT_EQ(exit_code_of("trace:key=2MiB,path=" + keys), ExitCode::kUsage);
}

TEST(Trace, TextKeysHoldUntilTheNextReadAtAnyBatchSize) {
  std::string content = "key,op\n";
  std::vector<std::string> keys;
  for (int i = 0; i < 60'000; ++i) {
    keys.push_back("key-" + std::to_string(i * 7919 % 1'000'003) + std::string(i % 23, 'x'));
    content += keys.back() + ",get\n";
  }
  const TemporaryFolder folder;
  const auto workload = make(folder.write("t.csv", content));
  for (const size_t batch : {1, 7, 256, 10'000}) {
    EXPECT_EQ(keys_of(read_all(*workload, batch)), keys) << "batches of " << batch;
  }
}

// `field` is RssAnon or RssFile: resident memory that is not of files, or is.
size_t resident_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    size_t kib;
    if (word == field + ":" && status >> kib) return kib << 10;
  }
  return 0;
}

// 400 MiB of rows in a file of some 100 KiB.
TEST(Trace, OneLargerThanItsMemoryIsReadInBoundedMemory) {
  std::string rows;
  for (int i = 0; rows.size() < (size_t{1} << 20); ++i) {
    rows += std::to_string(i) + ",key-" + std::to_string(i) + ",512\n";
  }
  std::string content = zstd("time,key,size\n");
  const std::string megabyte = zstd(rows);
  for (int i = 0; i < 400; ++i) content += megabyte;
  const TemporaryFolder folder;
  const auto source = make(folder.write("t.csv.zst", content))->open();
  std::vector<Request> batch(256);
  size_t requests = source->read(batch);
  const size_t before = resident_bytes("RssAnon");
  while (const size_t count = source->read(batch)) requests += count;
  EXPECT_GT(requests, 400u * 40'000);
  EXPECT_LT(resident_bytes("RssAnon"), before + (size_t{16} << 20));
}

// The mapped windows of a file of records are not kept.
TEST(Trace, RecordsThatAreMappedDoNotStayResident) {
  const TemporaryFolder folder;
  const std::string path = folder.path("t.int64be");
  std::ofstream(path).close();
  std::filesystem::resize_file(path, size_t{256} << 20);  // a hole: no disk is taken
  const auto source = make("trace:format=int64be,path=" + path)->open();
  std::vector<Request> batch(4096);
  const size_t before = resident_bytes("RssFile");
  size_t requests = 0;
  while (const size_t count = source->read(batch)) {
    requests += count;
    if (requests % (1 << 20) == 0) {
      ASSERT_LT(resident_bytes("RssFile"), before + (size_t{16} << 20));
    }
  }
  EXPECT_EQ(requests, (size_t{256} << 20) / 8);
}

TEST(Trace, ThreadsMayOpenItAtTheSameTime) {
  const TemporaryFolder folder;
  const auto workload = make(folder.write("t.csv", "key,size\na,1\nb,2\n"));
  std::vector<std::vector<Row>> rows(4);
  std::vector<std::thread> threads;
  threads.reserve(rows.size());
  for (auto& own : rows) threads.emplace_back([&] { own = read_all(*workload); });
  for (auto& thread : threads) thread.join();
  for (const auto& own : rows) EXPECT_EQ(own, rows[0]);
}

}  // namespace
}  // namespace cachegauge::testing
