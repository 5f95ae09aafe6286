// Writes that the application was told are done, on their way to the origin: one row a key, which
// later writes of the key join; written out in batches, oldest first, one batch at a time, when
// there are enough rows or the oldest has waited long enough.
//
// At a simulated origin a batch is one call, under its first key; at a real one its rows are stored
// side by side, and share transactions where the origin has some. Rows that were not stored go back
// into the queue, and are tried again after the flush time.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "harness/core/coroutine.h"
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {

class WriteQueue final : private Wakeup {
 public:
  struct Options {
    int64_t flush_ns = 0;  // above 0
    size_t batch = 0;      // rows of a batch at the most
    size_t capacity = 0;   // rows, those being written included
    bool drops = false;    // what finds no room; else it waits
  };

  WriteQueue(Application& application, const Options& options);
  WriteQueue(const WriteQueue&) = delete;

  // Takes the request's write. False if it was dropped, or the origin was given up.
  Task<bool> take(Client& client, uint32_t version);
  // The version of the key that waits or is being written; 0: none.
  uint32_t find(const KeyRecord& key) const;

  uint64_t depth() const { return waiting_.size() + batch_.size(); }
  // Its rows go into the figures.
  void count_queued();
  // From now on, and without waiting for enough rows: until the queue is empty or the origin has
  // failed several times in a row.
  void drain();

 private:
  struct Row {
    const KeyRecord* key = nullptr;
    uint64_t value_size_bytes = 0;
    uint32_t version = 0;
    int64_t since_ns = 0;
    bool stored = false;  // of a batch's row
  };
  struct Room;

  PatternFigures& figures(const Row& row) {
    return application_.lanes.recorder.pattern_figures(row.key->bytes());
  }
  int64_t now_ns() const { return application_.lanes.scheduler.now_ns(); }
  bool join(const Row& row);
  void append(const Row& row);
  void consider();
  void begin_batch();
  static ClientTask store(Scheduler& scheduler, WriteQueue& queue, size_t first, size_t rows);
  void took(const Completion& completion, size_t first, size_t rows);
  void end_batch();
  void note_failure();
  void admit_waiting();
  void wake() override;

  Application& application_;
  const Options options_;
  std::unordered_map<uint32_t, Row> waiting_;  // by the key's id
  std::deque<uint32_t> order_;                 // of waiting_, the oldest first
  std::vector<Row> batch_;                     // being written
  size_t calls_under_way_ = 0;
  int64_t not_before_ns_ = 0;  // after a failure
  int64_t failing_since_ns_ = -1;
  int failures_in_a_row_ = 0;
  bool drains_ = false;
  bool given_up_ = false;
  bool timer_set_ = false;
  std::deque<Room*> blocked_;
};

}  // namespace cachegauge
