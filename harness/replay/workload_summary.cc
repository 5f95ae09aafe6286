#include "harness/replay/workload_summary.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace cachegauge {
namespace {

// A set of 64-bit hashes; zero is kept apart.
class HashSet {
 public:
  bool insert(uint64_t hash) {
    if (hash == 0) return !std::exchange(has_zero_, true);
    if ((size_ + 1) * 3 > table_.size() * 2) grow();
    if (!place(hash)) return false;
    ++size_;
    return true;
  }
  uint64_t size() const { return size_ + (has_zero_ ? 1 : 0); }
  void prefetch(uint64_t hash) const { __builtin_prefetch(&table_[hash & (table_.size() - 1)]); }

 private:
  bool place(uint64_t hash) {
    size_t at = hash & (table_.size() - 1);
    while (table_[at] != 0) {
      if (table_[at] == hash) return false;
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = hash;
    return true;
  }
  void grow() {
    std::vector<uint64_t> old(table_.size() * 2);
    old.swap(table_);
    for (uint64_t hash : old) {
      if (hash != 0) place(hash);
    }
  }

  std::vector<uint64_t> table_ = std::vector<uint64_t>(1 << 12);
  uint64_t size_ = 0;
  bool has_zero_ = false;
};

}  // namespace

WorkloadSummary summarize_workload(const Workload& workload, const RequestRules& rules) {
  WorkloadSummary summary;
  const auto source = workload.open();
  std::array<Request, 256> rows;
  std::array<uint64_t, 256> hashes;
  HashSet keys;
  Fingerprint fingerprint;
  int64_t last_ns = 0;
  while (summary.requests < rules.limit) {
    const uint64_t left = rules.limit - summary.requests;
    const size_t count = source->read(std::span(rows).first(std::min<uint64_t>(left, 256)));
    if (count == 0) break;
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = rows[i].key_hash();
      keys.prefetch(hashes[i]);
    }
    for (size_t i = 0; i < count; ++i) {
      Request& row = rows[i];
      rules.apply(row);
      ++summary.ops[static_cast<int>(row.op)];
      if (row.ttl_ns > 0) {
        summary.shortest_ttl_ns =
            summary.with_ttl == 0 ? row.ttl_ns : std::min(summary.shortest_ttl_ns, row.ttl_ns);
        ++summary.with_ttl;
        summary.ttl_divisor_ns = std::gcd(summary.ttl_divisor_ns, row.ttl_ns);
      }
      if (keys.insert(hashes[i])) summary.footprint_bytes += key_bytes(row) + row.value_size_bytes;
      summary.largest_value_bytes = std::max(summary.largest_value_bytes, row.value_size_bytes);
      last_ns = std::max(last_ns, row.time_ns);
      fingerprint.add(row, hashes[i]);
    }
    summary.requests += count;
  }
  summary.unique_keys = keys.size();
  summary.span_ns = last_ns;
  summary.skipped_rows = source->skipped_rows();
  summary.backward_times = source->backward_times();
  summary.fingerprint = fingerprint.text();
  return summary;
}

}  // namespace cachegauge
