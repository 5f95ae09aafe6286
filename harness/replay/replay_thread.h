// One thread's part of a cell: its scheduler, its share of the requests, its clients.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/replay/cell.h"
#include "harness/replay/client.h"
#include "harness/replay/faults/faulty_session.h"
#include "harness/replay/faults/key_eraser.h"
#include "harness/replay/guarded_get.h"
#include "harness/replay/open_loop.h"
#include "harness/replay/patterns/access_pattern.h"
#include "harness/replay/patterns/end_check.h"
#include "harness/replay/pause_watch.h"

namespace cachegauge {

struct Phase {
  int64_t start_ns = 0;
  uint64_t end_index = UINT64_MAX;  // requests below it
  int64_t deadline_ns = INT64_MAX;  // of a closed loop
  bool measured = false;            // anew: what was recorded before is gone
  std::optional<Schedule> schedule;
};

// What is done with each key of the workload before it is replayed.
enum class FirstUse { kSetInCache, kStoreAtOrigin };

class ReplayThread {
 public:
  // Opens the sessions of clients `thread`, `thread` + threads, … Throws Error::failed.
  ReplayThread(const CellPlan& plan, Adapter& adapter, Origin* origin, std::string key_prefix,
               std::span<const std::unique_ptr<Adapter>> lock_servers, FaultClock* faults,
               const KeyClasses* classes, OriginGauge& gauge, AcknowledgedLog* acknowledged,
               CellControl& control, uint32_t thread);
  ReplayThread(const ReplayThread&) = delete;
  ~ReplayThread();

  // Around each of the following; enter_phase() for all threads before the first of them runs.
  void enter_phase();
  void leave_phase();
  // Each runs to its end on the calling thread; one after another, never at once. They throw what
  // the workload's reader throws.
  void preload() { visit_keys(FirstUse::kSetInCache); }
  void store_rows();  // of an origin that holds rows: one for each key
  // Closed (until the deadline) without a schedule, which is the same for all threads.
  void replay(const Phase& phase);
  // Of a pattern that writes to the origin: what is queued is written, then cache and origin are
  // asked what they hold of each key that was written.
  void settle_writes();
  std::span<const HeldVersions> held() const { return held_; }
  void clean_up();        // the keys seen so far
  void close_sessions();  // the last that can be done
  void read_all_keys();   // so that clean_up() knows every key of the workload

  // The arrival of this thread's next request below `end_index`; none if there is no more.
  std::optional<double> next_arrival(uint64_t end_index);
  uint64_t next_index();  // UINT64_MAX if there is no more
  void skip_to_arrival(double arrival);
  void repeat_workload() { feed_.repeat(); }
  int64_t now_ns() const { return shared_->scheduler.now_ns(); }
  int64_t cpu_ns() const { return cpu_ns_; }  // of the last replay()

  Recorder& recorder() { return recorder_; }
  const std::string& failure() const { return shared_->failure; }
  uint64_t unique_keys() const { return feed_.unique_keys(); }
  uint64_t skipped_rows() const { return feed_.skipped_rows(); }
  uint64_t keys_deleted() const { return keys_deleted_; }

 private:
  // What a client of a closed loop has to itself, and the clients of an open loop share.
  struct Connections {
    Connections(Scheduler& scheduler, const SessionPool::Options& options)
        : cache(scheduler, options), origin(scheduler, {.values = options.values}) {}
    SessionPool cache;
    SessionPool origin;
  };

  Connections& add_connections(uint32_t depth);
  void open_session(Connections& connections, uint32_t client);
  Client& add_lane(Connections& connections, uint32_t client, uint64_t seed);
  void make_open_lane();
  void begin_phase();
  void visit_keys(FirstUse use);
  template <class Serve>
  void run_closed(Serve serve);
  void run_open(const Schedule& schedule);
  ClientTask serve(Client& lane);
  void make_application(AcknowledgedLog* acknowledged);
  bool is_open() const { return plan_.driver.open.arrivals != Arrivals::kNone; }
  bool answers_at_once() const;
  // What the application puts before a session of the cache.
  std::unique_ptr<Session> in_layers(std::unique_ptr<Session> session);
  // Of the cache or of the origin, with the faults that are brought about in sessions.
  std::unique_ptr<Session> open_faulty(const SessionContext& context, bool of_origin);
  bool any_session_fault(bool on_origin) const;
  void plan_faults();
  void begin_faults();

  const CellPlan& plan_;
  Adapter& adapter_;
  Origin* const origin_;
  FaultClock* const faults_;  // null: nothing goes wrong on purpose
  // Exactly one of the two drives this thread.
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<VirtualScheduler> virtual_scheduler_;
  RequestFeed feed_;
  Recorder recorder_;
  std::optional<LaneShared> shared_;
  std::optional<Guarding> guarding_;
  // Of a pattern that writes to the origin; else there is none.
  std::optional<ConsistencyBook> book_;
  std::optional<Application> application_;
  std::unique_ptr<AccessPattern> pattern_;
  std::vector<HeldVersions> held_;
  std::optional<Layers> layers_;
  std::vector<std::unique_ptr<Connections>> connections_;
  std::vector<std::unique_ptr<Client>> lanes_;
  size_t own_lanes_ = 0;  // the first of them; an open loop makes more while it needs them
  std::optional<OpenLoop> open_loop_;
  std::optional<PauseWatch> pause_watch_;
  std::optional<RequestLog> log_;
  std::optional<FaultAccount> fault_account_;
  std::vector<FaultySession*> faulty_sessions_;
  std::vector<std::unique_ptr<KeyEraser>> erasers_;
  uint64_t keys_deleted_ = 0;
  int64_t cpu_ns_ = 0;
};

}  // namespace cachegauge
