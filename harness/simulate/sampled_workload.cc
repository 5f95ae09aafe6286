#include "harness/simulate/sampled_workload.h"

#include <algorithm>
#include <utility>

namespace cachegauge {
namespace {

constexpr uint64_t kBetweenMarks = 1024;

class SampledSource final : public RequestSource {
 public:
  SampledSource(std::unique_ptr<RequestSource> source, const RequestRules& rules,
                const KeySample& keys, WholeCounts& counts)
      : source_(std::move(source)), rules_(rules), keys_(keys), counts_(counts) {}

  size_t read(std::span<Request> out) override {
    RequestCounts& all = counts_.all;
    while (all.requests < rules_.limit) {
      const size_t wanted = std::min<uint64_t>(out.size(), rules_.limit - all.requests);
      const size_t rows = source_->read(out.first(wanted));
      if (rows == 0) break;
      const size_t kept = sample(out.first(rows));
      if (all.requests >= next_mark_) {
        counts_.marks.push_back(all);
        next_mark_ = all.requests + kBetweenMarks;
      }
      if (kept > 0) return kept;
    }
    counts_.fingerprint = fingerprint_.text();
    return 0;
  }

  uint64_t skipped_rows() const override { return source_->skipped_rows(); }
  uint64_t backward_times() const override { return source_->backward_times(); }

 private:
  // Moves those that are held to the front.
  size_t sample(std::span<Request> rows) {
    RequestCounts& all = counts_.all;
    size_t kept = 0;
    for (Request& row : rows) {
      const uint64_t hash = row.key_hash();
      rules_.apply(row);
      fingerprint_.add(row, hash);
      const bool held = keys_.holds(hash);
      ++all.ops[static_cast<int>(row.op)];
      const uint64_t get_bytes = row.op == Op::kGet ? row.value_size_bytes : 0;
      all.get_bytes += get_bytes;
      all.sampled_get_bytes += held ? get_bytes : 0;
      if (held) rows[kept++] = row;
    }
    all.requests += rows.size();
    all.sampled += kept;
    return kept;
  }

  std::unique_ptr<RequestSource> source_;
  RequestRules rules_;
  KeySample keys_;
  WholeCounts& counts_;
  Fingerprint fingerprint_;
  uint64_t next_mark_ = kBetweenMarks;
};

}  // namespace

RequestCounts RequestCounts::operator-(const RequestCounts& other) const {
  RequestCounts rest = {.requests = requests - other.requests,
                        .sampled = sampled - other.sampled,
                        .get_bytes = get_bytes - other.get_bytes,
                        .sampled_get_bytes = sampled_get_bytes - other.sampled_get_bytes};
  for (int op = 0; op < kOpCount; ++op) rest.ops[op] = ops[op] - other.ops[op];
  return rest;
}

RequestCounts WholeCounts::up_to(uint64_t requests) const {
  const auto after = std::upper_bound(
      marks.begin(), marks.end(), requests,
      [](uint64_t wanted, const RequestCounts& mark) { return wanted < mark.requests; });
  return after == marks.begin() ? RequestCounts() : *std::prev(after);
}

std::unique_ptr<RequestSource> SampledWorkload::open() const {
  return std::make_unique<SampledSource>(whole_.open(), rules_, keys_, counts_);
}

}  // namespace cachegauge
