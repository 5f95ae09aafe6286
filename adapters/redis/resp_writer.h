// Commands in RESP, the protocol of Redis: arrays of bulk strings. Each function writes at `to` and
// returns the end of what it wrote.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "adapters/server/output_buffer.h"

namespace cachegauge {

// "$", the longest length, and two line ends.
inline constexpr size_t kBulkOverheadBytes = 1 + 20 + 2 + 2;

inline char* write_text(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

inline char* write_number(char* to, uint64_t number) {
  return std::to_chars(to, to + 20, number).ptr;
}

inline char* write_bulk(char* to, std::string_view bytes) {
  *to++ = '$';
  to = write_number(to, bytes.size());
  to = write_text(to, "\r\n");
  to = write_text(to, bytes);
  return write_text(to, "\r\n");
}

// A whole command, for those that are not worth a template of their own.
inline void append_command(OutputBuffer& out, std::initializer_list<std::string_view> words) {
  size_t bytes = kBulkOverheadBytes;
  for (std::string_view word : words) bytes += word.size() + kBulkOverheadBytes;
  char* to = out.reserve(bytes);
  *to++ = '*';
  to = write_number(to, words.size());
  to = write_text(to, "\r\n");
  for (std::string_view word : words) to = write_bulk(to, word);
  out.commit(to);
}

}  // namespace cachegauge
