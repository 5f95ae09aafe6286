// Bytes on their way to a server. Positions count from the start of the connection.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace cachegauge {

class OutputBuffer {
 public:
  // Room for at least `bytes` more; commit() then says how far it was filled.
  char* reserve(size_t bytes) {
    if (data_.size() - end_ < bytes) make_room(bytes);
    return data_.data() + end_;
  }
  void commit(char* end) { end_ = end - data_.data(); }

  void append(std::string_view text) {
    char* to = reserve(text.size());
    std::memcpy(to, text.data(), text.size());
    commit(to + text.size());
  }

  std::string_view unsent() const { return {data_.data() + begin_, end_ - begin_}; }
  void consume(size_t bytes) {
    begin_ += bytes;
    sent_bytes_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t queued_bytes() const { return sent_bytes_ + (end_ - begin_); }

  void clear() { begin_ = end_ = sent_bytes_ = 0; }

 private:
  void make_room(size_t bytes) {
    if (begin_ > 0) {
      std::memmove(data_.data(), data_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (data_.size() - end_ < bytes) data_.resize(2 * data_.size() + bytes + 4096);
  }

  std::vector<char> data_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t sent_bytes_ = 0;
};

}  // namespace cachegauge
