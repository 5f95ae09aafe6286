// A Session over clients that can only block, on threads of their own (worker_pool.h): the loop
// never waits for them. The loop is told of answers through an eventfd.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/server/completion_buffer.h"
#include "adapters/server/member_wakeup.h"
#include "adapters/server/ring.h"
#include "adapters/server/unique_fd.h"
#include "adapters/server/worker_pool.h"
#include "harness/core/adapter.h"

namespace cachegauge {

class ThreadedSession final : public Session, private IoHandler, private JobOwner {
 public:
  // With a thread to itself: commands run one at a time, in the order of submission. Throws
  // Error::usage under virtual time, Error::failed when there is no thread to be had.
  ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                  std::shared_ptr<IncidentLog> log, std::unique_ptr<BlockingClient> client);
  // On threads that sessions share: commands complete in any order, and their wait for a thread is
  // part of their service time. Throws Error::usage under virtual time.
  ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                  std::shared_ptr<WorkerPool> pool);
  ~ThreadedSession();

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;

 private:
  // Of a job under way. All have the same timeout, so that deadlines rise along the queue.
  struct Deadline {
    BlockingJob* job;
    uint64_t sequence;  // the job's, unless it has completed since
  };

  void take_back(std::span<BlockingJob* const> jobs) override;
  void on_io(uint32_t events) override;
  void on_timer();
  void set_timer();
  void drop_completed();
  BlockingJob* take_free_job();
  int64_t submitted_ns(const BlockingJob& job) const { return job.deadline_ns - timeout_ns_; }
  void complete(BlockingJob& job, Outcome outcome, int64_t started_ns, int64_t completed_ns);

  // The loop's side.
  EventLoop& loop_;
  const uint32_t client_number_;
  Wakeup* const ready_;
  const int64_t timeout_ns_;
  bool waits_count_ = true;
  MemberWakeup<ThreadedSession, &ThreadedSession::on_timer> timer_{*this};
  UniqueFd done_event_;
  CompletionBuffer completions_;
  std::vector<std::unique_ptr<BlockingJob>> all_jobs_;
  std::vector<BlockingJob*> free_jobs_;
  std::vector<BlockingJob*> moving_;  // to the pool or from it
  Ring<Deadline> deadlines_;
  uint64_t last_sequence_ = 0;
  bool ready_told_ = false;
  int64_t timer_at_ns_ = 0;

  // Between the two.
  std::mutex mutex_;
  std::vector<BlockingJob*> done_;

  const std::shared_ptr<WorkerPool> pool_;
};

}  // namespace cachegauge
