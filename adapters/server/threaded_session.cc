#include "adapters/server/threaded_session.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include "adapters/server/session_support.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kMostHeld = 64;
constexpr int64_t kLongestHeldNs = 2'000'000;

bool changes_something(Outcome outcome) {
  return outcome == Outcome::kStored || outcome == Outcome::kDeleted;
}

}  // namespace

ThreadedSession::ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                                 std::shared_ptr<IncidentLog> log,
                                 std::unique_ptr<BlockingClient> client)
    : loop_(require_loop(context, "a client that blocks")),
      client_number_(context.client),
      ready_(context.ready),
      timeout_ns_(timeout_ns),
      done_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      log_(std::move(log)),
      client_(std::move(client)) {
  if (!done_event_) throw Error::failed(fmt::format("eventfd: {}", std::strerror(errno)));
  loop_.watch(done_event_.get(), EPOLLIN, this);
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    loop_.unwatch(done_event_.get());
    throw Error::failed(fmt::format("cannot start a thread for a connection: {}", error.what()));
  }
}

ThreadedSession::~ThreadedSession() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  loop_.unwatch(done_event_.get());
}

ThreadedSession::Job* ThreadedSession::take_free_job() {
  if (free_jobs_.empty()) return all_jobs_.emplace_back(std::make_unique<Job>()).get();
  Job* job = free_jobs_.back();
  free_jobs_.pop_back();
  return job;
}

void ThreadedSession::submit(std::span<const Command> commands) {
  const int64_t now = monotonic_ns();
  {
    const std::lock_guard lock(mutex_);
    for (const Command& command : commands) {
      Job* job = take_free_job();
      job->key.assign(command.key);
      job->value.assign(command.value);
      job->command = command;
      job->command.key = job->key;
      job->command.value = job->value;
      job->deadline_ns = now + timeout_ns_;
      queued_.push_back(job);
      outstanding_.push({.tag = command.tag, .kind = command.kind});
    }
  }
  changed_.notify_one();
  outstanding_.flushed(now, timeout_ns_);
  set_timer();
}

size_t ThreadedSession::poll(std::span<Completion> out) {
  ready_told_ = false;
  const size_t count = completions_.poll(out);
  if (completions_.more()) tell_ready();
  return count;
}

void ThreadedSession::tell_ready() {
  if (ready_told_) return;
  ready_told_ = true;
  loop_.post(ready_);
}

void ThreadedSession::on_io(uint32_t) {
  eventfd_t count = 0;
  eventfd_read(done_event_.get(), &count);
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(done_);
  }
  for (Job* job : taken_) {
    if (!outstanding_.pop_front_given_up()) {
      if (job->outcome == Outcome::kHit) completions_.stage(job->value);
      completions_.add({.tag = job->command.tag,
                        .outcome = job->outcome,
                        .value = {},
                        .started_ns = job->started_ns,
                        .completed_ns = job->completed_ns});
      tell_ready();
    }
    free_jobs_.push_back(job);
  }
  taken_.clear();
}

void ThreadedSession::set_timer() {
  if (!outstanding_.has_deadline()) return;
  const int64_t next = outstanding_.next_deadline_ns();
  if (timer_at_ns_ != 0 && timer_at_ns_ <= next) return;
  timer_at_ns_ = next;
  loop_.wake_at(next, client_number_, &timer_);
}

void ThreadedSession::on_timer() {
  const int64_t now = monotonic_ns();
  if (now < timer_at_ns_) return;
  timer_at_ns_ = 0;
  outstanding_.expire(now, [&](const Outstanding& command) {
    completions_.add({.tag = command.tag,
                      .outcome = Outcome::kTimeout,
                      .value = {},
                      .started_ns = command.started_ns,
                      .completed_ns = now});
    tell_ready();
  });
  set_timer();
}

void ThreadedSession::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (backoff_ns_ > 0) {
      changed_.wait_for(lock, std::chrono::nanoseconds(backoff_ns_), [this] { return stopping_; });
    }
    changed_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    if (stopping_) return;
    do {
      held_.push_back(queued_.front());
      queued_.pop_front();
      lock.unlock();
      carry_out(*held_.back());
      lock.lock();
    } while (!queued_.empty() && !stopping_ && may_hold_more());
    if (client_->must_commit()) {
      lock.unlock();
      settle();
      lock.lock();
    }
    const bool tell = done_.empty();
    done_.insert(done_.end(), held_.begin(), held_.end());
    held_.clear();
    if (tell) eventfd_write(done_event_.get(), 1);
  }
}

bool ThreadedSession::may_hold_more() const {
  return client_->must_commit() && held_.size() < kMostHeld &&
         held_.back()->completed_ns - held_.front()->started_ns < kLongestHeldNs;
}

// They complete when the commit returns, not before.
void ThreadedSession::settle() {
  const BlockingClient::Result result = client_->commit();
  const int64_t now = monotonic_ns();
  for (Job* job : held_) {
    if (is_failure(result.outcome) && changes_something(job->outcome)) {
      job->outcome = result.outcome;
    }
    job->completed_ns = now;
  }
  note(result);
}

void ThreadedSession::carry_out(Job& job) {
  job.started_ns = monotonic_ns();
  job.outcome = Outcome::kTimeout;
  job.completed_ns = job.started_ns;
  if (job.started_ns >= job.deadline_ns) return;  // given up already
  got_.clear();
  const BlockingClient::Result result = client_->execute(job.command, got_);
  job.completed_ns = monotonic_ns();
  job.outcome = result.outcome;
  job.value.swap(got_);
  note(result);
}

void ThreadedSession::note(const BlockingClient::Result& result) {
  if (result.connection_lost) {
    if (backoff_ns_ == 0) log_->connection_lost(monotonic_ns(), result.text);
    backoff_ns_ = std::clamp(2 * backoff_ns_, kLeastBackoffNs, kMostBackoffNs);
    return;
  }
  if (!result.text.empty()) {
    log_->note(result.text,
               result.outcome == Outcome::kRejected
                   ? fmt::format("commands whose key or value the server cannot take count as "
                                 "rejected: {}",
                                 result.text)
                   : fmt::format("the client answered \"{}\": such commands count as errors",
                                 result.text));
  }
  if (backoff_ns_ > 0 && !is_failure(result.outcome)) {
    backoff_ns_ = 0;
    log_->connection_restored(monotonic_ns());
  }
}

}  // namespace cachegauge
