#include "harness/replay/cell_threads.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "harness/core/placement.h"

namespace cachegauge {

void CellThreads::pin(size_t index) {
  const std::vector<int>& cpus = plan_.driver.client_cpus;
  if (!cpus.empty()) pin_this_thread({&cpus[index % cpus.size()], 1});
}

void CellThreads::on_all(const std::function<void(ReplayThread&)>& work) {
  for (auto& thread : threads_) thread->enter_phase();
  std::vector<std::exception_ptr> failures(threads_.size());
  auto run = [&](size_t i) {
    try {
      pin(i);
      work(*threads_[i]);
    } catch (...) {
      failures[i] = std::current_exception();
    }
    threads_[i]->leave_phase();  // the others may be waiting for it
  };
  std::vector<std::thread> running;
  if (threads_.size() == 1) {
    run(0);
  } else {
    for (size_t i = 0; i < threads_.size(); ++i) running.emplace_back(run, i);
  }
  for (std::thread& thread : running) thread.join();
  for (const auto& error : failures) {
    if (error) std::rethrow_exception(error);
  }
}

void CellThreads::count_progress(uint64_t phase_requests) {
  control_.base.fetch_add(phase_requests * threads_.size(), std::memory_order_relaxed);
  for (auto& done : control_.done) done.store(0, std::memory_order_relaxed);
}

Schedule CellThreads::schedule(uint64_t end_index, double ns_per_unit) {
  Schedule schedule;
  std::optional<double> earliest;
  for (auto& thread : threads_) {
    const std::optional<double> next = thread->next_arrival(end_index);
    if (next && (!earliest || *next < *earliest)) earliest = next;
  }
  schedule.base = earliest.value_or(0);
  schedule.ns_per_unit = ns_per_unit;
  // Not before the threads are up.
  constexpr int64_t kLeadNs = 2'000'000;
  schedule.start_ns = first().now_ns() + (plan_.driver.virtual_time ? 0 : kLeadNs);
  return schedule;
}

void CellThreads::skip_to_one_arrival() {
  double furthest = 0;
  for (auto& thread : threads_) {
    furthest = std::max(furthest, thread->next_arrival(UINT64_MAX).value_or(0));
  }
  for (auto& thread : threads_) thread->skip_to_arrival(furthest);
}

std::optional<uint64_t> CellThreads::next_index() {
  uint64_t least = UINT64_MAX;
  for (auto& thread : threads_) least = std::min(least, thread->next_index());
  return least == UINT64_MAX ? std::nullopt : std::optional(least);
}

std::string CellThreads::failure() const {
  for (const auto& thread : threads_) {
    if (!thread->failure().empty()) return thread->failure();
  }
  return {};
}

}  // namespace cachegauge
