#include "harness/replay/faults/fault_clock.h"

#include <algorithm>
#include <utility>

namespace cachegauge {

FaultClock::FaultClock(std::vector<PlannedFault> faults)
    : faults_(std::move(faults)), moments_(faults_.size()) {
  std::stable_sort(
      faults_.begin(), faults_.end(),
      [](const PlannedFault& a, const PlannedFault& b) { return a.fault.at_ns < b.fault.at_ns; });
}

// What the sessions bring about comes and goes when it is planned.
void FaultClock::begin(int64_t start_ns) {
  start_ns_ = origin_ns_ = start_ns;
  for (size_t i = 0; i < faults_.size(); ++i) {
    const auto& [fault, means] = faults_[i];
    if (means != FaultMeans::kSession || fault.type == FaultType::kFlush) continue;
    moments_[i].began = at_ns(i);
    moments_[i].ended = end_ns(i);
  }
}

void FaultClock::began(size_t fault, int64_t now_ns) {
  int64_t unset = kNever;
  moments_[fault].began.compare_exchange_strong(unset, now_ns);
}

void FaultClock::ended(size_t fault, int64_t now_ns) { moments_[fault].ended = now_ns; }

std::optional<int64_t> FaultClock::since_start(const std::atomic<int64_t>& moment,
                                               int64_t end_ns) const {
  const int64_t ns = moment.load();
  if (ns == kNever || ns - origin_ns_ > end_ns) return std::nullopt;
  return ns - origin_ns_;
}

// Those that come earlier on the timetable must be over; those that come later must not have begun.
std::optional<FaultStretch> FaultClock::stretch(size_t fault, int64_t start_ns,
                                                int64_t now_ns) const {
  const Moments& own = moments_[fault];
  if (now_ns >= own.began && start_ns < own.ended) return FaultStretch::kDuring;
  for (size_t other = 0; other < moments_.size(); ++other) {
    if (other < fault && start_ns < moments_[other].ended) return std::nullopt;
    if (other > fault && now_ns >= moments_[other].began) return std::nullopt;
  }
  return now_ns < own.began ? FaultStretch::kBefore : FaultStretch::kAfter;
}

std::array<int64_t, kFaultStretches> FaultClock::durations_ns(size_t fault, int64_t end_ns) const {
  const int64_t began = began_ns(fault, end_ns).value_or(end_ns);
  const int64_t ended = ended_ns(fault, end_ns).value_or(end_ns);
  int64_t from = 0, until = end_ns;
  for (size_t other = 0; other < moments_.size(); ++other) {
    if (other < fault) from = std::max(from, ended_ns(other, end_ns).value_or(end_ns));
    if (other > fault) until = std::min(until, began_ns(other, end_ns).value_or(end_ns));
  }
  return {std::max<int64_t>(0, std::min(began, until) - from), ended - std::min(began, ended),
          std::max<int64_t>(0, until - std::max(ended, from))};
}

}  // namespace cachegauge
