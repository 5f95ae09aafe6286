// The requests of one thread, made ready a bounded distance ahead of the clients: decoded, hashed,
// interned. Every thread decodes the whole workload and keeps the keys that are its own, so that
// the index of a request, `--limit` and `--warmup` mean the same whatever the number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/random.h"
#include "harness/core/request_rules.h"
#include "harness/core/workload.h"
#include "harness/replay/key_interner.h"

namespace cachegauge {

// The thread a key belongs to.
inline uint32_t thread_of(uint64_t key_hash, uint32_t threads) {
  // Bits that neither hash tables (high) nor shards (low) lean on alone.
  return static_cast<uint32_t>((((key_hash >> 16) & 0xffffffffu) * threads) >> 32);
}

// What an open loop's schedule is made of (open_loop.h).
enum class Arrivals : uint8_t {
  kNone,      // a closed loop has none
  kConstant,  // one unit apart
  kPoisson,   // apart by exponential draws with a mean of one unit
  kTrace,     // the trace's own times, in ns
};

struct PreparedRequest {
  uint64_t index = 0;  // in the whole workload
  // When it arrives, in units of the schedule from its beginning; the same in every thread, and
  // never falling from one request to the next.
  double arrival = 0;
  std::string_view key;  // as the cache sees it
  uint64_t key_hash = 0;
  KeyRecord* record = nullptr;  // of the key; lives as long as the feed
  uint64_t value_size_bytes = 0;
  int64_t time_ns = Request::kNoTime;
  int64_t ttl_ns = 0;
  Op op = Op::kGet;

  // Of a key without a record: as of one that nobody wrote.
  KeyVersions versions() const { return record ? record->versions : KeyVersions(); }
};

class RequestFeed {
 public:
  RequestFeed(const Workload& workload, const RequestRules& rules, std::string key_prefix,
              uint32_t thread, uint32_t threads);

  // Before the first request. `seed` is that of Poisson arrivals, and the same in every thread. On
  // a trace's own times at a `speed` other than 1, TTLs are divided by it.
  void schedule(Arrivals arrivals, uint64_t seed, double speed);

  // The next request with an index below `end`; null at `end` or at the end of the workload. Valid
  // until the next call. Throws Error::failed on a malformed row.
  const PreparedRequest* next(uint64_t end) {
    const PreparedRequest* request = peek(end);
    if (request) take();
    return request;
  }
  // The same, left in its place.
  const PreparedRequest* peek(uint64_t end) {
    if (at_ == ready_ && !refill()) return nullptr;
    const PreparedRequest& request = batch_[at_];
    return request.index < end ? &request : nullptr;
  }
  void take(size_t count = 1) { at_ += count; }  // what peek() or ready() has shown
  // True if next() needs to decode nothing.
  bool has_ready() const { return at_ < ready_; }
  // Those, in order.
  std::span<const PreparedRequest> ready() const { return {&batch_[at_], ready_ - at_}; }

  // Before the first request, and for a client that is done with each before it takes the next:
  // numbered keys get no record until the workload writes one, for as long there is one version of
  // each. Their bytes are valid until more is decoded. What is not looked up need not be fetched
  // from memory, which costs more than all else that is done for a request.
  void spare_records() {
    sparing_ = threads_ == 1 && arrivals_ == Arrivals::kNone && keys_.prefix().empty();
  }

  // From the first request again, with the ids kept. The schedule goes on: arrivals still rise.
  void rewind();

  // After the last request the first follows again, for ever: next() is never null below `end`, but
  // for a workload without requests.
  void repeat() { repeats_ = true; }

  KeyInterner& keys() { return keys_; }
  const KeyInterner& keys() const { return keys_; }
  // The record of a request's key, made if there was none.
  KeyRecord& record(const PreparedRequest& request);
  uint64_t skipped_rows() const { return source_->skipped_rows(); }
  // How many rows of the workload have been decoded: for progress.
  uint64_t position() const { return position_; }
  uint64_t unique_keys() const { return keys_.met(); }  // so far, of this thread

 private:
  static constexpr size_t kBatch = 64;  // all that is made ready stays in the first-level cache

  bool refill();
  size_t read_rows();
  bool prepare_sparing(size_t rows);
  void prepare_own(size_t rows);
  void arrive(size_t rows);
  size_t keep_own(size_t rows);
  void prepare(size_t rows);

  const Workload& workload_;
  RequestRules rules_;
  uint32_t thread_, threads_;
  KeyInterner keys_;
  std::unique_ptr<RequestSource> source_;
  uint64_t position_ = 0;
  uint64_t left_in_pass_;  // rows until the limit
  bool repeats_ = false;
  bool sparing_ = false;
  size_t at_ = 0, ready_ = 0;
  std::array<Request, kBatch> rows_;
  std::array<uint64_t, kBatch> hashes_;
  Arrivals arrivals_ = Arrivals::kNone;
  double speed_ = 1;
  SplitMix64 gaps_{0};
  double last_arrival_ = 0;
  double trace_base_ = 0;  // where the trace's time 0 lies on the schedule
  std::array<double, kBatch> arrival_{};
  std::array<std::array<char, 8>, kBatch> digits_;
  std::array<PreparedRequest, kBatch> batch_;
};

}  // namespace cachegauge
