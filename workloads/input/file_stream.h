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

  uint64_t size_bytes() const { return size_bytes_; }
  // Up to 8 bytes at the beginning, wherever reading stands.
  std::string magic() const;

 private:
  std::string path_;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
};

}  // namespace cachegauge
