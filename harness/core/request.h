// One row of a workload.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/hash.h"

namespace cachegauge {

enum class Op : uint8_t { kGet, kSet, kAdd, kDelete };
inline constexpr int kOpCount = 4;
std::string_view op_name(Op op);  // "get", "set", "add", "delete"

struct Request {
  static constexpr int64_t kNoTime = -1;

  int64_t time_ns = kNoTime;      // arrival time since the first request; kNoTime if not carried
  uint64_t integer_key = 0;       // the key when text_key.data() is null
  uint64_t value_size_bytes = 0;  // of the object, without its key
  int64_t ttl_ns = 0;             // 0: does not expire
  std::string_view text_key;      // the key's bytes; data() is null when the key is an integer
  uint32_t key_size_bytes = 0;    // as the trace states it; 0: the key's own length
  Op op = Op::kGet;

  bool has_text_key() const { return text_key.data() != nullptr; }
  uint64_t key_hash() const {
    return has_text_key() ? hash_text_key(text_key) : hash_integer_key(integer_key);
  }
};

}  // namespace cachegauge
