// Reads the JSON that `cachegauge micro --benchmark_out=FILE` writes, which is Google Benchmark's
// own.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/micro_report.h"
#include "harness/core/report.h"
#include "reports/json_node.h"

namespace cachegauge {

// Google Benchmark writes NaN and Infinity where a spread has no mean to be divided by, which is no
// JSON: null in their place. Text that does not look like its own comes back as it is.
std::string without_nan(std::string text);

// Whatever program wrote it.
bool is_benchmark_json(const JsonNode& root);

// Throws Error::failed that says who reads it, for JSON of Google Benchmark.
void refuse_benchmark_json(const JsonNode& root, std::string_view file);

// `head` gets the machine, and what a reader must know first. Throws Error::failed naming file and
// place, for what is no JSON of `micro` too.
MicroReport read_micro(const JsonNode& root, std::string_view file, RunReport& head);

}  // namespace cachegauge
