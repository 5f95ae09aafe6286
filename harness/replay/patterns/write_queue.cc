#include "harness/replay/patterns/write_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cachegauge {
namespace {

constexpr int kDrainTries = 3;

}  // namespace

// co_await Room(queue): until somebody has made room.
struct WriteQueue::Room final : Wakeup {
  explicit Room(WriteQueue& full) : queue(full) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    queue.blocked_.push_back(this);
  }
  void await_resume() const {}
  void wake() override { waiter.resume(); }

  WriteQueue& queue;
  std::coroutine_handle<> waiter;
};

WriteQueue::WriteQueue(Application& application, const Options& options)
    : application_(application), options_(options) {}

uint32_t WriteQueue::find(const KeyRecord& key) const {
  uint32_t version = 0;
  for (const Row& row : batch_) {
    if (row.key == &key) version = row.version;
  }
  if (const auto row = waiting_.find(key.id()); row != waiting_.end()) {
    version = std::max(version, row->second.version);
  }
  return version;
}

bool WriteQueue::join(const Row& row) {
  const auto queued = waiting_.find(row.key->id());
  if (queued == waiting_.end()) return false;
  if (row.version > queued->second.version) {
    queued->second.version = row.version;
    queued->second.value_size_bytes = row.value_size_bytes;
  }
  return true;
}

void WriteQueue::append(const Row& row) {
  waiting_.emplace(row.key->id(), row);
  order_.push_back(row.key->id());
}

Task<bool> WriteQueue::take(Client& client, uint32_t version) {
  Row row{.key = client.request().record,
          .value_size_bytes = client.request().value_size_bytes,
          .version = version,
          .since_ns = now_ns()};
  bool joined = join(row);
  if (!joined && depth() >= options_.capacity) {
    if (options_.drops) {
      ++figures(row).dropped_writes;
      co_return false;
    }
    ++figures(row).blocked_writes;
    while (depth() >= options_.capacity && !given_up_) co_await Room(*this);
    client.waited();
    figures(row).blocked_ns.record(now_ns() - row.since_ns);
    row.since_ns = now_ns();
    joined = join(row);
  }
  if (given_up_) co_return false;
  if (joined) {
    ++figures(row).coalesced_writes;
  } else {
    append(row);
  }
  figures(row).queue_depth.record(static_cast<int64_t>(depth()));
  consider();
  co_return true;
}

void WriteQueue::count_queued() {
  for (const auto& [id, row] : waiting_) ++figures(row).queued_at_end;
  for (const Row& row : batch_) ++figures(row).queued_at_end;
}

void WriteQueue::drain() {
  drains_ = true;
  failures_in_a_row_ = 0;
  consider();
}

// Begins a batch if it is time for one, or sees to it that the time is not missed.
void WriteQueue::consider() {
  if (!batch_.empty() || waiting_.empty()) return;
  if (drains_) {
    if (failures_in_a_row_ < kDrainTries) begin_batch();
    return;
  }
  const int64_t due_ns = waiting_.at(order_.front()).since_ns + options_.flush_ns;
  const bool is_full = order_.size() >= options_.batch;
  const int64_t at_ns = std::max(not_before_ns_, is_full ? 0 : due_ns);
  if (at_ns <= now_ns()) return begin_batch();
  if (std::exchange(timer_set_, true)) return;
  application_.lanes.scheduler.wake_at(at_ns, application_.lanes.thread, this);
}

void WriteQueue::wake() {
  timer_set_ = false;
  consider();
}

void WriteQueue::begin_batch() {
  const size_t rows = std::min(options_.batch, order_.size());
  for (size_t i = 0; i < rows; ++i) {
    batch_.push_back(waiting_.extract(order_.front()).mapped());
    order_.pop_front();
  }
  figures(batch_.front()).batch_rows.record(static_cast<int64_t>(rows));
  const size_t rows_of_call = application_.origin_is_simulated ? rows : 1;
  calls_under_way_ = rows / rows_of_call;
  for (size_t first = 0; first < rows; first += rows_of_call) {
    store(application_.lanes.scheduler, *this, first, rows_of_call);
  }
}

ClientTask WriteQueue::store(Scheduler& scheduler, WriteQueue& queue, size_t first, size_t rows) {
  const Row& row = queue.batch_[first];
  SessionPool::Order order;
  order.command.kind = CommandKind::kSet;
  order.command.key = row.key->bytes();
  order.command.key.remove_prefix(queue.application_.lanes.key_prefix_bytes);
  order.command.key_hash = row.key->hash();
  order.command.value_size_bytes = row.value_size_bytes;
  order.command.version = order.version = row.version;
  order.command.now_ns = scheduler.now_ns();
  queue.application_.lanes.origin_gauge.begin();
  const Completion& completion = co_await SessionPool::Call(queue.application_.origin, order);
  queue.application_.lanes.origin_gauge.end();
  queue.took(completion, first, rows);
}

void WriteQueue::took(const Completion& completion, size_t first, size_t rows) {
  PatternFigures& of_call = figures(batch_[first]);
  ++of_call.origin_write_calls;
  of_call.origin_write_ns.record(completion.completed_ns - completion.started_ns);
  for (size_t i = first; i < first + rows; ++i) {
    Row& row = batch_[i];
    row.stored = !is_failure(completion.outcome);
    if (row.stored) {
      if (completion.outcome != Outcome::kNotStored) ++figures(row).origin_writes;
      application_.book.stored_at_origin(*row.key, row.version);
    } else {
      ++figures(row).origin_write_errors;
    }
  }
  if (--calls_under_way_ == 0) end_batch();
}

void WriteQueue::end_batch() {
  bool any_failed = false;
  const int64_t now = now_ns();
  for (Row& row : std::exchange(batch_, {})) {
    if (row.stored) continue;
    any_failed = true;
    row.since_ns = now;
    if (!join(row)) append(row);
  }
  if (any_failed) {
    note_failure();
  } else {
    failing_since_ns_ = -1;
    failures_in_a_row_ = 0;
  }
  admit_waiting();
  consider();
}

// An origin that never answers is not waited for without end, by nobody.
void WriteQueue::note_failure() {
  const int64_t now = now_ns();
  not_before_ns_ = now + options_.flush_ns;
  ++failures_in_a_row_;
  if (failing_since_ns_ < 0) failing_since_ns_ = now;
  LaneShared& lanes = application_.lanes;
  if (drains_ || now - failing_since_ns_ <= lanes.give_up_ns) return;
  given_up_ = lanes.ended = true;
  if (!lanes.failure.empty()) return;
  lanes.failure = fmt::format(
      "every batch of writes failed at the origin for the last {:.1f} s, so the cell was ended "
      "early; is it up?",
      static_cast<double>(now - failing_since_ns_) / 1e9);
}

// Each looks for itself whether there is room; who finds none waits on.
void WriteQueue::admit_waiting() {
  size_t rooms = given_up_ ? blocked_.size()
                           : options_.capacity - std::min<size_t>(depth(), options_.capacity);
  for (; rooms > 0 && !blocked_.empty(); --rooms) {
    application_.lanes.scheduler.post(blocked_.front());
    blocked_.pop_front();
  }
}

}  // namespace cachegauge
