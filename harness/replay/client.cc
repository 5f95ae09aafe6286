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

void Client::begin_phase() {
  completed_ns_ = 0;
  until_sample_ = 0;
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
  request_ = request;
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

// Of the other threads, by more than they may be apart.
bool Client::is_ahead() {
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
    return shared_.feed.next(shared_.phase_end);
  } catch (...) {  // a bad row: the other lanes finish what they have, then run() throws this
    if (!shared_.scheduler.failure) shared_.scheduler.failure = std::current_exception();
    return nullptr;
  }
}

// The request lies in the virtual future: wake() goes on then.
bool Client::wait_for_arrival() {
  waits_for_arrival_ = true;
  shared_.scheduler.wake_at(request_.time_ns, index_, this);
  return false;
}

void Client::wake() {
  if (waits_for_arrival_) {
    waits_for_arrival_ = false;
    begin_request();
  } else {
    shared_.clock_ns = shared_.scheduler.now_ns();
    if (shared_.threads > 1 && !shared_.feed.has_ready() && is_ahead()) {
      wait_for_others();
      return;
    }
    take_next();
  }
  waiter_.resume();
}

// Looks at the clock, and says when to look again.
void Client::sample() {
  const int64_t now_ns = monotonic_ns();
  shared_.clock_ns = now_ns;
  if (now_ns >= shared_.deadline_ns) shared_.ended = true;
  intended_start_ns_ = completed_ns_ = now_ns;
  timed_ = shared_.timing != TimingMode::kOff;
  until_sample_ = 0;
  if (!timed_) {
    until_sample_ = kUntimedGap;
  } else if (shared_.timing == TimingMode::kSampled && ++samples_ > kFirstSamples) {
    until_sample_ = static_cast<uint32_t>(sampling_.below(2 * kMeanSampleGap - 1));
  }
}

Client::Call Client::load() {
  // The origin answers with what it held when it was asked.
  write_version_ = shared_.versions.current(request_.id);
  ++shared_.recorder.counters().origin_calls;
  shared_.origin_gauge.begin();
  Command command;
  command.key = {request_.key, request_.key_size};
  command.key_hash = request_.key_hash;
  command.value_size_bytes = request_.value_size_bytes;
  command.now_ns = shared_.scheduler.now_ns();
  return Call(*origin_, command, false);
}

bool Client::note_failure(const Completion& completion) {
  Counters& counters = shared_.recorder.counters();
  ++counters.errors;
  if (completion.outcome == Outcome::kTimeout) ++counters.timeouts;
  if (request_.op == Op::kGet) result_ = Result::kFailedGet;
  const int64_t silence_ns = shared_.scheduler.now_ns() - shared_.last_success_ns;
  if (silence_ns > shared_.give_up_ns && shared_.failure.empty()) {
    shared_.ended = true;
    shared_.failure = fmt::format(
        "every command failed for the last {:.1f} s, so the cell was ended early; is the server "
        "up?",
        static_cast<double>(silence_ns) / 1e9);
  }
  return false;
}

void Client::record_response(Result result, int64_t response_ns, uint64_t times) {
  constexpr Timing kTimings[] = {Timing::kResponseGetHit, Timing::kResponseGetMiss,
                                 Timing::kResponseSet,    Timing::kResponseAdd,
                                 Timing::kResponseDelete, Timing::kResponseGet};
  shared_.recorder.time(kTimings[static_cast<size_t>(result)], response_ns, times);
}

void Client::flush_waitless(Result result) {
  Sampled& sampled = sampled_[static_cast<size_t>(result)];
  if (sampled.waitless == 0) return;
  record_response(result, sampled.service_ns, std::exchange(sampled.waitless, 0));
}

void Client::flush_waitless() {
  for (size_t result = 0; result < sampled_.size(); ++result) {
    flush_waitless(static_cast<Result>(result));
  }
}

void Client::write_log() {
  constexpr std::string_view kResults[] = {"hit", "miss", "set", "add", "delete", "failed"};
  shared_.log->add({.index = request_.index,
                    .op = op_name(request_.op),
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

bool Client::took_load(const Completion& completion) {
  shared_.origin_gauge.end();
  shared_.recorder.time(Timing::kServiceOrigin, completion.completed_ns - completion.started_ns);
  if (!shared_.virtual_scheduler) shared_.clock_ns = completed_ns_ = completion.completed_ns;
  if (!is_failure(completion.outcome)) return true;
  ++shared_.recorder.counters().origin_errors;
  return false;
}

void Client::took_removed_key(const Completion& completion) {
  took(completion, Timing::kServiceDelete);
}

Client::Call Client::remove_key(uint32_t id) {
  Command command;
  command.kind = CommandKind::kDelete;
  command.key = shared_.feed.keys().key(id);
  command.key_hash = shared_.feed.keys().key_hash(id);
  command.now_ns = shared_.scheduler.now_ns();
  return Call(cache_, command, false);
}

}  // namespace cachegauge
