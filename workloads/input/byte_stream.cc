#include "workloads/input/byte_stream.h"

#include <array>
#include <string_view>

#include "workloads/input/compressed_stream.h"
#include "workloads/input/file_stream.h"

namespace cachegauge {
namespace {

struct Compression {
  std::string_view name;
  bool (*begins)(std::string_view bytes);
  std::unique_ptr<ByteStream> (*make)(CompressedInput input);
};

bool begins_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b\x08"); }

bool begins_xz(std::string_view bytes) {
  return bytes.starts_with(
      std::string_view("\xfd"
                       "7zXZ\0",
                       6));
}

bool begins_zstd(std::string_view bytes) {
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return true;
  // A skippable frame, such as those that seekable archives begin with.
  return bytes.size() >= 4 && (bytes[0] & 0xf0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18";
}

constexpr std::array<Compression, 3> kCompressions = {{
    {"gzip", begins_gzip, make_gzip_stream},
    {"xz", begins_xz, make_xz_stream},
    {"zstd", begins_zstd, make_zstd_stream},
}};

const Compression* find_compression(const FileStream& file) {
  const std::string magic = file.magic();
  for (const Compression& compression : kCompressions) {
    if (compression.begins(magic)) return &compression;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<ByteStream> open_byte_stream(const std::string& path) {
  auto file = std::make_unique<FileStream>(path);
  const Compression* compression = find_compression(*file);
  if (!compression) return file;
  return compression->make(CompressedInput(path, compression->name, std::move(file)));
}

std::optional<uint64_t> content_size_bytes(const std::string& path) {
  const FileStream file(path);
  if (find_compression(file)) return std::nullopt;
  return file.size_bytes();
}

}  // namespace cachegauge
