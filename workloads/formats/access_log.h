// Access logs of web servers: Apache's common and combined formats, which nginx writes too, with or
// without a virtual host in front.
//
//   host ident user [17/May/2015:10:05:03 +0000] "GET /path?query HTTP/1.1" 200 5432 …
//
// Every row is a get. The key is the path with its query as it stands in the log, escapes included;
// of a request line without method and path ("-", what a port scanner sent) it is the whole line.
// The object size is that of the response body, and 0 for "-".
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_access_log(const TraceSample& sample);
TraceOpener make_access_log(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                            WorkloadTraits& traits);

}  // namespace cachegauge
