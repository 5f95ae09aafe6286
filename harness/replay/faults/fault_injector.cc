#include "harness/replay/faults/fault_injector.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {

FaultInjector::FaultInjector(FaultClock& clock, const Targets& targets)
    : clock_(clock),
      targets_(targets),
      under_way_(clock.faults().size()),
      late_ns_(clock.faults().size()) {
  for (size_t i = 0; i < clock.faults().size(); ++i) {
    const auto& [fault, means] = clock.faults()[i];
    if (means == FaultMeans::kSession) continue;
    events_.push_back({clock.at_ns(i), i, false});
    events_.push_back({clock.end_ns(i), i, true});
  }
  std::stable_sort(events_.begin(), events_.end(),
                   [](const Event& a, const Event& b) { return a.time_ns < b.time_ns; });
  thread_ = std::thread([this] { run(); });
}

void FaultInjector::run() {
  std::unique_lock lock(mutex_);
  for (const Event& event : events_) {
    // What comes late lasts as long as it is to.
    const int64_t late_ns = event.ends ? late_ns_[event.fault] : 0;
    const int64_t wait_ns = event.time_ns + late_ns - monotonic_ns();
    if (wait_ns > 0) {
      wake_.wait_for(lock, std::chrono::nanoseconds(wait_ns), [this] { return stopping_; });
    }
    if (stopping_) return;
    lock.unlock();
    carry_out(event);
    lock.lock();
  }
}

void FaultInjector::carry_out(const Event& event) {
  try {
    event.ends ? end(event.fault) : begin(event.fault);
  } catch (const Error& error) {
    troubles_.push_back(fmt::format("the fault {} could not be {}: {}",
                                    clock_.faults()[event.fault].fault.spec.text(),
                                    event.ends ? "ended" : "brought about", error.what()));
  }
}

void FaultInjector::begin(size_t fault) {
  const int64_t now_ns = monotonic_ns();
  late_ns_[fault] = std::max<int64_t>(0, now_ns - clock_.at_ns(fault));
  clock_.began(fault, now_ns);
  const Fault& one = clock_.faults()[fault].fault;
  targets_.of(one).begin_fault(one);
  under_way_[fault] = true;
}

void FaultInjector::end(size_t fault) {
  if (!under_way_[fault]) return;
  under_way_[fault] = false;
  const Fault& one = clock_.faults()[fault].fault;
  targets_.of(one).end_fault(one);
  clock_.ended(fault, monotonic_ns());
}

std::vector<std::string> FaultInjector::stop() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    for (size_t i = 0; i < under_way_.size(); ++i) {
      if (under_way_[i]) carry_out({0, i, true});
    }
  }
  return std::exchange(troubles_, {});
}

}  // namespace cachegauge
