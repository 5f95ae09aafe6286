// Text in blocks of whole lines, so that a parser needs no bounds checks: every line ends in '\n'
// (one is added after a last line without), and kSlackBytes beyond the block may be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "workloads/input/byte_stream.h"

namespace cachegauge {

class LineBuffer {
 public:
  static constexpr size_t kLongestLineBytes = 1 << 20;
  static constexpr size_t kSlackBytes = 16;

  // `path` is for errors.
  LineBuffer(std::string path, std::unique_ptr<ByteStream> bytes);

  // The next block; false at the end. Invalidates the last one. A UTF-8 byte order mark at the
  // beginning of the file is left out. `line_number` is that of the block's first line.
  // Throws Error::failed as ByteStream::read() does, and for a line of more than kLongestLineBytes.
  bool refill(uint64_t line_number);

  // The block, which parsers may write to. Both null before the first refill().
  char* begin() const { return begin_; }
  char* end() const { return end_; }

 private:
  void make_room();

  std::string path_;
  std::unique_ptr<ByteStream> bytes_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t filled_ = 0;  // bytes in buffer_, those after end_ being the beginning of a line
  char* begin_ = nullptr;
  char* end_ = nullptr;
  bool at_start_ = true;
};

}  // namespace cachegauge
