// The requests of one thread, made ready a bounded distance ahead of the clients: decoded, hashed,
// interned. Every thread decodes the whole workload and keeps the keys that are its own, so that
// the index of a request, `--limit` and `--warmup` mean the same whatever the number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/workload.h"
#include "harness/replay/key_interner.h"

namespace cachegauge {

// How rows are read as requests.
struct RequestRules {
  bool all_as_get = false;
  bool ignore_size = false;  // every value has kIgnoredSizeBytes
  bool ignore_ttl = false;
  uint64_t limit = UINT64_MAX;  // requests of the whole workload

  static constexpr uint64_t kIgnoredSizeBytes = 100;
  void apply(Request& request) const {
    if (all_as_get) request.op = Op::kGet;
    if (ignore_size) request.value_size_bytes = kIgnoredSizeBytes;
    if (ignore_ttl) request.ttl_ns = 0;
  }
};

// The thread a key belongs to.
inline uint32_t thread_of(uint64_t key_hash, uint32_t threads) {
  // Bits that neither hash tables (high) nor shards (low) lean on alone.
  return static_cast<uint32_t>((((key_hash >> 16) & 0xffffffffu) * threads) >> 32);
}

struct PreparedRequest {
  uint64_t index = 0;  // in the whole workload
  uint64_t key_hash = 0;
  uint64_t value_size_bytes = 0;
  int64_t time_ns = Request::kNoTime;
  int64_t ttl_ns = 0;
  uint32_t id = 0;
  Op op = Op::kGet;
};

class RequestFeed {
 public:
  RequestFeed(const Workload& workload, const RequestRules& rules, std::string key_prefix,
              uint32_t thread, uint32_t threads);

  // The next request with an index below `end`; null at `end` or at the end of the workload. Valid
  // until the next call. Throws Error::failed on a malformed row.
  const PreparedRequest* next(uint64_t end) {
    if (at_ == ready_ && !refill()) return nullptr;
    const PreparedRequest& request = batch_[at_];
    if (request.index >= end) return nullptr;
    ++at_;
    return &request;
  }

  // From the first request again, with the ids kept.
  void rewind();

  KeyInterner& keys() { return keys_; }
  const KeyInterner& keys() const { return keys_; }
  uint64_t skipped_rows() const { return source_->skipped_rows(); }
  // How many rows of the workload have been decoded: for progress.
  uint64_t position() const { return position_; }

 private:
  static constexpr size_t kBatch = 256;

  bool refill();

  const Workload& workload_;
  RequestRules rules_;
  uint32_t thread_, threads_;
  KeyInterner keys_;
  std::unique_ptr<RequestSource> source_;
  uint64_t position_ = 0;
  size_t at_ = 0, ready_ = 0;
  std::array<Request, kBatch> rows_;
  std::array<uint64_t, kBatch> hashes_;
  std::array<PreparedRequest, kBatch> batch_;
};

}  // namespace cachegauge
