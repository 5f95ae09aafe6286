// What `micro` is asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/spec.h"

namespace cachegauge {

struct MicroOptions {
  std::vector<Spec> adapters;
  AdapterSettings settings;         // of all, but for the threads
  Spec workload = Spec("zipf");     // resolved: what draws keys, sizes and the ops of `mixed`
  std::vector<std::string> values;  // as a generator's `value=`: a number of bytes, or a name
  std::vector<uint32_t> threads = {1};
  uint64_t keys = 100'000;
  std::vector<uint64_t> items = {10'000, 1'000'000};  // of full caches that count entries
  std::vector<std::string> codecs;
};

}  // namespace cachegauge
