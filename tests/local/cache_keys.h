// What tests hand to a LocalCache: a policy without parameters, and keys.
#pragma once

#include <string_view>

#include "adapters/local/cache.h"
#include "harness/core/hash.h"

namespace cachegauge {

inline const Spec kNoParams("test");

inline HashedKey key(std::string_view text) { return {text, hash_text_key(text)}; }

}  // namespace cachegauge
