// One thread's part of a cell: its scheduler, its share of the requests, its clients.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "harness/replay/cell.h"
#include "harness/replay/client.h"

namespace cachegauge {

class ReplayThread {
 public:
  // Opens the sessions of clients `thread`, `thread` + threads, … Throws Error::failed.
  ReplayThread(const CellPlan& plan, Adapter& adapter, Origin* origin, std::string key_prefix,
               OriginGauge& gauge, CellControl& control, uint32_t thread);
  ReplayThread(const ReplayThread&) = delete;
  ~ReplayThread();

  // Each runs to its end on the calling thread; one after another, never at once. They throw what
  // the workload's reader throws.
  void preload();
  void replay(uint64_t end_index, int64_t deadline_ns, bool measured);
  void clean_up();       // the keys seen so far
  void read_all_keys();  // so that clean_up() knows every key of the workload

  Recorder& recorder() { return recorder_; }
  const std::string& failure() const { return shared_->failure; }
  uint32_t unique_keys() const { return feed_.keys().size(); }
  uint64_t skipped_rows() const { return feed_.skipped_rows(); }
  uint64_t keys_deleted() const { return keys_deleted_; }

 private:
  struct Connection;

  template <class Serve>
  void run_lanes(Serve serve);

  const CellPlan& plan_;
  // Exactly one of the two drives this thread.
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<VirtualScheduler> virtual_scheduler_;
  RequestFeed feed_;
  Recorder recorder_;
  std::optional<LaneShared> shared_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Client>> lanes_;
  uint64_t keys_deleted_ = 0;
};

}  // namespace cachegauge
