// One client's lane: takes requests one after another and carries each out against the cache and
// the origin, counting and timing as it goes. A client with a pipeline of D has D lanes on one
// session.
//
// A pattern (patterns.h) is a coroutine that serves one lane for its whole life:
//
//   while (co_await client.next()) {
//     …  client.took_get(co_await client.get())  …
//     client.finish();
//   }
//
// Each command has an awaitable that issues it and a took_…() that accounts for its completion.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <string>

#include "harness/core/random.h"
#include "harness/core/virtual_scheduler.h"
#include "harness/replay/cell_control.h"
#include "harness/replay/recorder.h"
#include "harness/replay/request_feed.h"
#include "harness/replay/session_port.h"
#include "harness/replay/value.h"
#include "harness/replay/versions.h"

namespace cachegauge {

// What the lanes of one thread share.
struct LaneShared {
  Scheduler& scheduler;
  VirtualScheduler* virtual_scheduler;  // == &scheduler under virtual time, else null
  RequestFeed& feed;
  Recorder& recorder;
  VersionBook versions;
  ValueMaker values;
  OriginGauge& origin_gauge;
  CellControl& control;
  uint32_t thread;
  bool in_process;  // sessions complete within submit() and do not stamp
  Fills fills;

  // Under virtual time, requests wait for their arrival times; not so in a preload.
  bool honours_time = true;
  // The phase under way: requests with an index below `phase_end`, until `deadline_ns` (real time).
  uint64_t phase_end = 0;
  int64_t deadline_ns = INT64_MAX;
  // The cell is given up when the cache has failed every command for this long.
  int64_t give_up_ns = INT64_MAX;
  int64_t last_success_ns = 0;
  std::string failure = {};
  bool ended = false;  // no lane takes another request in this phase
  uint64_t taken = 0;
  uint32_t next_preload_id = 0;
};

class Client final : public Wakeup {
 public:
  // `origin` may be null: then a miss costs nothing.
  Client(LaneShared& shared, SessionPort& cache, SessionPort* origin, uint32_t index,
         uint64_t seed);
  Client(const Client&) = delete;

  // co_await next(): true with request() to be carried out, false when the phase is over.
  class Next {
   public:
    explicit Next(Client& client) : client_(client) {}
    bool await_ready() { return client_.fetch(); }
    void await_suspend(std::coroutine_handle<> waiter) { client_.waiter_ = waiter; }
    bool await_resume() const { return client_.has_request_; }

   private:
    Client& client_;
  };
  Next next() { return Next(*this); }
  const PreparedRequest& request() const { return request_; }

  bool has_origin() const { return origin_ != nullptr; }
  bool fills_on_miss() const { return shared_.fills == Fills::kOnMiss; }

  SessionPort::Call get();
  SessionPort::Call set();
  SessionPort::Call add();
  SessionPort::Call remove();
  SessionPort::Call load();  // from the origin
  SessionPort::Call fill();  // sets what load() found

  // True if the get needs nothing more: a hit, or a failure. False: a miss.
  bool took_get(const Completion& completion);
  void took_set(const Completion& completion);
  void took_add(const Completion& completion);
  void took_remove(const Completion& completion);
  // False if the origin failed: there is nothing to fill with.
  bool took_load(const Completion& completion);
  void took_fill(const Completion& completion);

  // The request is complete: its response time is recorded.
  void finish();

  LaneShared& shared() { return shared_; }
  // For the clean-up, which has keys and no requests.
  SessionPort::Call remove_key(uint32_t id);
  void took_removed_key(const Completion& completion);

  void wake() override;

 private:
  // Which histogram the response goes to; a failed request has one only among all gets.
  enum class Result : uint8_t { kHit, kMiss, kSet, kAdd, kDelete, kFailed };

  bool fetch();
  bool take_next();
  void begin_request();
  SessionPort::Call command(CommandKind kind, std::string_view value);
  SessionPort::Call write(CommandKind kind, uint32_t version);
  void took_write(const Completion& completion, Timing timing, Result result);
  // Count what any command may come to; false if it failed.
  bool took(const Completion& completion, Timing timing);
  bool note_outcome(const Completion& completion);
  void verify(std::string_view value);

  LaneShared& shared_;
  SessionPort& cache_;
  SessionPort* origin_;
  uint32_t index_;
  SplitMix64 sampling_;

  PreparedRequest request_;
  bool has_request_ = false;
  bool waits_for_time_ = false;
  std::coroutine_handle<> waiter_;

  // Of the request under way.
  Result result_ = Result::kMiss;
  bool timed_ = false;
  int64_t intended_start_ns_ = 0;
  int64_t completed_ns_ = 0;  // of its last command, real time
  int64_t service_ns_ = 0;    // of its commands, where they are timed one by one
  uint32_t floor_ = 0;
  uint32_t write_version_ = 0;

  uint32_t until_sample_ = 0;
  uint32_t until_yield_ = 0;
  uint64_t samples_ = 0;
  // Under virtual time: the service time of the latest timed request of each result.
  std::array<int64_t, 6> sampled_service_ns_{};
};

}  // namespace cachegauge
