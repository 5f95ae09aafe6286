// What `redis-cli MONITOR` prints, a command a line:
//
//   1339518083.107412 [0 127.0.0.1:60866] "set" "key" "value" "EX" "60"
//
// with \xHH \" \\ \n \r \t \a \b for bytes that do not print. Each key of a command is a request: a
// get for what reads it (GET, MGET, HGET, LRANGE, …), a set for what writes it (SET, INCR, HSET,
// LPUSH, …), an add for SETNX and SET … NX, a delete for DEL and UNLINK. A set has the size of what
// was written and its TTL (EX, PX, EXAT, PXAT, SETEX, PSETEX); a get, of which MONITOR does not say
// what it found, has the size that `value=` gives.
//
// Passed over: "OK", which MONITOR begins with, and commands that neither read nor write a value
// (PING, EXPIRE, TTL, SELECT, EVAL, …; what a script does is on lines of its own). Keys of
// different databases are not told apart.
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_monitor(const TraceSample& sample);
TraceOpener make_monitor(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                         WorkloadTraits& traits);

}  // namespace cachegauge
