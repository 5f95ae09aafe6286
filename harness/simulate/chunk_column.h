// One property of the requests of a chunk: a value that all have; or of each how far it is above
// the least of them, in units and in as few bytes as that takes. Times of a trace in seconds take a
// byte each, and most sizes two: what is not stored need not be fetched, nor its pages be cleared
// by the kernel, which took a third of the time that a trace with times and sizes took to be
// profiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "harness/simulate/column_store.h"

namespace cachegauge {

struct PackedNumbers {
  static constexpr char kNothing[8] = {};

  const char* bytes = kNothing;  // little-endian; eight can be read at each
  size_t width = 0;              // bytes of each
  uint64_t mask = 0;             // of so many bytes
  uint64_t unit = 1;
  uint64_t least = 0;

  uint64_t operator[](size_t i) const {
    uint64_t word;
    std::memcpy(&word, bytes + i * width, sizeof(word));
    return least + (word & mask) * unit;
  }

  // Those from `begin` on, `count` of them: a loop for one width takes a fraction of what that many
  // calls of the above do.
  void unpack(size_t begin, size_t count, uint64_t* out) const;
};

// Units are powers of a thousand, as times have them.
PackedNumbers pack_numbers(std::span<const uint64_t> numbers, ColumnStore& store);

// T is an integer or an enumeration; what is negative counts as large.
template <class T>
class ChunkColumn {
 public:
  ChunkColumn() = default;
  explicit ChunkColumn(const PackedNumbers& numbers) : numbers_(numbers) {}

  T operator[](size_t i) const { return static_cast<T>(numbers_[i]); }
  void unpack(size_t begin, size_t count, uint64_t* out) const {
    numbers_.unpack(begin, count, out);
  }
  bool all_same() const { return numbers_.width == 0; }
  T same() const { return static_cast<T>(numbers_.least); }

 private:
  PackedNumbers numbers_;
};

}  // namespace cachegauge
