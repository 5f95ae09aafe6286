#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "harness/core/random.h"
#include "tests/fuzz/check_reader.h"
#include "workloads/workloads.h"

namespace cachegauge::testing {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Sorted by name, so that a seed means the same everywhere.
std::map<std::string, std::vector<std::string>> read_corpora() {
  std::map<std::string, std::vector<std::string>> corpora;
  for (const auto& folder : fs::directory_iterator(CORPUS_FOLDER)) {
    std::vector<fs::path> paths;
    for (const auto& file : fs::directory_iterator(folder)) paths.push_back(file.path());
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      corpora[folder.path().filename()].push_back(content_of(path));
    }
  }
  return corpora;
}

std::string mutate(std::string bytes, SplitMix64& random) {
  static constexpr char kBytes[] = "\0\n\r\t ,\"\\*-.09:[]xX\x7f\x80\xff";
  static const std::string kTelling(kBytes, sizeof(kBytes));  // with its final 0
  for (uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
    const size_t at = random.below(bytes.size() + 1);
    const size_t length = random.below(std::min<size_t>(bytes.size() - at, 40) + 1);
    switch (random.below(5)) {
      case 0:
        bytes.erase(at, length);
        break;
      case 1:
        bytes.insert(random.below(bytes.size() + 1), bytes.substr(at, length));
        break;
      case 2:
        bytes.insert(at, 1, kTelling[random.below(kTelling.size())]);
        break;
      case 3:
        bytes.insert(at, std::to_string(random.next() >> random.below(64)));
        break;
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random.next());
    }
  }
  return bytes;
}

TEST(Corpus, HasAFolderForEachFormat) {
  const auto corpora = read_corpora();
  for (const TraceFormat& format : trace_formats()) {
    EXPECT_TRUE(corpora.contains(std::string(format.name))) << format.name;
  }
  EXPECT_TRUE(corpora.contains("detect"));
  EXPECT_EQ(corpora.size(), trace_formats().size() + 1);
}

TEST(Corpus, AndMutationsOfItAreReadOrRefused) {
  constexpr uint64_t kSeed = 42;
  constexpr int kMutations = 300;
  for (const auto& [folder, contents] : read_corpora()) {
    SCOPED_TRACE(folder + ", seed 42");
    const std::string_view format = folder == "detect" ? "" : std::string_view(folder);
    SplitMix64 random = random_stream(kSeed, std::hash<std::string>()(folder));
    for (const std::string& content : contents) {
      check_reader(format, content);
      for (int i = 0; i < kMutations; ++i) check_reader(format, mutate(content, random));
    }
  }
}

}  // namespace
}  // namespace cachegauge::testing
