// Numbers the keys of a workload 0, 1, 2, … in order of first appearance. A key is known by its
// 64-bit hash alone, which for integers is a bijection; two text keys among 100 million share one
// with a probability of 0.0003.
//
// Memory: 8 bytes a key for its hash, and 24 to 48 of table, which is given back by finish(). Keys
// below 4M, which numbered keys are, take 4 bytes of another table instead.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/core/request.h"

namespace cachegauge {

using KeyHashes = std::vector<uint64_t, HugePageAllocator<uint64_t>>;

class IdInterner {
 public:
  IdInterner();

  // Throws Error::failed beyond the slots that a policy can have.
  uint32_t intern(const Request& request, uint64_t key_hash) {
    if (is_small(request)) return intern_small(request.integer_key, key_hash);
    size_t at = key_hash >> shift_;
    for (; table_[at].id != kFree; at = (at + 1) & (table_.size() - 1)) {
      if (table_[at].key_hash == key_hash) return table_[at].id;
    }
    return add(at, key_hash);
  }
  // Some requests ahead.
  void prefetch(const Request& request, uint64_t key_hash) const {
    if (!is_small(request)) {
      __builtin_prefetch(&table_[key_hash >> shift_]);
    } else if (request.integer_key < small_.size()) {
      prefetch_known_small(request.integer_key);
    }
  }

  // The same of integer keys below known_small(), for those who know that of many at once.
  uint64_t known_small() const { return small_.size(); }
  uint32_t intern_known_small(uint64_t key, uint64_t key_hash) {
    return small_[key] != kFree ? small_[key] : add_small(key, key_hash);
  }
  // g++ takes a function that only prefetches for one without effect, and leaves calls of it out.
  [[gnu::always_inline]] void prefetch_known_small(uint64_t key) const {
    __builtin_prefetch(&small_[key]);
  }

  uint32_t size() const { return static_cast<uint32_t>(hashes_.size()); }
  // The hashes by id. Nothing can be interned any more.
  KeyHashes finish() &&;

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr uint64_t kSmallKeys = uint64_t{1} << 22;
  // The whole hash, so that nothing else need be fetched from memory to know a key.
  struct Cell {
    uint64_t key_hash = 0;
    uint32_t id = kFree;
  };

  static bool is_small(const Request& request) {
    return request.integer_key < kSmallKeys && !request.has_text_key();
  }

  uint32_t intern_small(uint64_t key, uint64_t key_hash) {
    return key < small_.size() ? intern_known_small(key, key_hash) : add_small(key, key_hash);
  }
  uint32_t add_small(uint64_t key, uint64_t key_hash);
  uint32_t add(size_t at, uint64_t key_hash);
  uint32_t take_id(uint64_t key_hash);
  void grow();

  KeyHashes hashes_;                                  // by id
  std::vector<Cell, HugePageAllocator<Cell>> table_;  // by the top bits of the hash
  int shift_;                                         // 64 - log2(table_.size())
  uint64_t in_table_ = 0;
  std::vector<uint32_t, HugePageAllocator<uint32_t>> small_;  // ids by key
};

}  // namespace cachegauge
