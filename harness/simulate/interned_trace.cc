#include "harness/simulate/interned_trace.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "harness/core/clock.h"
#include "harness/core/huge_pages.h"

namespace cachegauge {
namespace {

constexpr size_t kBatch = 1024;  // rows between two readings of the clock

// The values of the chunk under way. They are written down from the first that is another: a column
// of one value, as most are, costs no memory traffic.
template <class T>
class ColumnBuffer {
 public:
  // In order from 0 on.
  void set(size_t i, T value) {
    if (i == 0) begin(value);
    if (!varies_ && value == first_) return;
    if (!varies_) vary(i);
    values_[i] = value;
  }
  ChunkColumn<T> seal(size_t count, ColumnStore& store) const {
    if (!varies_) return {nullptr, first_};
    return {static_cast<const T*>(store.keep(values_.data(), count * sizeof(T))), T{}};
  }

 private:
  void begin(T value) {
    first_ = value;
    varies_ = false;
  }
  [[gnu::noinline]] void vary(size_t i) {
    varies_ = true;
    values_.resize(TraceChunk::kMostRequests);
    std::fill_n(values_.begin(), i, first_);
  }

  T first_ = {};
  bool varies_ = false;
  std::vector<T> values_;
};

uint64_t own_key_bytes(const Request& row) {
  return row.has_text_key() ? row.text_key.size() : key_bytes(row);
}

}  // namespace

class InternedTrace::Builder {
 public:
  Builder(InternedTrace& trace, const RequestRules& rules) : trace_(trace), rules_(rules) {}

  // Consumes the rows, whose keys are gone afterwards.
  void add(std::span<Request> rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
      hashes_[i] = rows[i].key_hash();
      interner_.prefetch(rows[i], hashes_[i]);
    }
    for (size_t i = 0; i < rows.size(); ++i) interner_.prefetch_hash(rows[i], hashes_[i]);
    for (size_t i = 0; i < rows.size(); ++i) {
      rules_.apply(rows[i]);
      add_row(rows[i], hashes_[i]);
    }
  }

  void finish() {
    seal();
    TraceSummary& summary = trace_.summary_;
    summary.unique_keys = interner_.size();
    summary.fingerprint = fingerprint_.text();
    trace_.key_hashes_ = std::move(interner_).finish();
  }

 private:
  void add_row(const Request& row, uint64_t hash) {
    const uint32_t known = interner_.size();
    const uint32_t id = interner_.intern(row, hash);
    if (id == known) add_key(row);
    ids_[count_] = id;
    ops_.set(count_, row.op);
    value_sizes_.set(count_, row.value_size_bytes);
    ttls_ns_.set(count_, row.ttl_ns);
    now_ = std::max(now_, row.time_ns);  // of rows without a time, as it was
    now_ns_.set(count_, now_);
    TraceSummary& summary = trace_.summary_;
    ++summary.ops[static_cast<int>(row.op)];
    summary.with_ttl += row.ttl_ns > 0;
    ++summary.requests;
    fingerprint_.add(row, hash);
    if (++count_ == TraceChunk::kMostRequests) seal();
  }

  void add_key(const Request& row) {
    constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
    trace_.key_sizes_.push_back(static_cast<uint32_t>(std::min(own_key_bytes(row), kMost)));
    trace_.summary_.footprint_bytes += key_bytes(row) + row.value_size_bytes;
  }

  void seal() {
    if (count_ == 0) return;
    ColumnStore& store = trace_.store_;
    TraceChunk chunk;
    chunk.count = count_;
    chunk.ids = static_cast<const uint32_t*>(store.keep(ids_.data(), count_ * sizeof(uint32_t)));
    chunk.ops = ops_.seal(count_, store);
    chunk.value_sizes = value_sizes_.seal(count_, store);
    chunk.now_ns = now_ns_.seal(count_, store);
    chunk.ttls_ns = ttls_ns_.seal(count_, store);
    trace_.chunks_.push_back(chunk);
    trace_.equal_sizes_ &= !chunk.value_sizes.values &&
                           chunk.value_sizes.same == trace_.chunks_.front().value_sizes.same;
    count_ = 0;
  }

  InternedTrace& trace_;
  RequestRules rules_;
  IdInterner interner_;
  Fingerprint fingerprint_;
  std::array<uint64_t, kBatch> hashes_;
  uint32_t count_ = 0;  // of the chunk under way
  std::vector<uint32_t> ids_ = std::vector<uint32_t>(TraceChunk::kMostRequests);
  ColumnBuffer<Op> ops_;
  ColumnBuffer<uint64_t> value_sizes_;
  ColumnBuffer<int64_t> now_ns_;
  ColumnBuffer<int64_t> ttls_ns_;
  int64_t now_ = 0;
};

InternedTrace::InternedTrace(const Workload& workload, const RequestRules& rules,
                             uint64_t most_bytes_in_memory)
    : store_(most_bytes_in_memory) {
  Builder builder(*this, rules);
  const auto source = workload.open();
  std::vector<Request> rows(kBatch);
  int64_t before = monotonic_ns();
  while (summary_.requests < rules.limit) {
    const uint64_t wanted = std::min<uint64_t>(kBatch, rules.limit - summary_.requests);
    const size_t count = source->read(std::span(rows).first(wanted));
    const int64_t decoded = monotonic_ns();
    summary_.decode_ns += decoded - before;
    if (count == 0) break;
    builder.add(std::span(rows).first(count));
    before = monotonic_ns();
    summary_.intern_ns += before - decoded;
  }
  builder.finish();
  summary_.skipped_rows = source->skipped_rows();
  summary_.backward_times = source->backward_times();
}

void InternedTrace::find_next_uses() {
  constexpr uint32_t kAhead = 12;  // as in Simulation
  const int64_t before = monotonic_ns();
  std::vector<uint64_t, HugePageAllocator<uint64_t>> upcoming(unique_keys(), kNeverUsed);
  std::vector<uint32_t> distances(TraceChunk::kMostRequests);
  uint64_t position = summary_.requests;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    for (uint32_t i = chunk->count; i-- > 0;) {
      if (i >= kAhead) __builtin_prefetch(&upcoming[chunk->ids[i - kAhead]], 1);
      uint64_t& next = upcoming[chunk->ids[i]];
      --position;
      distances[i] = next == kNeverUsed ? TraceChunk::kNoNextUse
                                        : static_cast<uint32_t>(std::min<uint64_t>(
                                              next - position, TraceChunk::kNoNextUse - 1));
      const Op op = chunk->ops[i];
      if (op == Op::kDelete) next = kNeverUsed;
      if (op == Op::kGet || op == Op::kSet) next = position;  // an add leaves what is held alone
    }
    chunk->next_uses = static_cast<const uint32_t*>(
        store_.keep(distances.data(), chunk->count * sizeof(uint32_t)));
  }
  summary_.intern_ns += monotonic_ns() - before;
}

uint64_t InternedTrace::compulsory_misses(uint64_t begin) const {
  uint64_t misses = 0, position = 0;
  uint32_t known = 0;
  for (const TraceChunk& chunk : chunks_) {
    for (uint32_t i = 0; i < chunk.count; ++i, ++position) {
      if (chunk.ids[i] != known) continue;  // ids are given in order of first appearance
      ++known;
      misses += position >= begin && chunk.ops[i] == Op::kGet;
    }
  }
  return misses;
}

uint64_t InternedTrace::bytes_in_memory() const {
  return store_.bytes_in_memory() + key_hashes_.capacity() * sizeof(uint64_t) +
         key_sizes_.capacity() * sizeof(uint32_t) + chunks_.capacity() * sizeof(TraceChunk);
}

}  // namespace cachegauge
