// Numbers as the bytes of a binary trace.
#pragma once

#include <cstdint>
#include <string>

namespace cachegauge::testing {

template <class T>
std::string little(T value) {
  std::string out;
  for (size_t i = 0; i < sizeof(T); ++i) {
    out += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  }
  return out;
}

template <class T>
std::string big(T value) {
  const std::string bytes = little(value);
  return {bytes.rbegin(), bytes.rend()};
}

}  // namespace cachegauge::testing
