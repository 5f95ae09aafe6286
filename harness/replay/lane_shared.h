// What the lanes of one thread share: where requests come from, where they are counted, and how far
// the phase under way goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/virtual_scheduler.h"
#include "harness/core/workload.h"
#include "harness/replay/cell_control.h"
#include "harness/replay/recorder.h"
#include "harness/replay/request_feed.h"
#include "harness/replay/request_log.h"
#include "harness/replay/value.h"

namespace cachegauge {

// Which commands are timed. Network sessions stamp theirs in any case, with readings that the loop
// needs anyway; kOff then only leaves them out of the histograms.
enum class TimingMode : uint8_t {
  kOff,
  kSampled,  // in-process: one request in sixteen; two clock readings cost as much as the hit
             // between them
  kAll,
};

class Client;
class FaultAccount;
class Guarding;

struct LaneShared {
  Scheduler& scheduler;
  VirtualScheduler* virtual_scheduler;  // == &scheduler under virtual time, else null
  RequestFeed& feed;
  Recorder& recorder;
  OriginGauge& origin_gauge;
  CellControl& control;
  uint32_t thread;
  uint32_t threads;
  bool in_process;  // sessions complete within submit() and do not stamp
  bool open_loop;   // requests are handed to lanes that wait in `idle`
  bool plain;       // a closed loop whose lanes need not wait before they take a request
  void (*serve_at_once)(Client&);  // null where the lanes may have to wait for anything
  TimingMode timing;
  Fills fills;
  ValueMaker values;
  RequestLog* log = nullptr;  // null: none is kept
  // Null: there are no faults, and the application does nothing about a cache that fails it. Else
  // each request is timed.
  FaultAccount* faults = nullptr;
  bool series_is_virtual = false;  // it goes by the virtual clock, as the faults do
  Guarding* guarding = nullptr;    // null: no guard

  // Under virtual time, requests of a closed loop wait for their arrival times; not so in a
  // preload.
  bool honours_time = true;
  // The phase under way: requests with an index below `phase_end`, until `deadline_ns` (real time).
  uint64_t phase_end = 0;
  int64_t deadline_ns = INT64_MAX;
  // The cell is given up when the cache has failed every command for this long.
  int64_t give_up_ns = INT64_MAX;
  int64_t failing_since_ns = 0;  // the first failure since the last success; 0: none
  size_t key_prefix_bytes = 0;   // before each key, which an origin does not know by it
  // failing_since_ns and give_up_ns of the origin, if it is real.
  int64_t origin_give_up_ns = INT64_MAX;
  int64_t origin_failing_since_ns = 0;
  std::string failure = {};
  bool ended = false;  // no lane takes another request in this phase
  uint32_t next_preload_id = 0;
  // The latest reading of the real clock: in-process lanes are content with it.
  int64_t clock_ns = 0;
  std::vector<Client*> idle = {};

  // More requests have been decoded.
  void note_refill() { control.done[thread].store(feed.position(), std::memory_order_relaxed); }
};

}  // namespace cachegauge
