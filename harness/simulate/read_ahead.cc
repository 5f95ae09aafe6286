#include "harness/simulate/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/core/clock.h"
#include "harness/simulate/request_block.h"

namespace cachegauge {
namespace {

// Enough that threads seldom wake each other, and few enough to stay in the processor's caches.
constexpr size_t kBlocks = 16;
constexpr size_t kBatches = 4;

class Batch {
 public:
  // As many rows of the source as there is room for, and not more than `most`; none at its end.
  void fill(RequestSource& source, uint64_t most) {
    rows_ = filled_ = 0;
    std::array<Request, RequestBlock::kMostRows> rows;
    for (RequestBlock& block : blocks_) {
      const size_t wanted = std::min<uint64_t>(rows.size(), most - rows_);
      const size_t count = wanted == 0 ? 0 : source.read(std::span(rows).first(wanted));
      if (count == 0) return;
      block.pack(std::span(rows).first(count));
      rows_ += count;
      ++filled_;
    }
  }
  bool is_full() const { return filled_ == kBlocks; }
  size_t rows() const { return rows_; }
  std::span<const RequestBlock> blocks() const { return std::span(blocks_).first(filled_); }

 private:
  std::array<RequestBlock, kBlocks> blocks_;
  size_t filled_ = 0;  // blocks
  size_t rows_ = 0;    // in them
};

}  // namespace

// A ring of batches, which the thread fills and read() empties. One without rows is the last. A
// batch belongs to the thread until it counts as filled, and to read() until it counts as emptied.
//
// Who found the ring full, or empty, goes on when it is half of that: to wake a thread for each
// batch takes a virtual machine longer than to handle some requests.
class ReadAhead::Source final : public RequestSource {
 public:
  Source(std::unique_ptr<RequestSource> source, uint64_t most_requests,
         std::atomic<int64_t>& decode_ns)
      : source_(std::move(source)),
        most_requests_(most_requests),
        decode_ns_(decode_ns),
        thread_([this] { fill_all(); }) {}

  ~Source() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    has_room_.notify_one();
    thread_.join();
  }

  size_t read(std::span<Request> out) override {
    if (blocks_.empty() && !next()) return 0;
    const RequestBlock& block = blocks_.front();
    const size_t count = std::min(out.size(), block.size() - given_);
    block.unpack(given_, out.first(count));
    given_ += count;
    if (given_ == block.size()) {
      blocks_ = blocks_.subspan(1);
      given_ = 0;
    }
    return count;
  }

  uint64_t skipped_rows() const override { return source_->skipped_rows(); }
  uint64_t backward_times() const override { return source_->backward_times(); }

 private:
  // The batch before is given back, since no key of it is asked for any more.
  bool next() {
    if (ended_) return false;
    if (is_reading_) give_back();
    is_reading_ = true;
    blocks_ = wait_for_rows().blocks();
    ended_ = blocks_.empty();
    if (ended_ && failure_) std::rethrow_exception(failure_);
    return !ended_;
  }

  void give_back() {
    bool goes_on;
    {
      const std::lock_guard lock(mutex_);
      ++emptied_;
      goes_on = filled_ - emptied_ == kBatches / 2;
    }
    if (goes_on) has_room_.notify_one();
  }

  const Batch& wait_for_rows() {
    std::unique_lock lock(mutex_);
    if (filled_ == emptied_) {
      has_rows_.wait(lock, [&] { return filled_ - emptied_ >= kBatches / 2 || is_whole_; });
    }
    return batches_[emptied_ % kBatches];
  }

  void fill_all() {
    uint64_t left = most_requests_;
    for (bool is_whole = false; !is_whole && wait_for_room();) {
      Batch& batch = batches_[filled_ % kBatches];  // this thread alone changes filled_
      fill(batch, left);
      left = batch.is_full() ? left - batch.rows() : 0;
      is_whole = batch.rows() == 0;
      bool goes_on;
      {
        const std::lock_guard lock(mutex_);
        ++filled_;
        is_whole_ = is_whole;
        goes_on = is_whole || filled_ - emptied_ == kBatches / 2;
      }
      if (goes_on) has_rows_.notify_one();
    }
  }

  void fill(Batch& batch, uint64_t most) {
    const int64_t before = monotonic_ns();
    try {
      batch.fill(*source_, most);
    } catch (...) {
      failure_ = std::current_exception();
    }
    decode_ns_ += monotonic_ns() - before;
  }

  bool wait_for_room() {
    std::unique_lock lock(mutex_);
    if (filled_ - emptied_ == kBatches) {
      has_room_.wait(lock, [&] { return stop_ || filled_ - emptied_ <= kBatches / 2; });
    }
    return !stop_;
  }

  const std::unique_ptr<RequestSource> source_;
  const uint64_t most_requests_;
  std::atomic<int64_t>& decode_ns_;
  std::array<Batch, kBatches> batches_;
  std::mutex mutex_;
  std::condition_variable has_room_, has_rows_;
  size_t filled_ = 0, emptied_ = 0;  // batches so far
  bool is_whole_ = false;            // the last is filled
  bool stop_ = false;
  std::exception_ptr failure_;            // set before the last batch counts as filled
  std::span<const RequestBlock> blocks_;  // that read() has, or has a part of
  size_t given_ = 0;                      // rows of the first of them
  bool is_reading_ = false, ended_ = false;
  std::thread thread_;  // last, so that it finds all the others
};

std::unique_ptr<RequestSource> ReadAhead::open() const {
  return std::make_unique<Source>(workload_.open(), most_requests_, decode_ns_);
}

}  // namespace cachegauge
