#include "adapters/disk/transaction_client.h"

#include <algorithm>
#include <chrono>

#include "adapters/disk/disk_errors.h"
#include "adapters/disk/disk_store.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMostExpired = 64;
constexpr int kTimeout = -1;  // no library's code: the lock of this process was not to be had

}  // namespace

int64_t TransactionShared::tick() {
  const int64_t now = unix_ns();
  int64_t last = clock_ns_.load(std::memory_order_relaxed);
  while (!clock_ns_.compare_exchange_weak(last, std::max(now, last + 1))) {
  }
  return std::max(now, last + 1);
}

void TransactionShared::raise_clock(int64_t ns) {
  int64_t last = clock_ns_.load(std::memory_order_relaxed);
  while (last < ns && !clock_ns_.compare_exchange_weak(last, ns)) {
  }
}

TransactionClient::TransactionClient(TransactionShared& shared)
    : shared_(shared),
      notes_uses_(shared.settings.policy != DiskPolicy::kLeastRecentlyStored),
      capacity_(shared.settings.capacity_bytes) {}

BlockingClient::Result TransactionClient::execute(const Command& command, std::string& value) {
  switch (command.kind) {
    case CommandKind::kGet:
      return get(command, value);
    case CommandKind::kSet:
    case CommandKind::kAdd:
    case CommandKind::kDelete:
      return failure_ ? *failure_ : write(command);
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return disk_rejection("no such operation");
}

void TransactionClient::note_hit(int64_t item, int64_t now_ns) {
  if (!notes_uses_) return;
  touches_.note(item, now_ns);
  if (!touches_.due() || failure_) return;
  if (const int code = write_touches(); code != 0) fail(code);
}

BlockingClient::Result TransactionClient::write(const Command& command) {
  if (charge(command) > capacity_ / 2) {
    return disk_rejection("it takes items of up to half of its capacity");
  }
  std::optional<Found> found;
  int code = begin();
  if (code == 0) code = find(command.key, found);
  if (code != 0) return fail(code);
  const bool is_there = found && found->is_ours && !found->expired;
  if (command.kind == CommandKind::kAdd && is_there) return {.outcome = Outcome::kNotStored};
  if (command.kind != CommandKind::kDelete) return store(command, found);
  if (!found || !found->is_ours) return {.outcome = Outcome::kNotFound};
  code = remove_found(*found);
  if (code != 0) return fail(code);
  return {.outcome = is_there ? Outcome::kDeleted : Outcome::kNotFound};
}

BlockingClient::Result TransactionClient::store(const Command& command,
                                                const std::optional<Found>& found) {
  int64_t uses = 0;
  if (found && found->is_ours && !found->expired) {
    uses = found->uses + touches_.uses_of(found->item) + 1;
  }
  int code = found ? remove_found(*found) : 0;
  if (code == 0) code = make_room(charge(command));
  if (code == 0) code = insert(command, uses);
  if (code != 0) return fail(code);
  return {.outcome = Outcome::kStored};
}

int TransactionClient::begin() {
  if (writing_) return 0;
  if (!shared_.writer.try_lock_for(std::chrono::nanoseconds(shared_.settings.timeout_ns))) {
    return kTimeout;
  }
  int code = begin_transaction();
  if (code != 0) {
    shared_.writer.unlock();
    return code;
  }
  writing_ = true;
  uint64_t deleted = 0;
  code = delete_expired(int64_t{kMostExpired}, deleted);
  shared_.expirations += deleted;
  more_expired_ = deleted == kMostExpired;
  return code;
}

int TransactionClient::write_touches() {
  int code = begin();
  for (const Touch& touch : touches_.merged()) {
    if (code != 0) break;
    code = note_use(touch);
  }
  touches_.clear();
  return code;
}

int TransactionClient::remove_found(const Found& found) {
  if (found.expired) {
    ++shared_.expirations;
  } else if (!found.is_ours) {
    ++shared_.evictions;
  }
  return remove(found.item);
}

int TransactionClient::make_room(uint64_t bytes) {
  while (true) {
    uint64_t used = 0, deleted = 0;
    int code = read_bytes_used(used);
    if (code != 0 || used + bytes <= capacity_) return code;
    if (more_expired_) {
      code = delete_expired(victims_at_once(), deleted);
      shared_.expirations += deleted;
      more_expired_ = deleted > 0;
    }
    if (code == 0 && deleted == 0) {
      if (!touches_.empty()) code = write_touches();
      if (code == 0) code = delete_victims(victims_at_once(), deleted);
      shared_.evictions += deleted;
    }
    if (code != 0 || deleted == 0) return code;
  }
}

BlockingClient::Result TransactionClient::commit() {
  if (writing_) {
    if (const int code = commit_transaction(); code != 0) {
      fail(code);
    } else {
      writing_ = false;
      shared_.writer.unlock();
    }
  }
  const Result result = failure_.value_or(Result{.outcome = Outcome::kStored});
  failure_.reset();
  return result;
}

// Undoes the transaction; what follows in it fails as well, and commit() says why.
BlockingClient::Result TransactionClient::fail(const Result& result) {
  if (writing_) {
    abort_transaction();
    writing_ = false;
    shared_.writer.unlock();
  }
  touches_.clear();
  failure_ = result;
  return result;
}

BlockingClient::Result TransactionClient::fail(int code) {
  return fail(code == kTimeout ? Result{.outcome = Outcome::kTimeout} : explain(code));
}

void TransactionClient::finish() {
  if (!touches_.empty()) {
    if (const int code = write_touches(); code != 0) fail(code);
  }
  commit();
}

}  // namespace cachegauge
