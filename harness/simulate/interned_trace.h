// A workload as the simulator wants it: decoded once, each key a small dense id, each property of
// the requests a column. A column that has one value throughout a chunk is that value, so a trace
// of gets of equal size takes 4 bytes a request; one with times in seconds and sizes 7.
//
// Immutable once made (and find_next_uses() called), and then thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/local/policies/policy.h"
#include "harness/core/request_rules.h"
#include "harness/core/workload.h"
#include "harness/simulate/chunk_column.h"
#include "harness/simulate/column_store.h"
#include "harness/simulate/id_interner.h"

namespace cachegauge {

struct TraceChunk {
  static constexpr uint32_t kMostRequests = 1 << 16;

  uint32_t count = 0;
  uint32_t known_ids = 0;  // of keys that requests before the chunk had named
  const uint32_t* ids = nullptr;
  ChunkColumn<Op> ops;
  ChunkColumn<uint64_t> value_sizes;
  ChunkColumn<int64_t> now_ns;  // the latest arrival so far: never runs backwards
  ChunkColumn<int64_t> ttls_ns;
  const uint32_t* next_uses = nullptr;  // find_next_uses(): requests until then, or kNoNextUse

  static constexpr uint32_t kNoNextUse = 0xffffffff;
  // The next use of the object of request `i`, which stands at `position` in the trace.
  uint64_t next_use(size_t i, uint64_t position) const {
    return next_uses[i] == kNoNextUse ? kNeverUsed : position + next_uses[i];
  }
  // The first request of [begin, end) that arrives at this time or later; else `end`.
  uint32_t first_at(uint32_t begin, uint32_t end, int64_t time_ns) const;
};

struct TraceSummary {
  uint64_t requests = 0;
  uint64_t unique_keys = 0;
  std::array<uint64_t, kOpCount> ops{};  // by Op
  uint64_t with_ttl = 0;
  uint64_t footprint_bytes = 0;      // key + value bytes of the unique keys, sizes as first seen
  uint64_t misstated_key_bytes = 0;  // by which keys are longer or shorter than the trace states
  uint64_t skipped_rows = 0;
  uint64_t backward_times = 0;  // RequestSource::backward_times()
  std::string fingerprint;      // 16 hex digits over the sequence, rules applied
  int64_t decode_ns = 0;        // reading the workload
  int64_t intern_ns = 0;        // hashing and numbering its keys, keeping the columns, next uses
};

// Which arrival times are kept. kForTtls: none before the first request that has a TTL, which is
// enough where time matters to nothing but expiry, and spares most traces the largest column.
enum class ArrivalTimes : uint8_t { kAll, kForTtls };

class InternedTrace {
 public:
  // Reads the workload once. Columns beyond `most_bytes_in_memory` are spilled to a file. Throws
  // Error::failed as RequestSource::read() does.
  InternedTrace(const Workload& workload, const RequestRules& rules, uint64_t most_bytes_in_memory,
                ArrivalTimes times = ArrivalTimes::kAll);

  const TraceSummary& summary() const { return summary_; }
  const std::vector<TraceChunk>& chunks() const { return chunks_; }
  uint32_t unique_keys() const { return static_cast<uint32_t>(key_hashes_.size()); }
  uint64_t key_hash(uint32_t id) const { return key_hashes_[id]; }
  void prefetch_hash(uint32_t id) const { __builtin_prefetch(&key_hashes_[id]); }
  // The bytes of the key: of text its own, of an integer the digits, padded to what the trace says.
  uint32_t key_size_bytes(uint32_t id) const { return key_sizes_[id]; }
  // As the trace states it, where it does.
  uint32_t stated_key_size_bytes(uint32_t id) const {
    return stated_key_sizes_.empty() ? key_sizes_[id] : stated_key_sizes_[id];
  }
  void prefetch_key_size(uint32_t id) const { __builtin_prefetch(&key_sizes_[id]); }

  // Calls visit(id, chunk, i) for the first request of each key, in order.
  template <class Visit>
  void for_each_key(const Visit& visit) const {
    for (size_t c = 0; c < chunks_.size(); ++c) {
      const uint32_t end = c + 1 < chunks_.size() ? chunks_[c + 1].known_ids : unique_keys();
      for (uint32_t id = chunks_[c].known_ids; id < end; ++id) {
        visit(id, chunks_[c], first_requests_[id]);
      }
    }
  }

  bool only_gets() const { return summary_.ops[static_cast<int>(Op::kGet)] == summary_.requests; }
  // All values have the same size: that of the first chunk's column.
  bool equal_sizes() const { return equal_sizes_; }

  // Adds to each request where its object is used next, as an offline policy wants to know it
  // (Access::next_use). Four bytes a request; what is more than 2^32 - 2 requests ahead is taken to
  // be at that distance. Before any simulation, and not thread-safe.
  void find_next_uses();

  // Gets of keys that no request before had named, among those from position `begin` on: no cache
  // could have answered them.
  uint64_t compulsory_misses(uint64_t begin) const;

  uint64_t bytes_in_memory() const;
  uint64_t bytes_in_file() const { return store_.bytes_in_file(); }

 private:
  class Builder;

  ColumnStore store_;
  std::vector<TraceChunk> chunks_;
  KeyHashes key_hashes_;
  std::vector<uint32_t> key_sizes_;
  std::vector<uint32_t> stated_key_sizes_;  // empty where they are the same
  std::vector<uint16_t> first_requests_;    // by id: which of its chunk
  TraceSummary summary_;
  bool equal_sizes_ = true;
};

}  // namespace cachegauge
