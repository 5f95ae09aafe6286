// What all trace formats have in common.
#include <gtest/gtest.h>
#include <sys/stat.h>

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
