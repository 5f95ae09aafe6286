// Gives each key of a workload a small dense id, and keeps its bytes as the cache will see them:
// the run's prefix, then the key; integer keys are decimal digits, padded with zeros on the left to
// the key size that the trace states (prefix included). Text keys are never padded: two of them
// could then become the same.
//
// One a thread. Memory: 32 bytes a key and 4 to 8 bytes of table, and the bytes of keys longer than
// 20. What is handed out stays where it is.
#pragma once

#include <cstdint>
#include <cstring>
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
      const Entry& known = entry(table_[at]);
      if (known.hash == key_hash && same_key(known, request)) return table_[at];
      at = (at + 1) & mask;
    }
    return add(request, key_hash, at);
  }
  // Bring what intern() will look at into the cache, some requests ahead: first the table's line
  // for this hash, and once that is there, the entry it names.
  void prefetch(uint64_t key_hash) const { __builtin_prefetch(&table_[key_hash >> shift_]); }
  void prefetch_entry(uint64_t key_hash) const {
    const uint32_t id = table_[key_hash >> shift_];
    if (id != kFree) __builtin_prefetch(&entry(id));
  }

  std::string_view key(uint32_t id) const { return entry(id).key(); }
  uint64_t key_hash(uint32_t id) const { return entry(id).hash; }
  uint32_t size() const { return size_; }

 private:
  // Half a cache line, and in most cases all there is of a key.
  struct alignas(32) Entry {
    static constexpr uint32_t kMostInside = 20;

    std::string_view key() const {
      if (size <= kMostInside) return {inside, size};
      const char* outside;
      std::memcpy(&outside, inside, sizeof(outside));
      return {outside, size};
    }

    uint64_t hash;
    uint32_t size;
    char inside[kMostInside];  // the bytes; of a longer key a pointer to them
  };
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr uint32_t kBlockBits = 12;  // entries in a block

  Entry& entry(uint32_t id) const {
    return entries_[id >> kBlockBits][id & ((1u << kBlockBits) - 1)];
  }
  bool same_key(const Entry& known, const Request& request) const {
    if (!request.has_text_key()) return true;  // the hash of an integer is a bijection
    return known.key().substr(prefix_.size()) == request.text_key;
  }
  uint32_t add(const Request& request, uint64_t key_hash, size_t at);
  void store(const Request& request, Entry& entry);
  char* allocate(size_t bytes);
  void grow();

  std::string prefix_;
  std::vector<std::unique_ptr<Entry[]>> entries_;
  uint32_t size_ = 0;
  std::vector<uint32_t> table_;                  // ids by the top bits of the hash, linear probing
  int shift_;                                    // 64 - log2(table_.size())
  std::vector<std::unique_ptr<char[]>> blocks_;  // of the bytes of long keys
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace cachegauge
