// The bytes of a trace file of fixed-size records, in blocks of whole records. A file that is not
// compressed is mapped, a window at a time: the records are decoded where the page cache has them,
// which reads 300M records of 24 bytes a second where copying them first reads 205M. Only the
// window counts as resident memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace cachegauge {

// Not thread-safe.
class BlockStream {
 public:
  virtual ~BlockStream() = default;

  // Valid until the next call; empty at the end. Only the last block may end in a part of a record.
  // Throws Error::failed as ByteStream::read() does.
  virtual std::span<const char> next() = 0;
};

// Throws Error::failed as open_byte_stream() does. A mapped file that another process cuts off
// while a window is being decoded kills this process (SIGBUS); one that is cut off before merely
// ends.
std::unique_ptr<BlockStream> open_block_stream(const std::string& path, size_t record_bytes);

}  // namespace cachegauge
