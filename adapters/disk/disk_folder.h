// Stores that are a folder of files: whose it is, what is in it, and a header for their values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "adapters/disk/disk_store.h"

namespace cachegauge {

// Makes the folder if it is not there, and leaves a file in it that says what it is for: "lmdb 1
// lru". Throws Error::usage for a folder with other things in it, which is left as it is, and
// Error::failed where it cannot be made.
void claim_folder(const std::string& path, const std::string& layout);

// Unlinks that file and the ones named, and the folder if nothing else is in it.
void remove_folder(const std::string& path, std::initializer_list<const char*> files);

// Blocks allocated for the files in it.
uint64_t allocated_in(const std::string& path);

// What stands before a value: when it expires, unix ns, or 0.
inline constexpr size_t kExpiryBytes = sizeof(int64_t);

inline int64_t expiry_of(int64_t ttl_ns) { return ttl_ns > 0 ? unix_ns() + ttl_ns : 0; }

inline int64_t read_expiry(std::string_view record) {
  int64_t expires = 0;
  std::memcpy(&expires, record.data(), sizeof(expires));
  return expires;
}

inline bool is_past(int64_t expires) { return expires != 0 && expires <= unix_ns(); }

}  // namespace cachegauge
