#include "harness/replay/client.h"

#include <fmt/format.h>

namespace cachegauge {
namespace {

// Under virtual time one request in sixteen (on average, at random distances, so as not to beat
// with a periodic trace) is timed: two clock readings cost as much as the hit between them.
constexpr uint64_t kMeanSampleGap = 16;
constexpr uint64_t kFirstSamples = 64;  // all timed, so that every kind of result soon has one

// In real time an in-process cache never makes its client wait: lanes let the timers and the other
// lanes run after this many requests.
constexpr uint32_t kRequestsBetweenYields = 64;

constexpr uint64_t kProgressStride = 1024;

WriteEffect effect_of(Outcome outcome) {
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

}  // namespace

Client::Client(LaneShared& shared, SessionPort& cache, SessionPort* origin, uint32_t index,
               uint64_t seed)
    : shared_(shared),
      cache_(cache),
      origin_(origin),
      index_(index),
      sampling_(random_stream(seed, 1000 + index)) {}

bool Client::fetch() {
  if (!shared_.virtual_scheduler && shared_.in_process && until_yield_-- == 0) {
    until_yield_ = kRequestsBetweenYields;
    shared_.scheduler.post(this);
    return false;
  }
  return take_next();
}

// Takes the next request of the thread. False if it lies in the virtual future: wake() goes on
// then.
bool Client::take_next() {
  has_request_ = false;
  if (shared_.ended) return true;
  const PreparedRequest* next = nullptr;
  if (!shared_.control.stop.load(std::memory_order_relaxed)) {
    try {
      next = shared_.feed.next(shared_.phase_end);
    } catch (...) {  // a bad row: the other lanes finish what they have, then run() throws this
      if (!shared_.scheduler.failure) shared_.scheduler.failure = std::current_exception();
    }
  }
  if (!next) {
    shared_.ended = true;
    return true;
  }
  request_ = *next;
  has_request_ = true;
  shared_.recorder.at_place(request_.index);
  if (++shared_.taken % kProgressStride == 0) {
    shared_.control.done[shared_.thread].store(shared_.feed.position(), std::memory_order_relaxed);
  }
  if (VirtualScheduler* scheduler = shared_.virtual_scheduler; scheduler && shared_.honours_time) {
    if (!scheduler->try_advance_to(request_.time_ns)) {
      waits_for_time_ = true;
      scheduler->wake_at(request_.time_ns, index_, this);
      return false;
    }
  }
  begin_request();
  return true;
}

void Client::wake() {
  if (waits_for_time_) {
    waits_for_time_ = false;
    begin_request();
  } else {
    take_next();
  }
  waiter_.resume();
}

void Client::begin_request() {
  shared_.versions.reserve_ids(request_.id + 1);
  if (!shared_.virtual_scheduler) {
    intended_start_ns_ = monotonic_ns();
    completed_ns_ = intended_start_ns_;
    timed_ = shared_.in_process;
    if (intended_start_ns_ >= shared_.deadline_ns) shared_.ended = true;
  } else {
    intended_start_ns_ = shared_.scheduler.now_ns();
    timed_ = until_sample_ == 0;
    if (!timed_) {
      --until_sample_;
    } else if (++samples_ > kFirstSamples) {
      until_sample_ = static_cast<uint32_t>(sampling_.below(2 * kMeanSampleGap - 1));
      if (monotonic_ns() >= shared_.deadline_ns) shared_.ended = true;
    }
  }
  service_ns_ = 0;
  shared_.recorder.request_started();
}

SessionPort::Call Client::command(CommandKind kind, std::string_view value) {
  Command command;
  command.kind = kind;
  command.key = shared_.feed.keys().key(request_.id);
  command.key_hash = request_.key_hash;
  command.value = value;
  command.ttl_ns = request_.ttl_ns;
  command.now_ns = shared_.virtual_scheduler ? shared_.virtual_scheduler->now_ns() : completed_ns_;
  return SessionPort::Call(cache_, command, timed_);
}

SessionPort::Call Client::get() {
  floor_ = shared_.versions.floor(request_.id);
  write_version_ = 0;
  return command(CommandKind::kGet, {});
}

SessionPort::Call Client::write(CommandKind kind, uint32_t version) {
  write_version_ = version;
  shared_.versions.begin_write(request_.id, version);
  if (kind == CommandKind::kDelete) return command(kind, {});
  return command(kind, shared_.values.make(request_.key_hash, version, request_.value_size_bytes));
}

SessionPort::Call Client::set() {
  return write(CommandKind::kSet, shared_.versions.advance(request_.id));
}

SessionPort::Call Client::add() {
  return write(CommandKind::kAdd, shared_.versions.advance(request_.id));
}

SessionPort::Call Client::remove() {
  return write(CommandKind::kDelete, shared_.versions.advance(request_.id));
}

SessionPort::Call Client::load() {
  // The origin answers with what it held when it was asked.
  write_version_ = shared_.versions.current(request_.id);
  ++shared_.recorder.counters().origin_calls;
  shared_.origin_gauge.begin();
  Command command;
  command.key = shared_.feed.keys().key(request_.id);
  command.key_hash = request_.key_hash;
  command.value_size_bytes = request_.value_size_bytes;
  command.now_ns = shared_.scheduler.now_ns();
  return SessionPort::Call(*origin_, command, false);
}

SessionPort::Call Client::fill() {
  ++shared_.recorder.counters().fills;
  if (write_version_ == 0) write_version_ = shared_.versions.current(request_.id);
  return write(CommandKind::kSet, write_version_);
}

bool Client::took(const Completion& completion, Timing timing) {
  const bool stamped = completion.completed_ns != 0;
  if (stamped) {
    const int64_t service_ns = completion.completed_ns - completion.started_ns;
    service_ns_ += service_ns;
    completed_ns_ = completion.completed_ns;
    shared_.recorder.time(timing, service_ns);
  }
  return note_outcome(completion);
}

bool Client::note_outcome(const Completion& completion) {
  if (!is_failure(completion.outcome)) {
    if (completion.outcome == Outcome::kRejected) ++shared_.recorder.counters().rejected;
    if (!shared_.in_process) shared_.last_success_ns = completion.completed_ns;
    return true;
  }
  Counters& counters = shared_.recorder.counters();
  ++counters.errors;
  if (completion.outcome == Outcome::kTimeout) ++counters.timeouts;
  result_ = Result::kFailed;
  const int64_t silence_ns = monotonic_ns() - shared_.last_success_ns;
  if (silence_ns > shared_.give_up_ns && shared_.failure.empty()) {
    shared_.ended = true;
    shared_.failure = fmt::format(
        "every command failed for the last {:.1f} s, so the cell was ended early; is the server "
        "up?",
        static_cast<double>(silence_ns) / 1e9);
  }
  return false;
}

bool Client::took_get(const Completion& completion) {
  Counters& counters = shared_.recorder.counters();
  ++counters.gets;
  if (!took(completion, Timing::kServiceGet)) {
    ++counters.get_errors;
    return true;
  }
  if (completion.outcome != Outcome::kHit) {
    ++counters.misses;
    counters.get_bytes += request_.value_size_bytes;
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

void Client::verify(std::string_view value) {
  const ValueCheck check = check_value(value, request_.key_hash);
  Counters& counters = shared_.recorder.counters();
  switch (check.verdict) {
    case ValueVerdict::kUnverifiable:
      ++counters.unverifiable;
      break;
    case ValueVerdict::kCorrupt:
      ++counters.corrupt;
      break;
    case ValueVerdict::kGood:
      if (check.version < floor_) ++counters.stale;
      break;
  }
}

void Client::took_write(const Completion& completion, Timing timing, Result result) {
  result_ = result;
  took(completion, timing);
  if (completion.outcome == Outcome::kNotStored) ++shared_.recorder.counters().not_stored;
  shared_.versions.end_write(request_.id, effect_of(completion.outcome));
}

void Client::took_set(const Completion& completion) {
  ++shared_.recorder.counters().sets;
  took_write(completion, Timing::kServiceSet, Result::kSet);
}

void Client::took_add(const Completion& completion) {
  ++shared_.recorder.counters().adds;
  took_write(completion, Timing::kServiceAdd, Result::kAdd);
}

void Client::took_remove(const Completion& completion) {
  ++shared_.recorder.counters().deletes;
  took_write(completion, Timing::kServiceDelete, Result::kDelete);
}

void Client::took_load(const Completion& completion) {
  shared_.origin_gauge.end();
  shared_.recorder.time(Timing::kServiceOrigin, completion.completed_ns - completion.started_ns);
  if (!shared_.virtual_scheduler) completed_ns_ = completion.completed_ns;
}

void Client::took_fill(const Completion& completion) {
  took_write(completion, Timing::kServiceFill, Result::kMiss);
  result_ = Result::kMiss;  // the application has its value, whatever became of the fill
}

void Client::took_removed_key(const Completion& completion) { note_outcome(completion); }

SessionPort::Call Client::remove_key(uint32_t id) {
  Command command;
  command.kind = CommandKind::kDelete;
  command.key = shared_.feed.keys().key(id);
  command.key_hash = shared_.feed.keys().key_hash(id);
  command.now_ns = shared_.scheduler.now_ns();
  return SessionPort::Call(cache_, command, false);
}

void Client::finish() {
  int64_t response_ns;
  if (shared_.virtual_scheduler) {
    int64_t& latest = sampled_service_ns_[static_cast<size_t>(result_)];
    if (timed_) latest = service_ns_;
    // What was waited for in virtual time, and the commands, which take none of it.
    response_ns = shared_.scheduler.now_ns() - intended_start_ns_ + latest;
  } else {
    response_ns = completed_ns_ - intended_start_ns_;
  }
  shared_.recorder.request_finished(shared_.virtual_scheduler ? 0 : response_ns);
  if (timed_ || !shared_.in_process) shared_.recorder.completed(completed_ns_, response_ns);
  constexpr Timing kTimings[] = {Timing::kResponseGetHit, Timing::kResponseGetMiss,
                                 Timing::kResponseSet, Timing::kResponseAdd,
                                 Timing::kResponseDelete};
  if (result_ != Result::kFailed) {
    shared_.recorder.time(kTimings[static_cast<size_t>(result_)], response_ns);
  } else if (request_.op == Op::kGet) {
    shared_.recorder.time(Timing::kResponseGet, response_ns);
  } else {
    shared_.recorder.time(kTimings[1 + static_cast<size_t>(request_.op)], response_ns);
  }
}

}  // namespace cachegauge
