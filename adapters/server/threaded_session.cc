#include "adapters/server/threaded_session.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/server/session_support.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {

ThreadedSession::ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                                 std::shared_ptr<IncidentLog> log,
                                 std::unique_ptr<BlockingClient> client)
    : ThreadedSession(context, timeout_ns, std::make_shared<WorkerPool>(std::move(log))) {
  waits_count_ = false;
  pool_->add(std::move(client));
}

ThreadedSession::ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                                 std::shared_ptr<WorkerPool> pool)
    : loop_(require_loop(context, "a client that blocks")),
      client_number_(context.client),
      ready_(context.ready),
      timeout_ns_(timeout_ns),
      done_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      pool_(std::move(pool)) {
  if (!done_event_) throw Error::failed(fmt::format("eventfd: {}", std::strerror(errno)));
  loop_.watch(done_event_.get(), EPOLLIN, this);
}

ThreadedSession::~ThreadedSession() {
  pool_->forget(*this);
  loop_.unwatch(done_event_.get());
}

BlockingJob* ThreadedSession::take_free_job() {
  if (free_jobs_.empty()) return all_jobs_.emplace_back(std::make_unique<BlockingJob>()).get();
  BlockingJob* job = free_jobs_.back();
  free_jobs_.pop_back();
  return job;
}

void ThreadedSession::submit(std::span<const Command> commands) {
  const int64_t now = monotonic_ns();
  for (const Command& command : commands) {
    BlockingJob* job = take_free_job();
    job->key.assign(command.key);
    job->value.assign(command.value);
    job->command = command;
    job->command.key = job->key;
    job->command.value = job->value;
    job->deadline_ns = now + timeout_ns_;
    job->owner = this;
    job->sequence = ++last_sequence_;
    deadlines_.push_back({job, job->sequence});
    moving_.push_back(job);
  }
  pool_->submit(moving_);
  moving_.clear();
  set_timer();
}

size_t ThreadedSession::poll(std::span<Completion> out) {
  ready_told_ = false;
  const size_t count = completions_.poll(out);
  if (completions_.more()) {
    ready_told_ = true;
    loop_.post(ready_);
  }
  return count;
}

void ThreadedSession::take_back(std::span<BlockingJob* const> jobs) {
  const std::lock_guard lock(mutex_);
  const bool tell = done_.empty();
  done_.insert(done_.end(), jobs.begin(), jobs.end());
  if (tell) eventfd_write(done_event_.get(), 1);
}

void ThreadedSession::on_io(uint32_t) {
  eventfd_t count = 0;
  eventfd_read(done_event_.get(), &count);
  {
    const std::lock_guard lock(mutex_);
    moving_.swap(done_);
  }
  for (BlockingJob* job : moving_) {
    if (job->sequence != 0) {  // not given up
      if (job->outcome == Outcome::kHit) completions_.stage(job->value);
      complete(*job, job->outcome, waits_count_ ? submitted_ns(*job) : job->started_ns,
               job->completed_ns);
    }
    free_jobs_.push_back(job);
  }
  moving_.clear();
  drop_completed();
}

void ThreadedSession::complete(BlockingJob& job, Outcome outcome, int64_t started_ns,
                               int64_t completed_ns) {
  job.sequence = 0;
  completions_.add({.tag = job.command.tag,
                    .outcome = outcome,
                    .value = {},
                    .started_ns = started_ns,
                    .completed_ns = completed_ns});
  if (ready_told_) return;
  ready_told_ = true;
  loop_.post(ready_);
}

void ThreadedSession::drop_completed() {
  while (!deadlines_.empty() && deadlines_.front().job->sequence != deadlines_.front().sequence) {
    deadlines_.pop_front();
  }
}

void ThreadedSession::set_timer() {
  if (deadlines_.empty()) return;
  const int64_t next = deadlines_.front().job->deadline_ns;
  if (timer_at_ns_ != 0 && timer_at_ns_ <= next) return;
  timer_at_ns_ = next;
  loop_.wake_at(next, client_number_, &timer_);
}

void ThreadedSession::on_timer() {
  const int64_t now = monotonic_ns();
  if (now < timer_at_ns_) return;
  timer_at_ns_ = 0;
  while (!deadlines_.empty() && deadlines_.front().job->deadline_ns <= now) {
    BlockingJob& job = *deadlines_.front().job;
    complete(job, Outcome::kTimeout, submitted_ns(job), now);
    drop_completed();
  }
  set_timer();
}

}  // namespace cachegauge
