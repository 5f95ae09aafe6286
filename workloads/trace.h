// A trace in a file as a workload: see trace_formats() in workloads.h.
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

// Those of every format, and csv's columns.
std::span<const ParamInfo> trace_params();

// `trace:path=…`. Reads the beginning of the file. Throws Error::usage and Error::failed.
std::unique_ptr<Workload> make_trace(const Spec& spec);

}  // namespace cachegauge
