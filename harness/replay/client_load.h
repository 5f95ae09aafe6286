// Says so when a figure is the client's own and not the cache's.
#pragma once

#include <cstdint>

#include "harness/core/run_result.h"

namespace cachegauge {

struct ClientLoad {
  bool open_loop = false;
  bool in_process = false;  // the cache is part of the client: its CPU time is what is measured
  int64_t busiest_thread_ns =
      0;  // CPU time of the busiest client thread over the measured interval
};

// Adds the flag `client_bound`, with a warning that says why, to a result in real time if the
// client
//   - stood still for 100 ms at a stretch, or for 1 % of the time;
//   - handed out its requests so late that the lag is a tenth of all response time, and p99 of it
//     1 ms or more (open loop);
//   - had a thread that was busy for 95 % of the time, while the server was not (closed loop).
void mark_client_bound(const ClientLoad& load, RunResult& result);

// A closed loop sends nothing while it waits: a stall of the server is one slow request for each
// client, whatever the number of requests that would have come meanwhile ("coordinated omission",
// Tene 2013). Warns where the maximum shows that there was one.
void warn_of_hidden_stalls(const ClientLoad& load, RunResult& result);

}  // namespace cachegauge
