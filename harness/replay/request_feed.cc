#include "harness/replay/request_feed.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "harness/replay/digits.h"

namespace cachegauge {
namespace {

void copy_rest(const Request& row, PreparedRequest& out) {
  out.value_size_bytes = row.value_size_bytes;
  out.time_ns = row.time_ns;
  out.ttl_ns = row.ttl_ns;
  out.op = row.op;
}

}  // namespace

RequestFeed::RequestFeed(const Workload& workload, const RequestRules& rules,
                         std::string key_prefix, uint32_t thread, uint32_t threads)
    : workload_(workload),
      rules_(rules),
      thread_(thread),
      threads_(threads),
      keys_(std::move(key_prefix)),
      source_(workload.open()),
      left_in_pass_(rules.limit) {}

void RequestFeed::schedule(Arrivals arrivals, uint64_t seed, double speed) {
  arrivals_ = arrivals;
  speed_ = speed;
  gaps_ = random_stream(seed, 7);
}

void RequestFeed::rewind() {
  source_ = workload_.open();
  trace_base_ = last_arrival_;
  left_in_pass_ = rules_.limit;
  position_ = 0;
  at_ = ready_ = 0;
}

// False, with nothing done that matters, if one of the rows is anything but a get of a plain
// number. A loop for each step keeps its constants in registers.
bool RequestFeed::prepare_sparing(size_t rows) {
  const auto batch = std::span<const Request>(rows_).first(rows);
  for (const Request& row : batch) {
    if (row.op != Op::kGet || row.key_size_bytes != 0 || !KeyInterner::is_small(row)) return false;
  }
  for (size_t i = 0; i < rows; ++i) {
    char* const digits = digits_[i].data();
    batch_[i].key = {digits, write_digits(digits, static_cast<uint32_t>(batch[i].integer_key))};
  }
  for (size_t i = 0; i < rows; ++i) batch_[i].key_hash = hash_integer_key(batch[i].integer_key);
  for (size_t i = 0; i < rows; ++i) {
    batch_[i].index = position_ + i;
    batch_[i].record = nullptr;
    copy_rest(batch[i], batch_[i]);
  }
  for (const Request& row : batch) keys_.meet(row.integer_key);
  ready_ = rows;
  return true;
}

void RequestFeed::prepare_own(size_t rows) {
  if (arrivals_ != Arrivals::kNone) arrive(rows);
  const size_t kept = keep_own(rows);
  for (size_t i = 0; i < kept; ++i) keys_.prefetch_record(rows_[i], hashes_[i]);
  prepare(kept);
  ready_ = kept;
}

// Of every row, those of other threads included.
void RequestFeed::arrive(size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    switch (arrivals_) {
      case Arrivals::kNone:
        break;
      case Arrivals::kConstant:
        last_arrival_ += 1;
        break;
      case Arrivals::kPoisson:
        last_arrival_ += gaps_.exponential(1);
        break;
      case Arrivals::kTrace:
        last_arrival_ =
            std::max(last_arrival_, trace_base_ + static_cast<double>(rows_[i].time_ns));
        break;
    }
    arrival_[i] = last_arrival_;
  }
}

// Moves the rows whose keys are this thread's to the front, and begins on them. Returns how many.
size_t RequestFeed::keep_own(size_t rows) {
  if (threads_ == 1) {
    for (size_t i = 0; i < rows; ++i) {
      hashes_[i] = rows_[i].key_hash();
      keys_.prefetch(rows_[i], hashes_[i]);
      batch_[i].index = position_ + i;
    }
    return rows;
  }
  size_t kept = 0;
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t hash = rows_[i].key_hash();
    if (thread_of(hash, threads_) != thread_) continue;
    keys_.prefetch(rows_[i], hash);
    hashes_[kept] = hash;
    batch_[kept].index = position_ + i;
    arrival_[kept] = arrival_[i];
    if (kept != i) rows_[kept] = rows_[i];
    ++kept;
  }
  return kept;
}

void RequestFeed::prepare(size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    PreparedRequest& out = batch_[i];
    out.record = &keys_.intern(rows_[i], hashes_[i]);
    out.key = out.record->bytes();
    __builtin_prefetch(out.key.data());  // of a long key; soon to be sent, or compared
    out.key_hash = hashes_[i];
    copy_rest(rows_[i], out);
  }
  if (arrivals_ == Arrivals::kNone) return;
  for (size_t i = 0; i < rows; ++i) {
    batch_[i].arrival = arrival_[i];
    if (speed_ == 1 || batch_[i].ttl_ns == 0) continue;
    const double ttl_ns = static_cast<double>(batch_[i].ttl_ns) / speed_;
    batch_[i].ttl_ns = std::max<int64_t>(1, std::llround(ttl_ns));
  }
}

size_t RequestFeed::read_rows() {
  const size_t wanted = std::min<uint64_t>(kBatch, left_in_pass_);
  if (wanted == 0) return 0;
  const size_t count = source_->read(std::span(rows_).first(wanted));
  left_in_pass_ -= count;
  if (rules_.changes_rows()) {
    for (size_t i = 0; i < count; ++i) rules_.apply(rows_[i]);
  }
  return count;
}

bool RequestFeed::refill() {
  at_ = ready_ = 0;
  while (ready_ == 0) {
    size_t count = read_rows();
    if (count == 0 && repeats_ && unique_keys() > 0) {
      const uint64_t position = position_;
      rewind();
      position_ = position;
      count = read_rows();
    }
    if (count == 0) return false;
    sparing_ = sparing_ && prepare_sparing(count);
    if (!sparing_) prepare_own(count);
    position_ += count;
  }
  return true;
}

KeyRecord& RequestFeed::record(const PreparedRequest& request) {
  if (request.record) return *request.record;
  Request row;
  std::from_chars(request.key.data(), request.key.data() + request.key.size(), row.integer_key);
  return keys_.intern(row, request.key_hash);
}

}  // namespace cachegauge
