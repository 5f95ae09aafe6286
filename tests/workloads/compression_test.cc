#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

struct Codec {
  const char* name;
  const char* suffix;
  std::string (*compress)(std::string_view);
};

class Compression : public ::testing::TestWithParam<Codec> {
 protected:
  // Enough that it comes in several blocks, and does not compress to nothing.
  static std::string long_content() {
    std::string content;
    uint64_t x = 1;
    for (int i = 0; i < 100'000; ++i)
      content += fmt::format("{}\n", (x = x * 6364136223846793005 + 1) >> 20);
    return content;
  }

  std::string compress(std::string_view content) const { return GetParam().compress(content); }

  TemporaryFolder folder_;
};

TEST_P(Compression, IsToldByContentAndNotByName) {
  const std::string content = long_content();
  const auto plain = read_all(folder_.write("plain.keys", content));
  ASSERT_EQ(plain.size(), 100'000u);
  EXPECT_EQ(read_all(folder_.write("named" + std::string(GetParam().suffix), compress(content))),
            plain);
  EXPECT_EQ(read_all(folder_.write("unnamed", compress(content))), plain);
}

TEST_P(Compression, ConcatenatedPartsAreOneContent) {
  const std::string path = folder_.write("t", compress("1\n2\n") + compress("") + compress("3\n4"));
  EXPECT_EQ(keys_of(read_all(path)), (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_P(Compression, DataThatIsCutOffIsAnErrorWhereverTheCutIs) {
  const std::string whole = compress(long_content());
  for (const size_t left : {whole.size() - 1, whole.size() / 2, size_t{40}}) {
    const std::string path = folder_.write("t.keys", std::string_view(whole).substr(0, left));
    EXPECT_EQ(
        error_of(path, &folder_),
        fmt::format("t.keys: the {} data is cut off at byte {}, where the file ends\nfetch or "
                    "write the file again",
                    GetParam().name, left));
    EXPECT_EQ(exit_code_of(path), ExitCode::kFailed);
  }
}

TEST_P(Compression, CorruptDataIsAnError) {
  std::string bytes = compress(long_content());
  for (size_t i = 0; i < 64; ++i) bytes[bytes.size() / 2 + i] ^= 0x55;
  // As keys, which any bytes are: a format that minds would find the damage before the checksum.
  const std::string error =
      error_of("trace:format=keys,path=" + folder_.write("t.keys", bytes), &folder_);
  EXPECT_TRUE(
      error.starts_with(fmt::format("t.keys: the {} data is corrupt near byte ", GetParam().name)))
      << error;
}

TEST_P(Compression, OtherDataBehindItIsAnError) {
  const std::string path = folder_.write("t.keys", compress("1\n2\n") + "garbage of some length");
  EXPECT_NE(error_of(path), "");
}

INSTANTIATE_TEST_SUITE_P(All, Compression,
                         ::testing::Values(Codec{"gzip", ".gz", gzip}, Codec{"xz", ".xz", xz},
                                           Codec{"zstd", ".zst", zstd}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Gzip, ZeroPaddingAtTheEndIsPassedOver) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t", gzip("1\n2\n") + std::string(512, '\0'));
  EXPECT_EQ(read_all(path).size(), 2u);
}

TEST(Containers, ThatAreNotReadAreNamed) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.write("t.zip", std::string("PK\x03\x04\x14\x00\x00\x00", 8)), &folder),
            "t.zip: is compressed with zip\nunpack it, or compress it with gzip, xz or zstd");
}

}  // namespace
}  // namespace cachegauge::testing
