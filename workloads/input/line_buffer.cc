#include "workloads/input/line_buffer.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "harness/core/error.h"
#include "workloads/input/row_error.h"

namespace cachegauge {
namespace {

// A block and the requests made of it stay in the second-level cache.
constexpr size_t kFirstCapacity = 256 << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

LineBuffer::LineBuffer(std::string path, std::unique_ptr<ByteStream> bytes)
    : path_(std::move(path)),
      bytes_(std::move(bytes)),
      buffer_(std::make_unique_for_overwrite<char[]>(kFirstCapacity + kSlackBytes)),
      capacity_(kFirstCapacity) {}

bool LineBuffer::refill(uint64_t line_number) {
  const size_t taken = end_ ? static_cast<size_t>(end_ - buffer_.get()) : 0;
  filled_ -= taken;
  std::memmove(buffer_.get(), buffer_.get() + taken, filled_);
  size_t searched = 0;
  while (true) {
    if (filled_ == capacity_ && filled_ == kLongestLineBytes) {
      throw Error::failed(
          describe_bad_row({path_, line_number, {buffer_.get(), filled_}},
                           {.column = filled_, .problem = "the line is longer than 1 MiB"},
                           "is this the right format, and a text file?"));
    }
    if (filled_ == capacity_) make_room();
    const size_t got = bytes_->read({buffer_.get() + filled_, capacity_ - filled_});
    if (got == 0 && filled_ > 0) buffer_[filled_++] = '\n';
    filled_ += got;
    const void* newline = memrchr(buffer_.get() + searched, '\n', filled_ - searched);
    searched = filled_;
    if (newline) {
      begin_ = buffer_.get();
      end_ = buffer_.get() + (static_cast<const char*>(newline) - buffer_.get()) + 1;
      break;
    }
    if (got == 0) {
      begin_ = end_ = buffer_.get();
      return false;
    }
  }
  if (at_start_ && std::string_view(begin_, end_).starts_with(kByteOrderMark)) {
    begin_ += kByteOrderMark.size();
  }
  at_start_ = false;
  return true;
}

void LineBuffer::make_room() {
  const size_t capacity = std::min(capacity_ * 2, kLongestLineBytes);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity + kSlackBytes);
  std::memcpy(larger.get(), buffer_.get(), filled_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace cachegauge
