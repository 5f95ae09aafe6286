#pragma once

#include <string>
#include <string_view>

#include "workloads/input/byte_stream.h"

namespace cachegauge {

// A regular file as it is on the disk.
class FileStream final : public ByteStream {
 public:
  explicit FileStream(const std::string& path);
  ~FileStream() override;
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  size_t read(std::span<char> out) override;

  // When it was opened.
  uint64_t size_bytes() const { return size_bytes_; }
  // A file that is mapped may have been cut off since.
  uint64_t current_size_bytes() const;
  // `bytes` from `offset`, which must lie in the file and begin a page; for the caller to munmap().
  std::span<const char> map(uint64_t offset, size_t bytes) const;
  // Up to 8 bytes at the beginning, wherever reading stands.
  std::string magic() const;

 private:
  std::string path_;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
};

}  // namespace cachegauge
