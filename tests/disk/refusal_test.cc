// What lies at the path and is not ours, is damaged, or cannot be written: a clear error, and
// nothing destroyed.
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "harness/core/error.h"
#include "tests/disk/support.h"

namespace cachegauge {
namespace {

class Refusal : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { REQUIRE_ENGINE(GetParam()); }
  bool is_sqlite() const { return GetParam() == std::string("sqlite"); }
  std::string spec() const { return std::string(GetParam()) + ":path=" + path_; }

  // The text of the error; empty if there is none.
  std::string why(ExitCode code) const {
    try {
      start_disk(spec(), shared_server());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    return {};
  }
  void expect_refusal(ExitCode code, const std::string& part) const {
    const std::string text = why(code);
    EXPECT_NE(text.find(path_), std::string::npos) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  // Of a process that ends without stopping the adapter; 0 if `work` returned true.
  static int status_of_child(const std::function<bool()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      bool well = false;
      try {
        well = work() && !HasFailure();
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
      _exit(well ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
  }
  // As a run that was killed leaves it.
  void leave_a_cache() const {
    ASSERT_EQ(status_of_child([this] {
                Rig rig(start_disk(spec()));
                for (int i = 0; i < 200; ++i) rig.set(std::to_string(i), std::string(500, 'v'));
                _exit(0);
                return true;
              }),
              0);
  }
  // Where the engine's data lies.
  std::string data_file() const {
    if (is_sqlite()) return path_;
    if (GetParam() == std::string("lmdb")) return path_ + "/data.mdb";
    return path_ + "/CURRENT";
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path("cache");
};

TEST_P(Refusal, AFolderWithOtherThingsIsLeftAsItIs) {
  std::filesystem::create_directory(path_);
  write_file(path_ + "/precious", "bytes");
  EXPECT_NE(why(is_sqlite() ? ExitCode::kFailed : ExitCode::kUsage), "");
  EXPECT_EQ(read_file(path_ + "/precious"), "bytes");
  EXPECT_EQ(count_files(path_), 1u);
  EXPECT_EQ(count_files(directory_.path("")), 1u);
}

TEST_P(Refusal, AFileOfAnotherProgramIsLeftAsItIs) {
  write_file(path_, "bytes of another program");
  expect_refusal(ExitCode::kUsage, "is not a cache of cachegauge's, and was left as it is");
  EXPECT_EQ(read_file(path_), "bytes of another program");
  EXPECT_EQ(count_files(directory_.path("")), 1u);
}

TEST_P(Refusal, ANewerLayoutIsLeftAsItIs) {
  leave_a_cache();
  std::string bytes = read_file(data_file());
  if (is_sqlite()) {
    constexpr size_t kUserVersionAt = 60;  // big-endian
    bytes[kUserVersionAt + 3] = 2;
    write_file(data_file(), bytes);
    expect_refusal(ExitCode::kUsage, "has layout 2, and this cachegauge knows layout 1");
  } else {
    const std::string layout = std::string(GetParam()) + " 2 lrs";
    write_file(path_ + "/cachegauge-layout", layout + "\n");
    expect_refusal(ExitCode::kUsage, "laid out as \"" + layout + "\"");
  }
  EXPECT_EQ(read_file(data_file()), bytes);
}

TEST_P(Refusal, DamageIsNamedAndKept) {
  leave_a_cache();
  std::string bytes = read_file(data_file());
  const size_t header = is_sqlite() ? 100 : 0;  // without it, it is a file of another program
  for (size_t i = header; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  write_file(data_file(), bytes);
  std::filesystem::remove(path_ + "-wal");
  expect_refusal(ExitCode::kFailed, "is damaged");
  EXPECT_EQ(read_file(data_file()), bytes);
}

TEST_P(Refusal, AFolderWithoutPermissionIsNamed) {
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(chmod(directory_.path("").c_str(), 0555), 0);
  EXPECT_EQ(status_of_child([this] {
              if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setuid(kNobody) != 0)) {
                return false;
              }
              expect_refusal(ExitCode::kFailed, "it takes a folder that is there");
              return true;
            }),
            0);
  EXPECT_EQ(count_files(directory_.path("")), 0u);
  chmod(directory_.path("").c_str(), 0755);
}

// As `ulimit -f` sets it; a full disk answers the same way.
TEST_P(Refusal, ADiskThatIsFullIsCountedAndNothingWrongIsRead) {
  EXPECT_EQ(status_of_child([this] {
              Rig rig(start_disk(spec()));
              const rlimit limit{300'000, 300'000};
              if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
              const std::string value(1000, 'v');
              uint64_t stored = 0, failed = 0;
              for (int i = 0; i < 1000; ++i) {
                const Outcome outcome = rig.set("k" + std::to_string(i), value).outcome;
                EXPECT_TRUE(outcome == Outcome::kStored || outcome == Outcome::kError);
                ++(outcome == Outcome::kStored ? stored : failed);
              }
              uint64_t hits = 0;
              for (int i = 0; i < 1000; ++i) {
                const Answer got = rig.get("k" + std::to_string(i));
                hits += got.outcome == Outcome::kHit;
                EXPECT_EQ(got.value, got.outcome == Outcome::kHit ? value : "");
              }
              EXPECT_GT(stored, 0u);
              EXPECT_GT(failed, 0u);
              EXPECT_EQ(hits, stored);
              const auto warnings = rig.adapter->take_warnings();
              EXPECT_TRUE(any_contains(warnings, "free space on its disk"))
                  << testing::PrintToString(warnings);
              return true;
            }),
            0);
}

TEST(RocksdbRefusal, OneThatIsOpenElsewhereIsNamed) {
  REQUIRE_ENGINE("rocksdb");
  const TemporaryDirectory directory;
  const std::string spec = "rocksdb:path=" + directory.path("cache");
  const auto first = start_disk(spec);
  try {
    start_disk(spec);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is open elsewhere"), std::string::npos)
        << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, Refusal, testing::Values("sqlite", "lmdb", "rocksdb"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace cachegauge
