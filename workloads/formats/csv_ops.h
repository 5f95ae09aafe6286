#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/core/request.h"

namespace cachegauge {

// Up to eight letters or digits as a number, in lower case; 0 for more.
constexpr uint64_t pack_word(std::string_view word) {
  uint64_t packed = 0;
  if (word.size() > sizeof(packed)) return 0;
  for (const char c : word) packed = packed << 8 | static_cast<unsigned char>(c | 0x20);
  return packed;
}

// The words that traces use for operations, in upper or lower case.
inline std::optional<Op> parse_op(std::string_view word) {
  switch (pack_word(word)) {
    case pack_word("get"):
    case pack_word("gets"):
    case pack_word("read"):
      return Op::kGet;
    case pack_word("set"):
    case pack_word("write"):
    case pack_word("put"):
    case pack_word("update"):
    case pack_word("replace"):
      return Op::kSet;
    case pack_word("add"):
      return Op::kAdd;
    case pack_word("del"):
    case pack_word("delete"):
    case pack_word("remove"):
      return Op::kDelete;
    default:
      return std::nullopt;
  }
}

// SCSI's READ and WRITE operation codes (6, 10, 12 and 16 bytes) in hex. Block I/O: each is a get.
inline bool is_scsi_op(std::string_view code) {
  switch (pack_word(code)) {
    case pack_word("08"):
    case pack_word("28"):
    case pack_word("a8"):
    case pack_word("88"):
    case pack_word("0a"):
    case pack_word("2a"):
    case pack_word("aa"):
    case pack_word("8a"):
      return true;
    default:
      return false;
  }
}

}  // namespace cachegauge
