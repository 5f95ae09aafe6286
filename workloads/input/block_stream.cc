#include "workloads/input/block_stream.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "workloads/input/byte_stream.h"
#include "workloads/input/file_stream.h"

namespace cachegauge {
namespace {

// Windows begin on a page, blocks on a record: a multiple of both.
class MappedBlocks final : public BlockStream {
 public:
  MappedBlocks(const std::string& path, size_t record_bytes)
      : file_(path),
        window_bytes_(static_cast<size_t>(sysconf(_SC_PAGESIZE)) * record_bytes *
                      std::max<size_t>(1, kAbout / kUsualPage / record_bytes)) {}
  ~MappedBlocks() override { unmap(); }
  MappedBlocks(const MappedBlocks&) = delete;
  MappedBlocks& operator=(const MappedBlocks&) = delete;

  std::span<const char> next() override {
    unmap();
    const uint64_t size = file_.current_size_bytes();
    if (offset_ >= size) return {};
    mapped_ =
        file_.map(offset_, static_cast<size_t>(std::min<uint64_t>(window_bytes_, size - offset_)));
    offset_ += mapped_.size();
    return mapped_;
  }

 private:
  static constexpr size_t kAbout = 3 << 20;
  static constexpr size_t kUsualPage = 4096;

  void unmap() {
    if (!mapped_.empty()) munmap(const_cast<char*>(mapped_.data()), mapped_.size());
    mapped_ = {};
  }

  FileStream file_;
  size_t window_bytes_;
  uint64_t offset_ = 0;
  std::span<const char> mapped_;
};

class BufferedBlocks final : public BlockStream {
 public:
  BufferedBlocks(std::unique_ptr<ByteStream> bytes, size_t record_bytes)
      : bytes_(std::move(bytes)),
        capacity_(kAbout / record_bytes * record_bytes),
        buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {}

  std::span<const char> next() override {
    size_t filled = 0;
    while (filled < capacity_) {
      const size_t got = bytes_->read({buffer_.get() + filled, capacity_ - filled});
      if (got == 0) break;
      filled += got;
    }
    return {buffer_.get(), filled};
  }

 private:
  // Small enough for the second-level cache, in which the records are decoded.
  static constexpr size_t kAbout = 128 << 10;

  std::unique_ptr<ByteStream> bytes_;
  size_t capacity_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace

std::unique_ptr<BlockStream> open_block_stream(const std::string& path, size_t record_bytes) {
  if (content_size_bytes(path)) return std::make_unique<MappedBlocks>(path, record_bytes);
  return std::make_unique<BufferedBlocks>(open_byte_stream(path), record_bytes);
}

}  // namespace cachegauge
