// The threads of a cell, which go through its phases side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/replay/cell.h"
#include "harness/replay/replay_thread.h"

namespace cachegauge {

class CellThreads {
 public:
  CellThreads(const CellPlan& plan, CellControl& control) : plan_(plan), control_(control) {}

  void add(std::unique_ptr<ReplayThread> thread) { threads_.push_back(std::move(thread)); }
  void clear() { threads_.clear(); }

  size_t size() const { return threads_.size(); }
  ReplayThread& first() const { return *threads_.front(); }
  auto begin() const { return threads_.begin(); }
  auto end() const { return threads_.end(); }

  // Runs `work` for every thread, side by side, and throws the first failure once all are done.
  void on_all(const std::function<void(ReplayThread&)>& work);
  // After a phase that each thread carried out so many requests in.
  void count_progress(uint64_t phase_requests);

  // For a phase that begins now: it opens with the first request that none of the threads has had.
  Schedule schedule(uint64_t end_index, double ns_per_unit);
  // To the request that is furthest on among those that they would go on with.
  void skip_to_one_arrival();
  // Of the first request that none of the threads has had; none if there is no more.
  std::optional<uint64_t> next_index();
  // Of any of them; empty if none failed.
  std::string failure() const;

 private:
  void pin(size_t index);

  const CellPlan& plan_;
  CellControl& control_;
  std::vector<std::unique_ptr<ReplayThread>> threads_;
};

}  // namespace cachegauge
