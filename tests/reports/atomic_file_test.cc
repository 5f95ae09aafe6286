#include "reports/atomic_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    std::string pattern = (fs::temp_directory_path() / "cachegauge-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~AtomicFile() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string read(const std::string& name) const {
    std::ifstream in(path(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  std::string folder_;
};

TEST_F(AtomicFile, WritesAndReplaces) {
  write_atomically(path("r.json"), "first");
  EXPECT_EQ(read("r.json"), "first");
  write_atomically(path("r.json"), "second");
  EXPECT_EQ(read("r.json"), "second");
  write_atomically(path("r.json"), "");
  EXPECT_EQ(read("r.json"), "");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, PathsWithoutAFolderAreHere) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  check_writable("r.json", false);
  write_atomically("r.json", "x");
  fs::current_path(before);
  EXPECT_EQ(read("r.json"), "x");
}

TEST_F(AtomicFile, PermissionsAreTheUsualOrThoseItHad) {
  const mode_t mask = umask(027);
  write_atomically(path("new"), "x");
  umask(mask);
  EXPECT_EQ(fs::status(path("new")).permissions(), fs::perms(0640));
  fs::permissions(path("new"), fs::perms(0604));
  write_atomically(path("new"), "y");
  EXPECT_EQ(fs::status(path("new")).permissions(), fs::perms(0604));
}

TEST_F(AtomicFile, ALinkStaysALink) {
  write_atomically(path("target"), "old");
  fs::create_symlink("target", path("link"));
  write_atomically(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read("target"), "new");
}

TEST_F(AtomicFile, CheckingLeavesNothing) {
  check_writable(path("r.json"), false);
  EXPECT_EQ(files(), 0u);
  write_atomically(path("r.json"), "x");
  check_writable(path("r.json"), true);
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(read("r.json"), "x");
}

TEST_F(AtomicFile, CheckingNamesTheRemedy) {
  write_atomically(path("r.json"), "x");
  EXPECT_ERROR(
      kUsage,
      (path("r.json") + " exists already: give --force to replace it, or name another").c_str(),
      check_writable(path("r.json"), false));
  EXPECT_ERROR(
      kUsage,
      (folder_ + " is a folder: name a file in it, such as " + folder_ + "/report.json").c_str(),
      check_writable(folder_, true));
  const std::string missing = path("no/such");
  EXPECT_ERROR(kUsage,
               ("cannot write " + missing + "/r.json: there is no folder " + missing +
                " (mkdir -p " + missing + ")")
                   .c_str(),
               check_writable(missing + "/r.json", false));
  EXPECT_ERROR(
      kUsage,
      ("cannot write " + path("r.json/x") + ": " + path("r.json") + " is not a folder").c_str(),
      check_writable(path("r.json/x"), false));
  EXPECT_ERROR(kUsage, "the name of the file to write is empty", check_writable("", false));
}

TEST_F(AtomicFile, AFolderThatCannotBeWrittenIsFoundBefore) {
  // /proc takes no files, not even from root.
  EXPECT_THROW(check_writable("/proc/report.json", false), Error);
}

TEST_F(AtomicFile, StreamsAreWrittenDirectly) {
  EXPECT_TRUE(is_stream("-"));
  EXPECT_TRUE(is_stream("/dev/null"));
  EXPECT_TRUE(is_stream("/dev/stdout"));
  EXPECT_FALSE(is_stream(path("new")));
  EXPECT_FALSE(is_stream(folder_));
  check_writable("/dev/null", false);
  write_atomically("/dev/null", "x");

  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  check_writable(path("pipe"), false);
  std::string got;
  std::thread reader([&] { got = read("pipe"); });
  write_atomically(path("pipe"), "through the pipe");
  reader.join();
  EXPECT_EQ(got, "through the pipe");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(AtomicFile, AnInheritedDescriptorGoesOnWhereItIs) {
  const int fd = open(path("log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_EQ(write(fd, "before ", 7), 7);
  const std::string name = "/dev/fd/" + std::to_string(fd);
  check_writable(name, false);
  write_atomically(name, "after");
  EXPECT_EQ(read("log"), "before after");
  close(fd);
  EXPECT_THROW(check_writable(name, false), Error);
}

TEST_F(AtomicFile, AFullDiskLeavesTheOldFile) {
  EXPECT_ERROR(kFailed, "cannot write /dev/full: No space left on device",
               write_atomically("/dev/full", "x"));
  write_atomically(path("r.json"), "old");
  // A limit on the size of files stands in for a disk that fills up in mid-write.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit{1 << 16, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  const std::string large(1 << 20, 'x');
  EXPECT_ERROR(kFailed, ("cannot write " + path("r.json") + ": File too large").c_str(),
               write_atomically(path("r.json"), large));
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(read("r.json"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, WhatAKilledProcessLeftIsReplaced) {
  std::ofstream(path(".r.json.cachegauge-new")) << "left behind";
  write_atomically(path("r.json"), "first");
  write_atomically(path("r.json"), "second");
  EXPECT_EQ(read("r.json"), "second");
  EXPECT_EQ(files(), 1u);
}

// Killed at any moment, the process leaves one whole report or the other; a second name at most,
// and only of a whole file.
TEST_F(AtomicFile, KilledInMidWriteItIsWhole) {
  const std::string contents[] = {std::string(200'000, 'a'), std::string(300'000, 'b')};
  auto is_whole = [&](const std::string& text) {
    return text == contents[0] || text == contents[1];
  };
  SplitMix64 random(42);
  for (int round = 0; round < 20; ++round) {
    int ticks[2];
    ASSERT_EQ(pipe(ticks), 0);
    const pid_t child = fork();
    if (child == 0) {
      for (int i = 0;; i = 1 - i) {
        write_atomically(path("r.json"), contents[i]);
        if (write(ticks[1], "t", 1) != 1) _exit(1);
      }
    }
    char tick;
    for (uint64_t n = 1 + random.below(5); n > 0; --n) ASSERT_EQ(::read(ticks[0], &tick, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ticks[0]);
    close(ticks[1]);
    EXPECT_TRUE(is_whole(read("r.json")));
    if (files() > 1) {
      EXPECT_EQ(files(), 2u);
      EXPECT_TRUE(is_whole(read(".r.json.cachegauge-new")));
    }
  }
  write_atomically(path("r.json"), "end");
  EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace cachegauge
