#include "harness/replay/client.h"

#include <fmt/format.h>

#include <utility>

namespace cachegauge {
namespace {

// Sampled requests stand at random distances, so as not to beat with a periodic trace.
constexpr uint64_t kMeanSampleGap = 16;
constexpr uint64_t kFirstSamples = 64;  // all timed, so that every kind of result soon has one
constexpr uint32_t kUntimedGap = 255;   // between looks at the clock when nothing is timed

// In real time an in-process cache never makes its client wait: lanes let the timers and the other
// lanes run after this many requests.
constexpr uint32_t kRequestsBetweenYields = 64;

}  // namespace

Client::Client(LaneShared& shared, SessionPool& cache, SessionPool* origin, uint32_t index,
               uint64_t seed)
    : shared_(shared),
      cache_(cache),
      origin_(origin),
      index_(index),
      sampling_(random_stream(seed, 1000 + index)) {}

Client::Client(const Client& front, Behind)
    : shared_(front.shared_),
      cache_(front.cache_),
      origin_(front.origin_),
      index_(front.index_),
      sampling_(0),
      held_(*front.request_),
      intended_start_ns_(front.intended_start_ns_) {}

void Client::begin_phase() {
  completed_ns_ = 0;
  until_sample_ = 0;
  timed_ = quick_ = false;
}

bool Client::fetch_in_turn() {
  if (shared_.open_loop) return wait_for_request();
  if (is_ahead()) return wait_for_others();
  if (shared_.in_process && !shared_.virtual_scheduler && until_yield_-- == 0) return yield();
  return take_next();
}

bool Client::wait_for_request() {
  has_request_ = false;
  if (shared_.ended) {
    flush_waitless();
    return true;
  }
  shared_.idle.push_back(this);
  return false;
}

void Client::carry_out(const PreparedRequest& request, int64_t intended_start_ns) {
  held_ = request;
  has_request_ = true;
  completed_ns_ = 0;
  begin_request();
  intended_start_ns_ = intended_start_ns;
  waiter_.resume();
}

void Client::send_home() {
  flush_waitless();
  waiter_.resume();
}

// Of the other threads, by more than they may be apart; looked at when more rows are to be decoded.
bool Client::is_ahead() {
  if (shared_.threads == 1 || shared_.feed.has_ready()) return false;
  const uint64_t position = shared_.feed.position();
  shared_.control.position[shared_.thread].store(position, std::memory_order_relaxed);
  return position > CellControl::kMostAhead && !shared_.ended &&
         !shared_.control.stop.load(std::memory_order_relaxed) &&
         position - CellControl::kMostAhead > shared_.control.slowest(shared_.threads);
}

bool Client::wait_for_others() {
  constexpr int64_t kNapNs = 50'000;
  shared_.scheduler.wake_at(shared_.scheduler.now_ns() + kNapNs, index_, this);
  return false;
}

bool Client::yield() {
  until_yield_ = kRequestsBetweenYields;
  shared_.scheduler.post(this);
  return false;
}

const PreparedRequest* Client::refill_and_next() {
  try {
    const PreparedRequest* next = shared_.feed.next(shared_.phase_end);
    shared_.note_refill();
    return next;
  } catch (...) {  // a bad row: the other lanes finish what they have, then run() throws this
    if (!shared_.scheduler.failure) shared_.scheduler.failure = std::current_exception();
    return nullptr;
  }
}

// The request lies in the virtual future: wake() goes on then.
bool Client::wait_for_arrival() {
  waits_for_arrival_ = true;
  shared_.scheduler.wake_at(request_->time_ns, index_, this);
  return false;
}

void Client::wake() {
  if (waits_for_arrival_) {
    waits_for_arrival_ = false;
    begin_request();
  } else {
    shared_.clock_ns = shared_.scheduler.now_ns();
    if (is_ahead()) {
      wait_for_others();
      return;
    }
    take_next();
  }
  waiter_.resume();
}

// Looks at the clock, and says when to look again. Under virtual time the stamps of a timed request
// will do: a reading costs as much as the whole of a request that is not timed.
void Client::sample() {
  timed_ = shared_.timing != TimingMode::kOff;
  if (!timed_ || !shared_.virtual_scheduler) intended_start_ns_ = completed_ns_ = monotonic_ns();
  shared_.clock_ns = completed_ns_;
  if (completed_ns_ >= shared_.deadline_ns) shared_.ended = true;
  service_ns_ = first_started_ns_ = 0;
  until_sample_ = 0;
  if (!timed_) {
    until_sample_ = kUntimedGap;
  } else if (shared_.timing == TimingMode::kSampled && ++samples_ > kFirstSamples) {
    until_sample_ = static_cast<uint32_t>(sampling_.below(2 * kMeanSampleGap - 1));
  }
}

void Client::note_times(const Completion& completion, Timing timing) {
  if (completion.completed_ns == 0) {  // never sent: rejected, or given up in line
    completed_ns_ = shared_.scheduler.now_ns();
  } else {
    const int64_t service_ns = completion.completed_ns - completion.started_ns;
    service_ns_ += service_ns;
    if (first_started_ns_ == 0) first_started_ns_ = completion.started_ns;
    completed_ns_ = completion.completed_ns;
    if (shared_.timing != TimingMode::kOff) shared_.recorder.time(timing, service_ns);
  }
}

// A command that was rejected (true) or failed (false).
bool Client::note_trouble(const Completion& completion) {
  if (completion.outcome == Outcome::kRejected) {
    ++shared_.recorder.counters().rejected;
    shared_.failing_since_ns = 0;
    return true;
  }
  Counters& counters = shared_.recorder.counters();
  ++counters.errors;
  if (completion.outcome == Outcome::kTimeout) ++counters.timeouts;
  if (request_->op == Op::kGet) result_ = Result::kFailedGet;
  if (shared_.faults) {
    shared_.faults->command_failed(intended_start_ns_, completion.outcome == Outcome::kTimeout);
    request_failed_ =
        result_ == Result::kFailedGet || shared_.faults->on_cache_error() == OnCacheError::kFail;
  }
  note_silence(shared_.failing_since_ns, shared_.give_up_ns,
               "every command failed for the last {:.1f} s, so the cell was ended early; is the "
               "server up?");
  return false;
}

// `text` has a place for the seconds.
void Client::note_silence(int64_t& since_ns, int64_t limit_ns, std::string_view text) {
  const int64_t now_ns = shared_.scheduler.now_ns();
  if (since_ns == 0) since_ns = now_ns;
  if (now_ns - since_ns <= limit_ns || !shared_.failure.empty()) return;
  shared_.ended = true;
  shared_.failure = fmt::format(fmt::runtime(text), static_cast<double>(now_ns - since_ns) / 1e9);
}

void Client::finish_fully() {
  if (!shared_.in_process) {
    const int64_t response_ns = completed_ns_ - intended_start_ns_;
    if (shared_.faults) end_account(response_ns);
    shared_.recorder.in_flight_for(response_ns);
    shared_.recorder.completed(completed_ns_, response_ns);
    if (shared_.timing != TimingMode::kOff) record_response(result_, response_ns);
    if (shared_.log) write_log();
    return;
  }
  if (shared_.timing == TimingMode::kOff) return;
  if (shared_.virtual_scheduler) {
    Sampled& sampled = sampled_[static_cast<size_t>(result_)];
    // What was waited for in virtual time, and the commands, which take none of it.
    const int64_t waited_ns = shared_.virtual_scheduler->now_ns() - intended_start_ns_;
    if (timed_) {
      flush_waitless(result_);
      sampled.service_ns = service_ns_;
      if (shared_.faults) end_account(waited_ns + service_ns_);
      shared_.recorder.completed(
          shared_.series_is_virtual ? shared_.virtual_scheduler->now_ns() : completed_ns_,
          waited_ns + service_ns_);
    }
    record_response(result_, waited_ns + sampled.service_ns);
  } else if (timed_) {
    const int64_t response_ns = completed_ns_ - intended_start_ns_;
    if (shared_.faults) end_account(response_ns);
    shared_.recorder.in_flight_for(response_ns);
    shared_.recorder.completed(completed_ns_, response_ns);
    record_response(result_, response_ns);
    if (shared_.log) write_log();
  }
}

void Client::record_response(Result result, int64_t response_ns, uint64_t times) {
  constexpr Timing kTimings[] = {Timing::kResponseGetHit, Timing::kResponseGetMiss,
                                 Timing::kResponseSet,    Timing::kResponseAdd,
                                 Timing::kResponseDelete, Timing::kResponseGet};
  shared_.recorder.time(kTimings[static_cast<size_t>(result)], response_ns, times);
  if (!class_) return;
  const bool is_get = request_->op == Op::kGet;
  (is_get ? class_->get_response_ns : class_->write_response_ns).record(response_ns, times);
}

void Client::flush_waitless(Result result) {
  Sampled& sampled = sampled_[static_cast<size_t>(result)];
  const uint64_t times = std::exchange(sampled.waitless, 0);
  if (times == 0 || shared_.timing == TimingMode::kOff) return;
  record_response(result, sampled.service_ns, times);
}

void Client::flush_waitless() {
  for (size_t result = 0; result < sampled_.size(); ++result) {
    flush_waitless(static_cast<Result>(result));
  }
}

void Client::write_log() {
  constexpr std::string_view kResults[] = {"hit", "miss", "set", "add", "delete", "failed"};
  shared_.log->add({.index = request_->index,
                    .op = op_name(request_->op),
                    .result = kResults[static_cast<size_t>(result_)],
                    .intended_ns = intended_start_ns_,
                    .started_ns = first_started_ns_,
                    .completed_ns = completed_ns_});
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

Client::Call Client::change() {
  switch (request_->op) {
    case Op::kAdd:
      return add();
    case Op::kDelete:
      return remove();
    default:
      return set();
  }
}

void Client::took_change(const Completion& completion) {
  switch (request_->op) {
    case Op::kAdd:
      return took_add(completion);
    case Op::kDelete:
      return took_remove(completion);
    default:
      return took_set(completion);
  }
}

void Client::took_removed_key(const Completion& completion) {
  took(completion, Timing::kServiceDelete);
}

Client::Call Client::remove_key(uint32_t id) {
  const KeyRecord& key = shared_.feed.keys().record(id);
  order_.command.key = key.bytes();
  order_.command.key_hash = key.hash();
  order_.command.now_ns = shared_.scheduler.now_ns();
  return command(CommandKind::kDelete);
}

}  // namespace cachegauge
