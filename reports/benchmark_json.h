// JSON of Google Benchmark, which is what `micro` writes and no command of ours reads.
#pragma once

#include <string_view>

namespace cachegauge {

class JsonNode;

// Throws Error::failed that says what reads it, if `root` is one.
void refuse_benchmark_json(const JsonNode& root, std::string_view file);

}  // namespace cachegauge
