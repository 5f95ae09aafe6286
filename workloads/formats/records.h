// Traces of fixed-size binary records.
//
// `oraclegeneral` (libCacheSim's): packed little-endian {u32 time in s, u64 key, u32 object size,
// i64 number of the next request of this key, counted from 1, negative if there is none}.
// `int32be`, `int64be`: keys alone, big-endian (as Java's DataOutputStream writes them), bits taken
// as unsigned. Nothing in such a file says which it is, so it must be named.
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_oracle_general(const TraceSample& sample);
TraceOpener make_oracle_general(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                                WorkloadTraits& traits);

Match match_int32be(const TraceSample& sample);
TraceOpener make_int32be(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                         WorkloadTraits& traits);

Match match_int64be(const TraceSample& sample);
TraceOpener make_int64be(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                         WorkloadTraits& traits);

}  // namespace cachegauge
