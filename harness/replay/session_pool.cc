#include "harness/replay/session_pool.h"

#include <array>

#include "harness/core/error.h"

namespace cachegauge {

SessionPool::SessionPool(Scheduler& scheduler, const Options& options)
    : scheduler_(scheduler),
      immediate_(options.immediate),
      depth_(options.depth),
      timeout_ns_(options.timeout_ns),
      waits_(options.waits),
      values_(options.values) {}

SessionPool::~SessionPool() = default;

Wakeup* SessionPool::add_place() {
  return places_.emplace_back(std::make_unique<Place>(*this)).get();
}

void SessionPool::attach(std::unique_ptr<Session> session) {
  Place& place = *places_.back();
  place.session = std::move(session);
  if (!first_session_) first_session_ = place.session.get();
  push_free(place);
}

void SessionPool::set_depth(uint32_t depth) { depth_ = depth; }

void SessionPool::lost_completion() {
  throw Error::failed("an in-process session did not complete a command at once");
}

// Never ready at once: a completion comes through its place's wakeup. Nobody passes those in line.
bool SessionPool::start(Call& call) {
  if (free_head_ && !waiting_head_) {
    if (waits_) waits_->time(Timing::kConnectionWait, 0);
    submit(pop_free(), call);
    return false;
  }
  call.waiting_since_ns_ = scheduler_.now_ns();
  (waiting_tail_ ? waiting_tail_->next_waiting_ : waiting_head_) = &call;
  waiting_tail_ = &call;
  ++waiting_count_;
  if (waits_) waits_->note_backlog(waiting_count_);
  set_timer();
  return false;
}

void SessionPool::submit(Place& place, Call& call) {
  call.make_value();
  call.command_.tag = reinterpret_cast<uint64_t>(&call);
  if (++place.outstanding < depth_) push_free(place);
  place.session->submit({&call.command_, 1});
}

void SessionPool::take_completions(Place& place) {
  std::array<Completion, 64> completions;
  while (true) {
    // Values stay valid until the next poll, and each coroutine is done with its own when it
    // awaits.
    const size_t count = place.session->poll(completions);
    for (size_t i = 0; i < count; ++i) {
      Call& call = *reinterpret_cast<Call*>(completions[i].tag);
      call.completion_ = completions[i];
      release(place);
      call.waiter_.resume();
    }
    serve_waiting();
    if (count < completions.size()) return;
  }
}

void SessionPool::release(Place& place) {
  if (place.outstanding-- == depth_) push_free(place);
}

void SessionPool::serve_waiting() {
  if (!waiting_head_ || !free_head_) return;
  const int64_t now_ns = scheduler_.now_ns();
  while (waiting_head_ && free_head_) {
    Call& call = pop_waiting();
    if (waits_) waits_->time(Timing::kConnectionWait, now_ns - call.waiting_since_ns_);
    submit(pop_free(), call);
  }
}

void SessionPool::push_free(Place& place) {
  place.next_free = nullptr;
  (free_tail_ ? free_tail_->next_free : free_head_) = &place;
  free_tail_ = &place;
}

SessionPool::Place& SessionPool::pop_free() {
  Place& place = *free_head_;
  free_head_ = place.next_free;
  if (!free_head_) free_tail_ = nullptr;
  return place;
}

SessionPool::Call& SessionPool::pop_waiting() {
  Call& call = *waiting_head_;
  waiting_head_ = call.next_waiting_;
  if (!waiting_head_) waiting_tail_ = nullptr;
  --waiting_count_;
  return call;
}

void SessionPool::set_timer() {
  if (timer_set_ || !waiting_head_ || timeout_ns_ == INT64_MAX) return;
  timer_set_ = true;
  scheduler_.wake_at(waiting_head_->waiting_since_ns_ + timeout_ns_, 0, this);
}

void SessionPool::wake() {
  timer_set_ = false;
  const int64_t now_ns = scheduler_.now_ns();
  while (waiting_head_ && waiting_head_->waiting_since_ns_ + timeout_ns_ <= now_ns) {
    Call& call = pop_waiting();
    if (waits_) waits_->time(Timing::kConnectionWait, now_ns - call.waiting_since_ns_);
    call.completion_ = {};
    call.completion_.outcome = Outcome::kTimeout;
    call.waiter_.resume();
  }
  set_timer();
}

}  // namespace cachegauge
