// What memcached takes, whichever client speaks to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cachegauge {

inline constexpr size_t kMemcachedLongestKey = 250;

// 1 to 250 bytes, no space and no control character: they would end the key in the text protocols.
bool is_memcached_key(std::string_view key);

// A TTL as memcached wants it: whole seconds, rounded up; over 30 days it is a time since 1970.
// 0: never expires.
uint64_t memcached_exptime(int64_t ttl_ns);

// "keys of 1 to 250 bytes …", for warnings.
std::string memcached_limits(uint64_t item_size_max);

}  // namespace cachegauge
