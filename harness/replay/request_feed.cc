#include "harness/replay/request_feed.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cachegauge {

RequestFeed::RequestFeed(const Workload& workload, const RequestRules& rules,
                         std::string key_prefix, uint32_t thread, uint32_t threads)
    : workload_(workload),
      rules_(rules),
      thread_(thread),
      threads_(threads),
      keys_(std::move(key_prefix)),
      source_(workload.open()) {}

void RequestFeed::rewind() {
  source_ = workload_.open();
  position_ = 0;
  at_ = ready_ = 0;
}

bool RequestFeed::refill() {
  at_ = ready_ = 0;
  while (ready_ == 0) {
    const uint64_t left = rules_.limit - std::min(rules_.limit, position_);
    if (left == 0) return false;
    const size_t wanted = std::min<uint64_t>(kBatch, left);
    const size_t count = source_->read(std::span(rows_).first(wanted));
    if (count == 0) return false;
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      hashes_[kept] = rows_[i].key_hash();
      if (threads_ > 1 && thread_of(hashes_[kept], threads_) != thread_) continue;
      keys_.prefetch(hashes_[kept]);
      batch_[kept].index = position_ + i;
      if (kept != i) rows_[kept] = rows_[i];
      ++kept;
    }
    for (size_t i = 0; i < kept; ++i) {
      Request& row = rows_[i];
      rules_.apply(row);
      PreparedRequest& out = batch_[i];
      out.key_hash = hashes_[i];
      out.value_size_bytes = row.value_size_bytes;
      out.time_ns = row.time_ns;
      out.ttl_ns = row.ttl_ns;
      out.op = row.op;
      out.id = keys_.intern(row, hashes_[i]);
    }
    position_ += count;
    ready_ = kept;
  }
  return true;
}

}  // namespace cachegauge
