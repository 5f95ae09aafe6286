#include "harness/replay/faults/fault_account.h"

namespace cachegauge {

void LastSeen::note(uint64_t key_hash, uint32_t version) {
  const auto [at, is_new] = versions_.insert_or_assign(key_hash, version);
  if (!is_new) return;
  order_.push_back(key_hash);
  if (order_.size() <= kMostKeys) return;
  versions_.erase(order_.front());
  order_.pop_front();
}

std::optional<uint32_t> LastSeen::find(uint64_t key_hash) const {
  const auto at = versions_.find(key_hash);
  if (at == versions_.end()) return std::nullopt;
  return at->second;
}

FaultAccount::FaultAccount(const FaultClock* faults, OnCacheError on_cache_error,
                           const Clock& clock, Recorder& recorder)
    : timetable_(faults), on_cache_error_(on_cache_error), clock_(clock), recorder_(recorder) {}

template <class Use>
void FaultAccount::each_stretch(int64_t start_ns, Use use) {
  if (!recorder_.measuring() || faults_.empty()) return;
  const int64_t now_ns = clock_.now_ns();
  for (size_t i = 0; i < faults_.size(); ++i) {
    if (const auto stretch = timetable_->stretch(i, start_ns, now_ns)) {
      use(faults_[i][static_cast<size_t>(*stretch)]);
    }
  }
}

void FaultAccount::count(int64_t start_ns, uint64_t FaultWindow::*field) {
  each_stretch(start_ns, [field](Open& open) { ++(open.window.*field); });
}

void FaultAccount::command_failed(int64_t start_ns, bool timed_out) {
  count(start_ns, &FaultWindow::errors);
  if (timed_out) count(start_ns, &FaultWindow::timeouts);
}

void FaultAccount::fell_back(int64_t start_ns) {
  if (recorder_.measuring()) ++counts_.fallbacks;
  count(start_ns, &FaultWindow::fallbacks);
}

void FaultAccount::served_stale(int64_t start_ns, bool outdated) {
  if (recorder_.measuring()) {
    ++counts_.stale_served;
    if (outdated) ++counts_.outdated_served;
  }
  count(start_ns, &FaultWindow::stale_served);
}

void FaultAccount::finished(int64_t start_ns, const End& end) {
  if (end.failed && recorder_.measuring()) ++counts_.failed_requests;
  each_stretch(start_ns, [&](Open& open) {
    FaultWindow& window = open.window;
    ++window.requests;
    if (end.is_get) ++window.gets;
    if (end.is_hit) ++window.hits;
    if (end.failed) ++window.failed_requests;
    open.times.record(end.response_ns);
  });
}

void FaultAccount::begin() {
  counts_ = {};
  faults_.clear();
  if (timetable_) faults_.resize(timetable_->faults().size());
}

void FaultAccount::finish() {
  RunResult& result = recorder_.result;
  result.cache_errors = counts_;
  result.faults.resize(faults_.size());
  for (size_t i = 0; i < faults_.size(); ++i) {
    FaultResult& fault = result.faults[i];
    const Fault& planned = timetable_->faults()[i].fault;
    fault.spec = planned.spec.text();
    fault.name = planned.name();
    fault.on_origin = planned.on_origin;
    fault.means = timetable_->faults()[i].means;
    fault.at_ns = planned.at_ns;
    for (size_t s = 0; s < kFaultStretches; ++s) {
      fault.windows[s] = faults_[i][s].window;
      fault.windows[s].times = faults_[i][s].times.take();
    }
  }
}

}  // namespace cachegauge
