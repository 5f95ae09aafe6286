#include "harness/simulate/interned_trace.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "harness/core/clock.h"
#include "harness/core/huge_pages.h"

namespace cachegauge {
namespace {

// Rows between two readings of the clock: few enough to stay in the first-level cache while one of
// their properties is read after another.
constexpr size_t kBatch = 256;

// The values of the chunk under way. They are written down from the first that is another, so that
// a column of one value, as most are, costs no memory traffic; and in a place that is used again,
// to be packed when the chunk is whole.
template <class T>
class ColumnBuffer {
 public:
  // Of a new chunk, whose first row has this value.
  void begin(T value) {
    same_ = value;
    varies_ = false;
  }
  // value(i) of `count` rows, which follow the `at` that the chunk already has.
  template <class Value>
  void append(size_t at, size_t count, const Value& value) {
    size_t i = 0;
    if (!varies_) {
      while (i < count && value(i) == same_) ++i;
      if (i == count) return;
      vary(at + i);
    }
    for (; i < count; ++i) values_[at + i] = static_cast<uint64_t>(value(i));
  }
  bool varies() const { return varies_; }
  T same() const { return same_; }  // all of the chunk, if they do not vary
  ChunkColumn<T> pack(size_t count, ColumnStore& store) const {
    if (varies_) return ChunkColumn<T>(pack_numbers({values_.data(), count}, store));
    return ChunkColumn<T>(PackedNumbers{.least = static_cast<uint64_t>(same_)});
  }

 private:
  void vary(size_t count) {
    values_.resize(TraceChunk::kMostRequests);
    std::fill_n(values_.begin(), count, static_cast<uint64_t>(same_));
    varies_ = true;
  }

  T same_ = {};
  bool varies_ = false;
  std::vector<uint64_t> values_;  // if it does
};

// As a cache is sent it: a text key as it stands, an integer padded to the size that is stated.
uint64_t own_key_bytes(const Request& row) {
  if (row.has_text_key()) return row.text_key.size();
  if (row.key_size_bytes == 0) return key_bytes(row);
  const Request digits = {.integer_key = row.integer_key};
  return std::max<uint64_t>(row.key_size_bytes, key_bytes(digits));
}

}  // namespace

class InternedTrace::Builder {
 public:
  Builder(InternedTrace& trace, const RequestRules& rules, ArrivalTimes times)
      : trace_(trace), rules_(rules), keeps_times_(times == ArrivalTimes::kAll) {}

  // At most kBatch. Changes the rows, whose keys are gone afterwards.
  void add(std::span<Request> rows) {
    while (!rows.empty()) {
      const size_t room = TraceChunk::kMostRequests - count_;
      add_to_chunk(rows.first(std::min(rows.size(), room)));
      rows = rows.subspan(std::min(rows.size(), room));
      if (count_ == TraceChunk::kMostRequests) seal();
    }
  }

  void finish() {
    if (count_ > 0) seal();
    TraceSummary& summary = trace_.summary_;
    summary.unique_keys = interner_.size();
    summary.fingerprint = fingerprint_.text();
    trace_.key_hashes_ = std::move(interner_).finish();
  }

 private:
  // One property after another, each in a short loop: half the time of one row after another.
  void add_to_chunk(std::span<Request> rows) {
    if (rules_.changes_rows()) {
      const RequestRules rules = rules_;  // what rows cannot be written over
      for (Request& row : rows) rules.apply(row);
    }
    if (count_ == 0) begin_chunk(rows.front());
    const Survey survey = look_over(rows);
    add_keys(rows, survey.all_numbered);
    if (!survey.all_as_before) add_properties(rows);
    count_ops(rows);
    if (ttls_ns_.varies() || ttls_ns_.same() > 0) add_ttls(rows);
    if (keeps_times_ || now_ns_.varies()) add_times(rows);
    trace_.summary_.requests += rows.size();
    count_ += static_cast<uint32_t>(rows.size());
  }

  // What one loop tells of rows that are like one another, as most are.
  struct Survey {
    bool all_as_before;  // all rows of the chunk, with these, have one op, one TTL and one size
    bool all_numbered;   // their keys are numbers among those that have come up so far
  };
  Survey look_over(std::span<const Request> rows) const {
    const auto op = static_cast<uint64_t>(ops_.same());
    const auto ttl_ns = ttls_ns_.same();
    const auto value_size = value_sizes_.same();
    uint64_t others = 0, largest = 0;
    bool any_text = false;
    for (const Request& row : rows) {
      others |= (static_cast<uint64_t>(row.op) ^ op) | static_cast<uint64_t>(row.ttl_ns ^ ttl_ns) |
                (row.value_size_bytes ^ value_size);
      largest = std::max(largest, row.integer_key);
      any_text |= row.has_text_key();
    }
    return {.all_as_before =
                others == 0 && !ops_.varies() && !ttls_ns_.varies() && !value_sizes_.varies(),
            .all_numbered = !any_text && largest < interner_.known_small()};
  }

  void add_properties(std::span<const Request> rows) {
    const auto add = [&](auto& column, const auto& property) {
      column.append(count_, rows.size(), [&](size_t i) { return rows[i].*property; });
    };
    add(ops_, &Request::op);
    add(ttls_ns_, &Request::ttl_ns);
    add(value_sizes_, &Request::value_size_bytes);
  }

  void count_ops(std::span<const Request> rows) {
    auto& ops = trace_.summary_.ops;
    if (!ops_.varies()) {
      ops[static_cast<int>(ops_.same())] += rows.size();
    } else {
      for (const Request& row : rows) ++ops[static_cast<int>(row.op)];
    }
  }

  void begin_chunk(const Request& first) {
    ops_.begin(first.op);
    ttls_ns_.begin(first.ttl_ns);
    value_sizes_.begin(first.value_size_bytes);
    now_ns_.begin(keeps_times_ ? std::max(now_, first.time_ns) : now_);
    chunk_.known_ids = interner_.size();
    ids_ = static_cast<uint32_t*>(
        trace_.store_.room_for(TraceChunk::kMostRequests * sizeof(uint32_t)));
  }

  void add_keys(std::span<const Request> rows, bool all_numbered) {
    if (all_numbered) {
      number_keys(
          rows, [](const Request& row) { return hash_integer_key(row.integer_key); },
          [&](const Request& row, uint64_t) { interner_.prefetch_known_small(row.integer_key); },
          [&](const Request& row, uint64_t key_hash) {
            return interner_.intern_known_small(row.integer_key, key_hash);
          });
    } else {
      number_keys(
          rows, [](const Request& row) { return row.key_hash(); },
          [&](const Request& row, uint64_t key_hash) { interner_.prefetch(row, key_hash); },
          [&](const Request& row, uint64_t key_hash) { return interner_.intern(row, key_hash); });
    }
  }

  // A key is hashed some rows before it is looked up: the fingerprint, in which each row has to
  // wait for the one before, leaves a processor time for that.
  template <class Hash, class Prefetch, class Intern>
  [[gnu::always_inline]] void number_keys(std::span<const Request> rows, const Hash& hash,
                                          const Prefetch& prefetch, const Intern& intern) {
    constexpr size_t kAhead = 64;
    const auto begin = [&](size_t i) {
      hashes_[i] = hash(rows[i]);
      prefetch(rows[i], hashes_[i]);
    };
    Fingerprint fingerprint = fingerprint_;  // a copy, which can stay in a register
    uint32_t known = interner_.size();
    uint32_t* const ids = ids_ + count_;
    const auto finish = [&](size_t i) {
      const uint64_t key_hash = hashes_[i];
      const uint32_t id = intern(rows[i], key_hash);
      if (id == known) {
        add_key(rows[i], count_ + i);
        ++known;
      }
      ids[i] = id;
      fingerprint.add(rows[i], key_hash);
    };
    size_t i = 0;
    for (; i < std::min(kAhead, rows.size()); ++i) begin(i);
    for (; i < rows.size(); ++i) {
      begin(i);
      finish(i - kAhead);
    }
    for (i -= std::min(kAhead, rows.size()); i < rows.size(); ++i) finish(i);
    fingerprint_ = fingerprint;
  }

  void add_key(const Request& row, size_t place) {
    constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
    const uint64_t own = own_key_bytes(row);
    trace_.key_sizes_.push_back(static_cast<uint32_t>(std::min(own, kMost)));
    trace_.first_requests_.push_back(static_cast<uint16_t>(place));
    const uint64_t stated = row.key_size_bytes > 0 ? row.key_size_bytes : own;
    trace_.summary_.footprint_bytes += stated + row.value_size_bytes;
    if (stated != own || !trace_.stated_key_sizes_.empty()) add_stated_size(stated, own);
  }

  void add_stated_size(uint64_t stated, uint64_t own) {
    std::vector<uint32_t>& sizes = trace_.stated_key_sizes_;
    const std::vector<uint32_t>& all = trace_.key_sizes_;
    if (sizes.empty()) sizes.assign(all.begin(), all.end() - 1);
    sizes.push_back(static_cast<uint32_t>(stated));
    trace_.summary_.misstated_key_bytes += stated > own ? stated - own : own - stated;
  }

  void add_ttls(std::span<const Request> rows) {
    for (const Request& row : rows) trace_.summary_.with_ttl += row.ttl_ns > 0;
    keeps_times_ |= trace_.summary_.with_ttl > 0;
  }

  void add_times(std::span<const Request> rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
      // Of rows without a time, as it was.
      if (keeps_times_) now_ = std::max(now_, rows[i].time_ns);
      times_[i] = now_;
    }
    now_ns_.append(count_, rows.size(), [&](size_t i) { return times_[i]; });
  }

  void seal() {
    chunk_.count = count_;
    chunk_.ids = ids_;
    chunk_.ops = ops_.pack(count_, trace_.store_);
    chunk_.value_sizes = value_sizes_.pack(count_, trace_.store_);
    chunk_.now_ns = now_ns_.pack(count_, trace_.store_);
    chunk_.ttls_ns = ttls_ns_.pack(count_, trace_.store_);
    trace_.chunks_.push_back(chunk_);
    trace_.equal_sizes_ &= chunk_.value_sizes.all_same() &&
                           chunk_.value_sizes.same() == trace_.chunks_.front().value_sizes.same();
    count_ = 0;
  }

  InternedTrace& trace_;
  RequestRules rules_;
  bool keeps_times_;
  IdInterner interner_;
  Fingerprint fingerprint_;
  std::array<uint64_t, kBatch> hashes_;
  std::array<int64_t, kBatch> times_;
  TraceChunk chunk_;    // under way
  uint32_t count_ = 0;  // of its requests
  uint32_t* ids_ = nullptr;
  ColumnBuffer<Op> ops_;
  ColumnBuffer<uint64_t> value_sizes_;
  ColumnBuffer<int64_t> now_ns_;
  ColumnBuffer<int64_t> ttls_ns_;
  int64_t now_ = 0;
};

InternedTrace::InternedTrace(const Workload& workload, const RequestRules& rules,
                             uint64_t most_bytes_in_memory, ArrivalTimes times)
    : store_(most_bytes_in_memory) {
  Builder builder(*this, rules, times);
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

uint32_t TraceChunk::first_at(uint32_t begin, uint32_t end, int64_t time_ns) const {
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    if (now_ns[middle] < time_ns) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

void InternedTrace::find_next_uses() {
  constexpr uint32_t kAhead = 12;  // as in Simulation
  const int64_t before = monotonic_ns();
  std::vector<uint64_t, HugePageAllocator<uint64_t>> upcoming(unique_keys(), kNeverUsed);
  uint64_t position = summary_.requests;
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    auto* const distances =
        static_cast<uint32_t*>(store_.room_for(chunk->count * sizeof(uint32_t)));
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
    chunk->next_uses = distances;
  }
  summary_.intern_ns += monotonic_ns() - before;
}

uint64_t InternedTrace::compulsory_misses(uint64_t begin) const {
  uint64_t misses = 0;
  for_each_key([&](uint32_t, const TraceChunk& chunk, uint32_t i) {
    const auto before = static_cast<uint64_t>(&chunk - chunks_.data()) * TraceChunk::kMostRequests;
    misses += before + i >= begin && chunk.ops[i] == Op::kGet;
  });
  return misses;
}

uint64_t InternedTrace::bytes_in_memory() const {
  return store_.bytes_in_memory() + key_hashes_.capacity() * sizeof(uint64_t) +
         (key_sizes_.capacity() + stated_key_sizes_.capacity()) * sizeof(uint32_t) +
         first_requests_.capacity() * sizeof(uint16_t) + chunks_.capacity() * sizeof(TraceChunk);
}

}  // namespace cachegauge
