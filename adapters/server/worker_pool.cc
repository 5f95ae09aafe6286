#include "adapters/server/worker_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
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

class WorkerPool::Worker {
 public:
  Worker(std::shared_ptr<IncidentLog> log, std::unique_ptr<BlockingClient> client)
      : log_(std::move(log)), client_(std::move(client)) {}

  int64_t backoff_ns() const { return backoff_ns_; }  // 0: connected
  void carry_out(BlockingJob& job);
  void fail(BlockingJob& job);
  bool may_hold_more() const;
  void settle();
  // The owners of the jobs that go back with this, one for each.
  std::vector<JobOwner*>& hand_back();

  std::thread thread;

 private:
  void note(const BlockingClient::Result& result);

  const std::shared_ptr<IncidentLog> log_;
  const std::unique_ptr<BlockingClient> client_;
  std::string got_;
  std::vector<BlockingJob*> held_;  // executed, and not yet final
  std::vector<JobOwner*> owners_;
  int64_t backoff_ns_ = 0;
};

void WorkerPool::Worker::carry_out(BlockingJob& job) {
  held_.push_back(&job);
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

void WorkerPool::Worker::fail(BlockingJob& job) {
  held_.push_back(&job);
  job.outcome = Outcome::kError;
  job.started_ns = job.completed_ns = monotonic_ns();
}

bool WorkerPool::Worker::may_hold_more() const {
  return client_->must_commit() && held_.size() < kMostHeld &&
         held_.back()->completed_ns - held_.front()->started_ns < kLongestHeldNs;
}

// They complete when the commit returns, not before.
void WorkerPool::Worker::settle() {
  if (!client_->must_commit()) return;
  const BlockingClient::Result result = client_->commit();
  const int64_t now = monotonic_ns();
  for (BlockingJob* job : held_) {
    if (is_failure(result.outcome) && changes_something(job->outcome)) {
      job->outcome = result.outcome;
    }
    job->completed_ns = now;
  }
  note(result);
}

// A job that was handed back is its owner's again, and may be on its way anew.
std::vector<JobOwner*>& WorkerPool::Worker::hand_back() {
  owners_.clear();
  for (const BlockingJob* job : held_) owners_.push_back(job->owner);
  for (size_t begin = 0, end = 0; begin < held_.size(); begin = end) {
    while (end < held_.size() && owners_[end] == owners_[begin]) ++end;
    owners_[begin]->take_back({&held_[begin], end - begin});
  }
  held_.clear();
  return owners_;
}

void WorkerPool::Worker::note(const BlockingClient::Result& result) {
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

WorkerPool::WorkerPool(std::shared_ptr<IncidentLog> log) : log_(std::move(log)) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_one_.notify_all();
  stopped_.notify_all();
  for (const auto& worker : workers_) worker->thread.join();
}

void WorkerPool::add(std::unique_ptr<BlockingClient> client) {
  auto worker = std::make_unique<Worker>(log_, std::move(client));
  try {
    worker->thread = std::thread([this, own = worker.get()] { work(*own); });
  } catch (const std::system_error& error) {
    throw Error::failed(fmt::format("cannot start a thread for a connection: {}", error.what()));
  }
  workers_.push_back(std::move(worker));
}

void WorkerPool::submit(std::span<BlockingJob* const> jobs) {
  {
    const std::lock_guard lock(mutex_);
    for (BlockingJob* job : jobs) queued_.push_back(job);
  }
  if (jobs.size() == 1) {
    queued_one_.notify_one();
  } else {
    queued_one_.notify_all();
  }
}

void WorkerPool::forget(JobOwner& owner) {
  std::unique_lock lock(mutex_);
  for (size_t left = queued_.size(); left > 0; --left) {
    BlockingJob* job = queued_.front();
    queued_.pop_front();
    if (job->owner != &owner) queued_.push_back(job);
  }
  handed_back_.wait(lock, [&owner] { return owner.in_hand_ == 0; });
}

void WorkerPool::hand_back(Worker& worker, Lock& lock) {
  lock.unlock();
  const std::vector<JobOwner*>& owners = worker.hand_back();
  lock.lock();
  for (JobOwner* owner : owners) --owner->in_hand_;
  handed_back_.notify_all();
}

void WorkerPool::fail_waiting(Worker& worker, Lock& lock) {
  while (!queued_.empty()) {
    BlockingJob* job = queued_.front();
    queued_.pop_front();
    ++job->owner->in_hand_;
    worker.fail(*job);
  }
  hand_back(worker, lock);
}

void WorkerPool::work(Worker& worker) {
  Lock lock(mutex_);
  while (true) {
    const bool was_connected = worker.backoff_ns() == 0;
    if (!was_connected) {
      stopped_.wait_for(lock, std::chrono::nanoseconds(worker.backoff_ns()),
                        [this] { return stopping_; });
    }
    queued_one_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    if (stopping_) return;
    do {
      BlockingJob* job = queued_.front();
      queued_.pop_front();
      ++job->owner->in_hand_;
      lock.unlock();
      worker.carry_out(*job);
      lock.lock();
    } while (!queued_.empty() && !stopping_ && worker.may_hold_more());
    lock.unlock();
    worker.settle();
    lock.lock();
    hand_back(worker, lock);
    const bool is_connected = worker.backoff_ns() == 0;
    if (was_connected && !is_connected) ++without_connection_;
    if (!was_connected && is_connected) --without_connection_;
    if (without_connection_ == workers_.size()) fail_waiting(worker, lock);
  }
}

}  // namespace cachegauge
