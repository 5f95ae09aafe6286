// What the clients of SQLite and of LMDB have in common: transactions that the commands of a
// pipeline share, uses that are collected, and room that is made before something is stored.
//
// A get reads without a lock of its own. The first set, add or delete begins a transaction, and the
// session's commit() ends it: what is answered before is held back until then
// (threaded_session.h). When one command of a transaction fails, all of it does. Writers of one
// process wait for each other up to the timeout.
//
// A transaction first deletes up to 64 expired items, which is as many as it may store. A set makes
// room before it stores: expired items go first, then those that the policy names, until what is in
// use leaves room for it within the capacity. Uses are written before a victim is chosen
// (touches.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/disk/disk_settings.h"
#include "adapters/disk/touches.h"
#include "adapters/server/threaded_session.h"

namespace cachegauge {

// What the clients of one process share. Thread-safe.
struct TransactionShared {
  TransactionShared(std::string store_path, const DiskSettings& disk_settings)
      : path(std::move(store_path)), settings(disk_settings) {}

  // Wall clock, made to ascend: no two calls give the same.
  int64_t tick();
  // Nothing that tick() gives later is at or below this.
  void raise_clock(int64_t ns);

  const std::string path;
  const DiskSettings settings;
  std::timed_mutex writer;
  std::atomic<uint64_t> evictions = 0;
  std::atomic<uint64_t> expirations = 0;

 private:
  std::atomic<int64_t> clock_ns_ = 0;
};

class TransactionClient : public BlockingClient {
 public:
  Result execute(const Command& command, std::string& value) final;
  bool must_commit() const final { return writing_ || failure_; }
  Result commit() final;

 protected:
  // `shared` outlives it.
  explicit TransactionClient(TransactionShared& shared);

  // What is under the hash of a key.
  struct Found {
    int64_t item = 0;
    bool is_ours = false;  // its key is the one that was asked for
    bool expired = false;
    int64_t uses = 0;
  };

  // Codes are the library's, 0 for done. All but get() and find() come within a transaction.
  virtual Result get(const Command& command, std::string& value) = 0;
  virtual int begin_transaction() = 0;
  virtual int commit_transaction() = 0;
  virtual void abort_transaction() = 0;
  virtual int find(std::string_view key, std::optional<Found>& found) = 0;
  virtual int remove(int64_t item) = 0;
  virtual int insert(const Command& command, int64_t uses) = 0;
  virtual int note_use(const Touch& touch) = 0;
  // These add to `deleted`, which counts items.
  virtual int delete_expired(int64_t most, uint64_t& deleted) = 0;
  virtual int delete_victims(int64_t most, uint64_t& deleted) = 0;
  virtual int read_bytes_used(uint64_t& bytes) = 0;
  virtual int64_t victims_at_once() const = 0;  // between two looks at the bytes in use
  virtual uint64_t charge(const Command& command) const = 0;
  virtual Result explain(int code) const = 0;

  // Of the item of a hit, at a time from tick().
  void note_hit(int64_t item, int64_t now_ns);
  bool notes_uses() const { return notes_uses_; }
  bool writing() const { return writing_; }
  // For destructors: what was noted is written if it can be, and no transaction is left.
  void finish();

 private:
  Result write(const Command& command);
  Result store(const Command& command, const std::optional<Found>& found);
  int begin();
  int write_touches();
  int remove_found(const Found& found);
  int make_room(uint64_t bytes);
  Result fail(const Result& result);
  Result fail(int code);

  TransactionShared& shared_;
  const bool notes_uses_;
  const uint64_t capacity_;
  Touches touches_;
  bool writing_ = false;
  bool more_expired_ = false;      // than were deleted when the transaction began
  std::optional<Result> failure_;  // what commit() will say
};

}  // namespace cachegauge
