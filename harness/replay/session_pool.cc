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

bool SessionPool::execute_timed(Order& order) {
  const int64_t started_ns = monotonic_ns();
  order.completion.started_ns = started_ns;
  order.completion.completed_ns = 0;
  if (!first_session_->execute(order.command, order.completion)) lost_completion();
  if (order.completion.completed_ns != 0) return true;  // stamped by a layer of its own
  order.completion.started_ns = started_ns;
  order.completion.completed_ns = monotonic_ns();
  return true;
}

// Never ready at once: a completion comes through its place's wakeup. Nobody passes those in line.
bool SessionPool::start(Order& order) {
  if (free_head_ && !waiting_head_) {
    if (waits_) waits_->time(Timing::kConnectionWait, 0);
    submit(pop_free(), order);
    return false;
  }
  order.waiting_since_ns = scheduler_.now_ns();
  order.next_waiting = nullptr;
  (waiting_tail_ ? waiting_tail_->next_waiting : waiting_head_) = &order;
  waiting_tail_ = &order;
  ++waiting_count_;
  if (waits_) waits_->note_backlog(waiting_count_);
  set_timer();
  return false;
}

void SessionPool::submit(Place& place, Order& order) {
  make_value(order);
  order.command.tag = reinterpret_cast<uint64_t>(&order);
  if (++place.outstanding < depth_) push_free(place);
  place.session->submit({&order.command, 1});
}

void SessionPool::take_completions(Place& place) {
  std::array<Completion, 64> completions;
  while (true) {
    // Values stay valid until the next poll, and each coroutine is done with its own when it
    // awaits.
    const size_t count = place.session->poll(completions);
    for (size_t i = 0; i < count; ++i) {
      Order& order = *reinterpret_cast<Order*>(completions[i].tag);
      order.completion = completions[i];
      release(place);
      order.waiter.resume();
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
    Order& order = pop_waiting();
    if (waits_) waits_->time(Timing::kConnectionWait, now_ns - order.waiting_since_ns);
    submit(pop_free(), order);
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

SessionPool::Order& SessionPool::pop_waiting() {
  Order& order = *waiting_head_;
  waiting_head_ = order.next_waiting;
  if (!waiting_head_) waiting_tail_ = nullptr;
  --waiting_count_;
  return order;
}

void SessionPool::set_timer() {
  if (timer_set_ || !waiting_head_ || timeout_ns_ == INT64_MAX) return;
  timer_set_ = true;
  scheduler_.wake_at(waiting_head_->waiting_since_ns + timeout_ns_, 0, this);
}

void SessionPool::wake() {
  timer_set_ = false;
  const int64_t now_ns = scheduler_.now_ns();
  while (waiting_head_ && waiting_head_->waiting_since_ns + timeout_ns_ <= now_ns) {
    Order& order = pop_waiting();
    if (waits_) waits_->time(Timing::kConnectionWait, now_ns - order.waiting_since_ns);
    order.completion = {};
    order.completion.outcome = Outcome::kTimeout;
    order.waiter.resume();
  }
  set_timer();
}

}  // namespace cachegauge
