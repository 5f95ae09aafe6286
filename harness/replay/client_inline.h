// What every request passes through: parts of client.h, which includes this at its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "harness/replay/client.h"

namespace cachegauge {

// The next request of the thread, or null at the end of the phase.
inline const PreparedRequest* Client::feed_next() {
  if (shared_.control.stop.load(std::memory_order_relaxed)) return nullptr;
  return shared_.feed.has_ready() ? shared_.feed.next(shared_.phase_end) : refill_and_next();
}

inline bool Client::take_next() {
  has_request_ = false;
  if (shared_.ended) {
    flush_waitless();
    return true;
  }
  if (shared_.serve_at_once) shared_.serve_at_once(*this);
  const PreparedRequest* next = feed_next();
  if (!next) {
    shared_.ended = true;
    flush_waitless();
    return true;
  }
  held_ = *next;
  request_ = &held_;
  has_request_ = true;
  shared_.recorder.at_place(request_->index);
  if (shared_.virtual_scheduler && shared_.honours_time &&
      !shared_.virtual_scheduler->try_advance_to(request_->time_ns)) {
    return wait_for_arrival();
  }
  begin_request();
  return true;
}

inline void Client::begin_request() {
  if (!shared_.in_process) {
    service_ns_ = first_started_ns_ = 0;
    intended_start_ns_ = completed_ns_ != 0 ? completed_ns_ : shared_.scheduler.now_ns();
    if (intended_start_ns_ >= shared_.deadline_ns) shared_.ended = true;
    order_.command.now_ns = shared_.clock_ns;
  } else if (shared_.virtual_scheduler) {
    timed_ = false;
    quick_ = until_sample_-- != 0;
    if (!quick_) sample();
    order_.command.now_ns = intended_start_ns_ = shared_.virtual_scheduler->now_ns();
  } else {
    timed_ = false;
    if (until_sample_-- == 0) sample();
    order_.command.now_ns = shared_.clock_ns;
  }
  order_.timed = timed_;
  request_failed_ = false;
  address_order();
  shared_.recorder.request_started();
}

// As many as arrive by the same moment, lie in one segment of the hit history, and are not timed.
inline std::span<const PreparedRequest> Client::next_at_once() {
  if (until_sample_ == 0 || shared_.ended || !shared_.feed.has_ready() ||
      shared_.control.stop.load(std::memory_order_relaxed)) {
    return {};
  }
  const std::span<const PreparedRequest> ready = shared_.feed.ready();
  VirtualScheduler& scheduler = *shared_.virtual_scheduler;
  if (ready[0].index >= shared_.phase_end ||
      (shared_.honours_time && !scheduler.try_advance_to(ready[0].time_ns))) {
    return {};
  }
  const uint64_t end = std::min(shared_.phase_end, shared_.recorder.at_place(ready[0].index));
  const int64_t now_ns = scheduler.now_ns();
  const size_t most = std::min<size_t>(ready.size(), until_sample_);
  size_t count = 1;
  while (count < most && ready[count].index < end && ready[count].time_ns <= now_ns) ++count;
  shared_.feed.take(count);
  until_sample_ -= static_cast<uint32_t>(count);
  timed_ = order_.timed = false;
  order_.command.now_ns = now_ns;
  return ready.first(count);
}

inline void Client::address_order() {
  order_.command.key = request_->key;
  order_.command.key_hash = request_->key_hash;
  order_.command.ttl_ns = request_->ttl_ns;
  order_.command.value_size_bytes = request_->value_size_bytes;
}

inline Client::Call Client::command(CommandKind kind, uint32_t version) {
  order_.command.kind = kind;
  order_.command.value = {};  // of the last command; made anew where there is a version
  order_.version = version;
  return Call(cache_, order_);
}

inline void Client::begin_look() {
  floor_ = request_->versions().floor();
  write_version_ = 0;
}

inline Client::Call Client::get() {
  begin_look();
  return command(CommandKind::kGet);
}

inline Client::Call Client::write(CommandKind kind, uint32_t version) {
  write_version_ = version;
  if (!shared_.in_process) request_->record->versions.begin_write(version);
  return command(kind, kind == CommandKind::kDelete ? 0 : version);
}

inline Client::Call Client::fill() {
  ++shared_.recorder.counters().fills;
  if (write_version_ == 0) write_version_ = request_->versions().current();
  return write(CommandKind::kSet, write_version_);
}

inline bool Client::took(const Completion& completion, Timing timing) {
  if (!shared_.in_process || timed_) note_times(completion, timing);
  if (completion.outcome >= Outcome::kRejected) return note_trouble(completion);
  shared_.failing_since_ns = 0;
  return true;
}

inline bool Client::took_get(const Completion& completion) {
  Counters& counters = shared_.recorder.counters();
  ++counters.gets;
  if (!took(completion, Timing::kServiceGet)) {
    ++counters.get_errors;
    return true;
  }
  if (completion.outcome != Outcome::kHit) {
    ++counters.misses;
    counters.get_bytes += request_->value_size_bytes;
    result_ = Result::kMiss;
    return false;
  }
  ++counters.hits;
  counters.get_bytes += completion.value.size();
  counters.hit_bytes += completion.value.size();
  verify(completion.value);
  result_ = Result::kHit;
  return true;
}

inline void Client::verify(std::string_view value) { count_check(check(value)); }

inline void Client::count_check(const ValueCheck& check) {
  Counters& counters = shared_.recorder.counters();
  switch (check.verdict) {
    case ValueVerdict::kUnverifiable:
      ++counters.unverifiable;
      break;
    case ValueVerdict::kCorrupt:
      ++counters.corrupt;
      break;
    case ValueVerdict::kGood:
      if (check.version < floor_) count_stale();
      break;
  }
}

// What became of a write, for the version book.
constexpr WriteEffect effect_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kStored:
    case Outcome::kDeleted:
    case Outcome::kNotFound:
      return WriteEffect::kWritten;
    case Outcome::kError:
    case Outcome::kTimeout:
      return WriteEffect::kUnknown;
    default:
      return WriteEffect::kNone;
  }
}

inline void Client::took_write(const Completion& completion, Timing timing, Result result) {
  result_ = result;
  took(completion, timing);
  const Outcome outcome = completion.outcome;
  if (outcome == Outcome::kNotStored) ++shared_.recorder.counters().not_stored;
  if (!shared_.in_process) {
    request_->record->versions.end_write(effect_of(outcome));
  } else if (effect_of(outcome) == WriteEffect::kWritten) {
    if (request_->record) request_->record->versions.written_at_once(write_version_);
  } else if (effect_of(outcome) == WriteEffect::kUnknown) {
    shared_.feed.record(*request_).versions.begin_write(write_version_);  // for good
  }
}

inline void Client::took_fill(const Completion& completion) {
  took_write(completion, Timing::kServiceFill, Result::kMiss);
  result_ = Result::kMiss;  // the application has its value, whatever became of the fill
  request_failed_ = false;
}

inline void Client::finish() {
  shared_.recorder.request_finished();
  if (shared_.recorder.classes) count_class();
  if (quick_) {
    ++sampled_[static_cast<size_t>(result_)].waitless;
  } else {
    finish_fully();
  }
}

}  // namespace cachegauge
