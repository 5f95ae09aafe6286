// Gives each key of a workload a small dense id, and keeps its bytes as the cache will see them:
// the run's prefix, then the key; integer keys are decimal digits, padded with zeros on the left to
// the key size that the trace states (prefix included). Text keys are never padded: two of them
// could then become the same.
//
// One a thread. Memory: the keys' bytes, 24 bytes a key, and 4 to 8 bytes of table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/request.h"

namespace cachegauge {

class KeyInterner {
 public:
  explicit KeyInterner(std::string prefix);

  // The id of the request's key, new or known: 0, 1, 2, … in order of first appearance.
  // Throws Error::failed beyond 2^32 - 2 keys.
  uint32_t intern(const Request& request, uint64_t key_hash) {
    const size_t mask = table_.size() - 1;
    size_t at = key_hash >> shift_;
    while (table_[at] != kFree) {
      const Entry& entry = entries_[table_[at]];
      if (entry.hash == key_hash && same_key(entry, request)) return table_[at];
      at = (at + 1) & mask;
    }
    return add(request, key_hash, at);
  }
  // Bring what intern() will look at into the cache, some requests ahead: first the table's line
  // for this hash, and once that is there, the entry it names.
  void prefetch(uint64_t key_hash) const { __builtin_prefetch(&table_[key_hash >> shift_]); }
  void prefetch_entry(uint64_t key_hash) const {
    const uint32_t id = table_[key_hash >> shift_];
    if (id != kFree) __builtin_prefetch(&entries_[id]);
  }

  std::string_view key(uint32_t id) const { return {entries_[id].bytes, entries_[id].size}; }
  uint64_t key_hash(uint32_t id) const { return entries_[id].hash; }
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }

 private:
  struct Entry {
    uint64_t hash;
    const char* bytes;
    uint32_t size;
  };
  static constexpr uint32_t kFree = UINT32_MAX;

  bool same_key(const Entry& entry, const Request& request) const {
    if (!request.has_text_key()) return true;  // the hash of an integer is a bijection
    return std::string_view(entry.bytes, entry.size).substr(prefix_.size()) == request.text_key;
  }
  uint32_t add(const Request& request, uint64_t key_hash, size_t at);
  const char* store(const Request& request, uint32_t* size);
  char* allocate(size_t bytes);
  void grow();

  std::string prefix_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> table_;  // ids by the top bits of the hash, linear probing
  int shift_;                    // 64 - log2(table_.size())
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace cachegauge
