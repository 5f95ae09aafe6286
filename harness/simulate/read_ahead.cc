#include "harness/simulate/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/clock.h"

namespace cachegauge {
namespace {

// Enough that threads seldom wake each other, and few enough to stay in the processor's caches.
constexpr size_t kRows = 4096;
constexpr size_t kBatches = 4;

// Requests that own the text of their keys.
class Batch {
 public:
  void fill(RequestSource& source, uint64_t most) {
    count_ = 0;
    const size_t wanted = std::min<uint64_t>(kRows, most);
    if (wanted > 0) count_ = source.read(std::span(rows_).first(wanted));
    size_t bytes = 0;
    for (const Request& row : rows()) bytes += row.text_key.size();
    if (bytes > text_.size()) text_.resize(bytes);
    char* to = text_.data();
    for (Request& row : std::span(rows_).first(count_)) {
      if (!row.has_text_key()) continue;
      std::memcpy(to, row.text_key.data(), row.text_key.size());
      row.text_key = {to, row.text_key.size()};
      to += row.text_key.size();
    }
  }
  void clear() { count_ = 0; }
  std::span<const Request> rows() const { return std::span(rows_).first(count_); }

 private:
  std::vector<Request> rows_ = std::vector<Request>(kRows);
  std::vector<char> text_ = std::vector<char>(1);  // an empty key is a text, too
  size_t count_ = 0;
};

}  // namespace

// A ring of batches, which the thread fills and read() empties. One without rows is the last. A
// batch belongs to the thread until it counts as filled, and to read() until it counts as emptied.
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
    changed_.notify_all();
    thread_.join();
  }

  size_t read(std::span<Request> out) override {
    if (left_.empty() && !next()) return 0;
    const size_t count = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), count, out.begin());
    left_ = left_.subspan(count);
    return count;
  }

  uint64_t skipped_rows() const override { return source_->skipped_rows(); }
  uint64_t backward_times() const override { return source_->backward_times(); }

 private:
  // The batch before is given back, since no key of it is asked for any more.
  bool next() {
    if (ended_) return false;
    {
      std::unique_lock lock(mutex_);
      if (is_reading_) {
        ++emptied_;
        changed_.notify_all();
      }
      changed_.wait(lock, [&] { return filled_ > emptied_; });
      left_ = batches_[emptied_ % kBatches].rows();
    }
    is_reading_ = true;
    ended_ = left_.empty();
    if (ended_ && failure_) std::rethrow_exception(failure_);
    return !ended_;
  }

  void fill_all() {
    uint64_t left = most_requests_;
    while (wait_for_room()) {
      Batch& batch = batches_[filled_ % kBatches];  // this thread alone changes filled_
      const int64_t before = monotonic_ns();
      try {
        batch.fill(*source_, left);
      } catch (...) {
        failure_ = std::current_exception();
        batch.clear();
      }
      decode_ns_ += monotonic_ns() - before;
      left -= batch.rows().size();
      const bool is_last = batch.rows().empty();
      {
        const std::lock_guard lock(mutex_);
        ++filled_;
      }
      changed_.notify_all();
      if (is_last) return;
    }
  }

  bool wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stop_ || filled_ - emptied_ < kBatches; });
    return !stop_;
  }

  const std::unique_ptr<RequestSource> source_;
  const uint64_t most_requests_;
  std::atomic<int64_t>& decode_ns_;
  std::array<Batch, kBatches> batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t filled_ = 0, emptied_ = 0;  // batches so far
  bool stop_ = false;
  std::exception_ptr failure_;     // set before the last batch counts as filled
  std::span<const Request> left_;  // of the batch that read() has
  bool is_reading_ = false, ended_ = false;
  std::thread thread_;  // last, so that it finds all the others
};

std::unique_ptr<RequestSource> ReadAhead::open() const {
  return std::make_unique<Source>(workload_.open(), most_requests_, decode_ns_);
}

}  // namespace cachegauge
