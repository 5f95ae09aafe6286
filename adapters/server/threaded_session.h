// A Session over a client that can only block, on a thread of its own: the loop never waits for it.
// Commands run one at a time in the order of submission; the loop is told through an eventfd. For
// libraries without a non-blocking interface (libmemcached with pools, SQLite, libpq).
//
// A client may leave a transaction open: the answers given meanwhile are held back until commit(),
// which follows when nothing else is queued, after 64 commands or 2 ms. A client that sends one
// command at a time thus has a transaction for each, and a deep pipeline shares them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/server/completion_buffer.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/member_wakeup.h"
#include "adapters/server/outstanding.h"
#include "adapters/server/ring.h"
#include "adapters/server/unique_fd.h"
#include "harness/core/adapter.h"

namespace cachegauge {

// Used by the session's thread alone.
class BlockingClient {
 public:
  virtual ~BlockingClient() = default;

  struct Result {
    Outcome outcome = Outcome::kError;
    bool connection_lost = false;  // the next command waits 10 ms, 20 ms, … 1 s
    std::string text;              // why, of a failure or a rejection; empty otherwise
  };
  // Appends the value of a hit to `value`. Must return soon after the timeout: the session's
  // destructor waits for it.
  virtual Result execute(const Command& command, std::string& value) = 0;

  // True while answers since the last commit() may yet come to nothing.
  virtual bool must_commit() const { return false; }
  // Makes them final, or says why they are not: kError or kTimeout, and what was stored or deleted
  // since the last commit() was not.
  virtual Result commit() { return {.outcome = Outcome::kStored}; }
};

class ThreadedSession final : public Session, private IoHandler {
 public:
  // Throws Error::usage under virtual time, Error::failed when there is no thread to be had.
  ThreadedSession(const SessionContext& context, int64_t timeout_ns,
                  std::shared_ptr<IncidentLog> log, std::unique_ptr<BlockingClient> client);
  ~ThreadedSession();

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;

 private:
  // Reused, so that its strings keep their memory.
  struct Job {
    Command command;  // its views are of the strings
    std::string key;
    std::string value;  // to store, then what was got
    Outcome outcome = Outcome::kError;
    int64_t deadline_ns = 0;
    int64_t started_ns = 0;
    int64_t completed_ns = 0;
  };

  void on_io(uint32_t events) override;
  void on_timer();
  void set_timer();
  Job* take_free_job();
  void tell_ready();

  void work();
  void carry_out(Job& job);
  bool may_hold_more() const;
  void settle();
  void note(const BlockingClient::Result& result);

  // The loop's side.
  EventLoop& loop_;
  const uint32_t client_number_;
  Wakeup* const ready_;
  const int64_t timeout_ns_;
  MemberWakeup<ThreadedSession, &ThreadedSession::on_timer> timer_{*this};
  UniqueFd done_event_;
  OutstandingQueue outstanding_;
  CompletionBuffer completions_;
  std::vector<std::unique_ptr<Job>> all_jobs_;
  std::vector<Job*> free_jobs_;
  std::vector<Job*> taken_;
  bool ready_told_ = false;
  int64_t timer_at_ns_ = 0;

  // Between the two.
  std::mutex mutex_;
  std::condition_variable changed_;
  Ring<Job*> queued_;
  std::vector<Job*> done_;
  bool stopping_ = false;

  // The thread's side.
  const std::shared_ptr<IncidentLog> log_;
  const std::unique_ptr<BlockingClient> client_;
  std::string got_;
  std::vector<Job*> held_;  // executed, and not yet final
  int64_t backoff_ns_ = 0;  // 0: connected
  std::thread thread_;
};

}  // namespace cachegauge
