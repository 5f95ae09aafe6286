// Threads for clients that can only block, and the line of jobs before them: first come, first
// served, by whichever thread is free. Each has a client, which is a connection, of its own. For
// libraries without a non-blocking interface (libmemcached with pools, SQLite, libpq, libcurl).
//
// A command that finds its connection lost fails with the attempt to connect again; while no thread
// has a connection, so do those that wait in line.
//
// A client may leave a transaction open: the answers given meanwhile are held back until commit(),
// which follows when nothing else is queued, after 64 commands or 2 ms. A client that sends one
// command at a time thus has a transaction for each, and a deep pipeline shares them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "adapters/server/incident_log.h"
#include "adapters/server/ring.h"
#include "harness/core/session.h"

namespace cachegauge {

// Used by one thread of a pool alone.
class BlockingClient {
 public:
  virtual ~BlockingClient() = default;

  struct Result {
    Outcome outcome = Outcome::kError;
    bool connection_lost = false;  // the next command waits 10 ms, 20 ms, … 1 s
    std::string text;              // why, of a failure or a rejection; empty otherwise
  };
  // Appends the value of a hit to `value`. Must return soon after the timeout: the end of the pool
  // waits for it.
  virtual Result execute(const Command& command, std::string& value) = 0;

  // True while answers since the last commit() may yet come to nothing.
  virtual bool must_commit() const { return false; }
  // Makes them final, or says why they are not: kError or kTimeout, and what was stored or deleted
  // since the last commit() was not.
  virtual Result commit() { return {.outcome = Outcome::kStored}; }
};

class JobOwner;

// A command that can wait. Its owner may use it again, so that its strings keep their memory.
struct BlockingJob {
  Command command;  // its views are of the strings
  std::string key;
  std::string value;  // to store, then what was got
  Outcome outcome = Outcome::kError;
  int64_t deadline_ns = 0;  // not carried out after it: kTimeout
  int64_t started_ns = 0;   // when a thread took it
  int64_t completed_ns = 0;
  JobOwner* owner = nullptr;
  uint64_t sequence = 0;  // the owner's; a pool does not look at it
};

class JobOwner {
 public:
  // Called on a thread of the pool's.
  virtual void take_back(std::span<BlockingJob* const> jobs) = 0;

 protected:
  ~JobOwner() = default;

 private:
  friend class WorkerPool;
  size_t in_hand_ = 0;  // with the threads; the pool's mutex guards it
};

// Thread-safety: submit() and forget() from any thread, the rest from one.
class WorkerPool {
 public:
  explicit WorkerPool(std::shared_ptr<IncidentLog> log);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;

  // One thread more. Throws Error::failed when there is none to be had.
  void add(std::unique_ptr<BlockingClient> client);

  void submit(std::span<BlockingJob* const> jobs);

  // The owner's jobs that wait are dropped, and those under way are waited for: it may go then.
  void forget(JobOwner& owner);

 private:
  class Worker;

  using Lock = std::unique_lock<std::mutex>;

  void work(Worker& worker);
  // Of the jobs in the worker's hands; not under the lock, which is taken again.
  void hand_back(Worker& worker, Lock& lock);
  void fail_waiting(Worker& worker, Lock& lock);

  const std::shared_ptr<IncidentLog> log_;
  std::mutex mutex_;
  std::condition_variable queued_one_, stopped_, handed_back_;
  Ring<BlockingJob*> queued_;
  bool stopping_ = false;
  size_t without_connection_ = 0;  // workers
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace cachegauge
