#include "workloads/input/compressed_stream.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kBlockBytes = 128 << 10;

}  // namespace

CompressedInput::CompressedInput(std::string path, std::string_view format,
                                 std::unique_ptr<FileStream> file)
    : path_(std::move(path)),
      format_(format),
      file_(std::move(file)),
      buffer_(std::make_unique_for_overwrite<char[]>(kBlockBytes)) {}

std::span<char> CompressedInput::next() {
  const size_t got = file_->read({buffer_.get(), kBlockBytes});
  read_bytes_ += got;
  return {buffer_.get(), got};
}

void CompressedInput::fail_cut_off() const {
  throw Error::failed(
      fmt::format("{}: the {} data is cut off at byte {}, where the file ends\nfetch or write the "
                  "file again",
                  path_, format_, read_bytes_));
}

void CompressedInput::fail_corrupt(std::string_view reason, size_t unread) const {
  throw Error::failed(
      fmt::format("{}: the {} data is corrupt near byte {} ({})\nfetch or write the file again",
                  path_, format_, read_bytes_ - unread, reason));
}

void CompressedInput::fail_too_large() const {
  throw Error::failed(
      fmt::format("{}: decompressing this {} file needs more than {} MiB of memory\ncompress it "
                  "again with a smaller window or dictionary",
                  path_, format_, kDecoderMemoryBytes >> 20));
}

}  // namespace cachegauge
