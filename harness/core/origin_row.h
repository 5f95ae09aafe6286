// How a real origin's hit carries its row: the version, four bytes of this machine, and the value.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cachegauge {

inline constexpr size_t kRowVersionBytes = sizeof(uint32_t);

inline void append_origin_row(std::string& row, uint32_t version, std::string_view value) {
  char bytes[kRowVersionBytes];
  std::memcpy(bytes, &version, sizeof(bytes));
  row.append(bytes, sizeof(bytes)).append(value);
}

// 0: the origin does not say, as a simulated one, which answers without bytes.
inline uint32_t origin_row_version(std::string_view row) {
  uint32_t version = 0;
  if (row.size() >= kRowVersionBytes) std::memcpy(&version, row.data(), sizeof(version));
  return version;
}

}  // namespace cachegauge
