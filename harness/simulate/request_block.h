// Some requests on their way from one thread to another. What all of them have alike is kept once,
// and the rest a property at a time, so that hardly more passes between the processors than what
// tells the requests apart: of gets from a generator 4 bytes each, where a Request has 56.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/request.h"

namespace cachegauge {

// Not thread-safe.
class RequestBlock {
 public:
  static constexpr size_t kMostRows = 256;

  // Instead of what it has; at most kMostRows. Text keys are copied.
  void pack(std::span<const Request> rows);
  // The rows from `begin` on, as many as `out` is long. Text keys point into the block.
  void unpack(size_t begin, std::span<Request> out) const;
  size_t size() const { return size_; }

 private:
  template <class T>
  using Column = std::array<T, kMostRows>;  // written only where the rows differ

  // Properties in which the rows differ.
  struct Differing {
    bool low_keys, high_keys;  // the halves of integer keys
    bool times, value_sizes, ttls, key_sizes_or_ops, text_keys;
  };
  static Differing compare(std::span<const Request> rows);
  void pack_text(std::span<const Request> rows);

  size_t size_ = 0;
  Request alike_;  // what does not differ
  Differing differing_ = {};
  Column<uint32_t> low_keys_, high_keys_;
  Column<int64_t> times_ns_;
  Column<uint64_t> value_sizes_;
  Column<int64_t> ttls_ns_;
  Column<uint32_t> key_sizes_;
  Column<Op> ops_;
  Column<std::string_view> text_keys_;
  std::vector<char> text_ = std::vector<char>(1);  // an empty key is a text, too
};

}  // namespace cachegauge
