#include "workloads/input/line_buffer.h"

#include <gtest/gtest.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

// All blocks joined; each is checked to be of whole lines.
std::string read_lines(const std::string& path, int* blocks = nullptr) {
  LineBuffer lines(path, open_byte_stream(path));
  std::string all;
  while (lines.refill(1)) {
    EXPECT_EQ(lines.end()[-1], '\n');
    all.append(lines.begin(), lines.end());
    if (blocks) ++*blocks;
  }
  EXPECT_FALSE(lines.refill(1)) << "the end stays the end";
  return all;
}

TEST(LineBuffer, AddsTheLastLineEnd) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_lines(folder.write("t", "a\nb")), "a\nb\n");
  EXPECT_EQ(read_lines(folder.write("t", "a\nb\n")), "a\nb\n");
  EXPECT_EQ(read_lines(folder.write("t", "\n")), "\n");
  EXPECT_EQ(read_lines(folder.write("t", "")), "");
}

TEST(LineBuffer, LeavesOutAByteOrderMarkAtTheBeginningOnly) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_lines(folder.write("t",
                                    "\xef\xbb\xbf"
                                    "a\n\xef\xbb\xbf"
                                    "b\n")),
            "a\n\xef\xbb\xbf"
            "b\n");
}

TEST(LineBuffer, KeepsLinesWholeAcrossBlocks) {
  std::string content;
  for (size_t length = 0; content.size() < 1'500'000; length = (length * 7 + 13) % 5000) {
    content += std::string(length, 'x') + "\n";
  }
  const TemporaryFolder folder;
  int blocks = 0;
  EXPECT_EQ(read_lines(folder.write("t", content), &blocks), content);
  EXPECT_GT(blocks, 4);
}

TEST(LineBuffer, TakesLinesUpToOneMebibyte) {
  const TemporaryFolder folder;
  const std::string line = std::string(LineBuffer::kLongestLineBytes - 1, 'x') + "\n";
  EXPECT_EQ(read_lines(folder.write("t", "a\n" + line + line)), "a\n" + line + line);
}

TEST(LineBuffer, ALongerLineIsAnError) {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("t.keys", "a\n" + std::string(2 * LineBuffer::kLongestLineBytes, 'x'));
  EXPECT_EQ(error_of("trace:format=keys,path=" + path, &folder),
            "t.keys:2:1048577: the line is longer than 1 MiB\n"
            "  ..." +
                std::string(60, 'x') +
                "\n"
                "  " +
                std::string(63, ' ') +
                "^\n"
                "is this the right format, and a text file?");
}

}  // namespace
}  // namespace cachegauge::testing
