// What the decompressing streams share: a buffer of compressed bytes, and their errors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "workloads/input/byte_stream.h"
#include "workloads/input/file_stream.h"

namespace cachegauge {

inline constexpr uint64_t kDecoderMemoryBytes = uint64_t{256} << 20;

class CompressedInput {
 public:
  CompressedInput(std::string path, std::string_view format, std::unique_ptr<FileStream> file);

  // The next block of compressed bytes; empty at the end. Valid until the next call.
  std::span<char> next();

  // `unread`: bytes of the last block that the decoder has not taken.
  [[noreturn]] void fail_cut_off() const;
  [[noreturn]] void fail_corrupt(std::string_view reason, size_t unread) const;
  [[noreturn]] void fail_too_large() const;

 private:
  std::string path_;
  std::string_view format_;
  std::unique_ptr<FileStream> file_;
  std::unique_ptr<char[]> buffer_;
  uint64_t read_bytes_ = 0;
};

std::unique_ptr<ByteStream> make_gzip_stream(CompressedInput input);
std::unique_ptr<ByteStream> make_xz_stream(CompressedInput input);
std::unique_ptr<ByteStream> make_zstd_stream(CompressedInput input);

}  // namespace cachegauge
