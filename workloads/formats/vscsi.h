// SCSI commands as VMware's vscsiStats records them, little-endian, in two versions:
//
//   1 (32 bytes)  {u32 serial number, u32 bytes, u32 segments, u16 command, u16 version, u64 block,
//                  u64 time in us}
//   2 (40 bytes)  {u16 command, u16 version, u32 serial number, u32 bytes, u32 segments, u64 block,
//                  u64 time in us, u64 response time}
//
// The upper byte of `version` is 1 or 2. Every command is a get of its first block with the size of
// what it moved, as in the csv of the same trace; only reads and writes are expected.
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_vscsi(const TraceSample& sample);
TraceOpener make_vscsi(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                       WorkloadTraits& traits);

}  // namespace cachegauge
