// The workloads that can be chosen: traces in several formats, and generators.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "harness/core/registry.h"
#include "harness/core/spec.h"
#include "harness/core/workload.h"
#include "workloads/formats/trace_format.h"

namespace cachegauge {

struct WorkloadKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  std::unique_ptr<Workload> (*make)(const Spec& spec);
};

std::span<const WorkloadKind> workload_kinds();
std::span<const TraceFormat> trace_formats();

// `zipf:keys=1M`, `trace:path=t.csv.zst`, or a bare path, which is short for trace:path=…. A kind's
// name wins over a file of that name: the file is then ./zipf. Throws Error::usage for text of the
// grammar `kind:name=value` whose kind is unknown.
Spec parse_workload_spec(std::string_view text);

// Checks every parameter; of a trace, also that it opens and its first rows can be read. Throws
// Error::usage for what the user wrote, Error::failed for what the trace is.
std::unique_ptr<Workload> make_workload(const Spec& spec);

}  // namespace cachegauge
