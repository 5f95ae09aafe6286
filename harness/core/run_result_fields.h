// Fields of a result that are merged, and written as text, by a table each (run_result.cc,
// run_result_text.cc). Those that reports go by as well are in run_result.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/core/run_result.h"

namespace cachegauge {

struct LoadField {
  std::string_view name;
  int64_t LoadFigures::*field;
  bool by_maximum = false;
};
inline constexpr LoadField kLoadFields[] = {
    {"offered", &LoadFigures::offered},
    {"schedule_span_ns", &LoadFigures::schedule_span_ns, true},
    {"sent_span_ns", &LoadFigures::sent_span_ns, true},
    {"backlog_max", &LoadFigures::backlog_max},
    {"paused_ns", &LoadFigures::paused_ns, true},
    {"longest_pause_ns", &LoadFigures::longest_pause_ns, true},
    {"spin_ns", &LoadFigures::spin_ns},
};

struct StateField {
  std::string_view name;
  std::optional<uint64_t> AdapterState::*field;
};
inline constexpr StateField kStateFields[] = {
    {"evictions", &AdapterState::evictions},   {"expirations", &AdapterState::expirations},
    {"bytes_used", &AdapterState::bytes_used}, {"payload_bytes", &AdapterState::payload_bytes},
    {"items", &AdapterState::items},           {"rss_bytes", &AdapterState::rss_bytes},
    {"disk_bytes", &AdapterState::disk_bytes}, {"not_admitted", &AdapterState::not_admitted},
};

}  // namespace cachegauge
