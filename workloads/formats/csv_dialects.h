// Published traces that are csv with columns of a fixed meaning. They are read by csv's reader, so
// its rules hold: a key that is a plain decimal number is an integer key, quotes may surround a
// field, and every error names line and column.
//
// `twitter`: Twitter's cache-trace (Yang, Yue, Rashmi, "A large scale analysis of hundreds of
// in-memory cache clusters at Twitter", OSDI 2020). No header; time in s, key, key size, value
// size, client, operation, TTL in s. gets is a get; replace, cas, append, prepend, incr and decr
// are sets. A get has the size of what it found, which is 0 where it missed.
//
// `meta-kv`: key-value traces of Meta (CacheLib's kvcache). Columns go by the header, for they move
// between files: key, key_size, op, op_count, size, and where they are there op_time and ttl. A row
// is op_count requests, GET_LEASE a get and SET_LEASE a set.
//
// `meta-block`: block storage of Meta (CacheLib's block_chunk). The key is the block, the size what
// the I/O moved, and every row one get: reads and writes both want the block in the cache. op_count
// is not applied: it counts the I/Os to a block that a second's row stands for, and those after the
// first would be certain hits.
//
// `tis`: "time id size" in three columns parted by spaces, the time in s (webcachesim, AdaptSize).
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_twitter(const TraceSample& sample);
TraceOpener make_twitter(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                         WorkloadTraits& traits);

Match match_meta_kv(const TraceSample& sample);
TraceOpener make_meta_kv(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                         WorkloadTraits& traits);

Match match_meta_block(const TraceSample& sample);
TraceOpener make_meta_block(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                            WorkloadTraits& traits);

Match match_tis(const TraceSample& sample);
TraceOpener make_tis(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                     WorkloadTraits& traits);

}  // namespace cachegauge
