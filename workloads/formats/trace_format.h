// What a trace format is made of. A new one is its own files, one row in formats.cc and one line in
// CMakeLists.txt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

// The beginning of a trace, decompressed.
struct TraceSample {
  static constexpr size_t kBytes = 64 << 10;
  static constexpr size_t kLines = 50;

  std::string path;
  std::string bytes;                   // up to kBytes
  bool whole = false;                  // `bytes` is all there is
  std::optional<uint64_t> size_bytes;  // of the content, where known without reading it

  bool is_text() const;
  // Up to kLines first lines without their ends, "\r\n" included; never a line that is cut by the
  // end of the sample. A UTF-8 byte order mark is left out.
  std::vector<std::string_view> lines() const;
};

// Throws Error::failed if the file cannot be read or is empty.
TraceSample read_trace_sample(const std::string& path);

// What a format's own look at a sample says.
enum class Match { kNo, kPossible, kCertain };

// What each reader of a trace is told.
struct TraceOptions {
  std::string path;
  uint64_t skip_bad_rows = 0;
  Request defaults;  // for what the trace does not carry: value size, TTL, key size
};

using TraceOpener = std::function<std::unique_ptr<RequestSource>()>;

struct TraceFormat {
  std::string_view name;
  std::string_view summary;
  std::string_view extensions;  // separated by spaces; compression suffixes come on top
  bool is_text = false;
  bool carries_time = false;
  bool carries_value_size = false;
  bool records_cache_commands = false;     // gets and sets as a cache saw them; csv: by content
  std::span<const ParamInfo> params = {};  // its own, beyond those of every trace
  Match (*match)(const TraceSample& sample);
  // Returns the factory of its reader, which is called from any thread. The traits come filled in
  // from this row; a format that decides by content corrects them, and adds what it found to
  // `spec`.
  TraceOpener (*make)(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                      WorkloadTraits& traits);
};

// The last line of a bad row's error.
std::string bad_row_remedy(uint64_t skip_bad_rows);

}  // namespace cachegauge
