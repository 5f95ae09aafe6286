// The bytes of a trace file, decompressed on the way. gzip, xz and zstd are told by their magic
// bytes, never by the name; concatenated members, streams and frames are one content. Memory is
// bounded: a file whose decoder would need more than 256 MiB is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace cachegauge {

// Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Fills a prefix of `out`, which is never empty, and returns its length; 0 means the end.
  // Throws Error::failed when reading fails, or when compressed data is corrupt or cut off.
  virtual size_t read(std::span<char> out) = 0;
};

// Throws Error::failed for a file that is missing, cannot be read or is no regular file: a trace is
// read several times, which a pipe does not allow.
std::unique_ptr<ByteStream> open_byte_stream(const std::string& path);

// The size of the content, if it can be known without reading it: of files that are not compressed.
std::optional<uint64_t> content_size_bytes(const std::string& path);

}  // namespace cachegauge
