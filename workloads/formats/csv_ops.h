#pragma once

#include <charconv>
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

// The words that traces use for operations, in upper or lower case. What changes a value is a set.
inline std::optional<Op> parse_op(std::string_view word) {
  constexpr std::string_view kLease = "_lease";  // Meta's get_lease and set_lease
  if (word.size() > kLease.size() &&
      pack_word(word.substr(word.size() - kLease.size())) == pack_word(kLease)) {
    word.remove_suffix(kLease.size());
  }
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
    case pack_word("cas"):
    case pack_word("append"):
    case pack_word("prepend"):
    case pack_word("incr"):
    case pack_word("decr"):
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

// SCSI's READ and WRITE operation codes (6, 10, 12 and 16 bytes). Block I/O: each is a get.
inline bool is_scsi_op(uint64_t code) {
  switch (code) {
    case 0x08:
    case 0x28:
    case 0xa8:
    case 0x88:
    case 0x0a:
    case 0x2a:
    case 0xaa:
    case 0x8a:
      return true;
    default:
      return false;
  }
}

// Of two hex digits.
inline bool is_scsi_op(std::string_view hex) {
  uint64_t code = 0;
  const char* const end = hex.data() + hex.size();
  const auto [rest, error] = std::from_chars(hex.data(), end, code, 16);
  return hex.size() == 2 && error == std::errc() && rest == end && is_scsi_op(code);
}

}  // namespace cachegauge
