// Arrays indexed by slot.
#pragma once

#include <cstddef>
#include <vector>

namespace cachegauge {

// Grows to `size` elements and no further: std::vector alone would double, and what a cache holds
// beyond its payload is a figure that we report.
template <class T>
void grow_exactly(std::vector<T>& array, size_t size, const T& value = {}) {
  if (size <= array.size()) return;
  array.reserve(size);
  array.resize(size, value);
}

template <class T>
size_t held_bytes(const std::vector<T>& array) {
  return array.capacity() * sizeof(T);
}

}  // namespace cachegauge
