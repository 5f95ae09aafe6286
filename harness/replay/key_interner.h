// Gives each key of a workload a record of its own: a small dense id, its versions, and its bytes
// as the cache will see them: the run's prefix, then the key; integer keys are decimal digits,
// padded with zeros on the left to the key size that the trace states (prefix included). Text keys
// are never padded: two of them could then become the same.
//
// Small integer keys can be met without giving them a record: then they are counted, at a bit each.
//
// One a thread. Memory: 64 bytes a key and 4 to 8 bytes of table, and the bytes of keys longer than
// 32. A record stays where it is.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/core/request.h"
#include "harness/replay/versions.h"

namespace cachegauge {

// A cache line, and in most cases all that is to be known of a key.
class alignas(64) KeyRecord {
 public:
  std::string_view bytes() const {
    if (size_ <= kMostInside) return {inside_, size_};
    const char* outside;
    std::memcpy(&outside, inside_, sizeof(outside));
    return {outside, size_};
  }
  uint64_t hash() const { return hash_; }  // of the trace's key
  uint32_t id() const { return id_; }      // 0, 1, 2, … in order of first appearance

  KeyVersions versions;

 private:
  friend class KeyInterner;
  static constexpr uint32_t kMostInside = 32;

  uint64_t hash_;
  uint32_t id_;
  uint32_t size_;
  char inside_[kMostInside];  // the bytes; of a longer key a pointer to them
};

class KeyInterner {
 public:
  explicit KeyInterner(std::string prefix);

  // The record of the request's key, new or known. Throws Error::failed beyond 2^32 - 2 keys.
  KeyRecord& intern(const Request& request, uint64_t key_hash) {
    if (const uint32_t* known = find_small(request); known && *known != kFree) {
      return record(*known);
    }
    const size_t mask = table_.size() - 1;
    size_t at = key_hash >> shift_;
    while (table_[at] != kFree) {
      KeyRecord& known = record(table_[at]);
      if (known.hash_ == key_hash && same_key(known, request)) return known;
      at = (at + 1) & mask;
    }
    return add(request, key_hash, at);
  }
  // Bring what intern() will look at into the cache, some requests ahead: first the tables' line
  // for this key, and once that is there, the record it names.
  void prefetch(const Request& request, uint64_t key_hash) const {
    const uint32_t* small = find_small(request);
    __builtin_prefetch(small ? small : &table_[key_hash >> shift_]);
  }
  void prefetch_record(const Request& request, uint64_t key_hash) const {
    const uint32_t* small = find_small(request);
    const uint32_t id = small ? *small : table_[key_hash >> shift_];
    if (id != kFree) __builtin_prefetch(&record(id), 1);
  }

  KeyRecord& record(uint32_t id) const {
    return blocks_[id >> kBlockBits].get()[id & ((1u << kBlockBits) - 1)];
  }
  uint32_t size() const { return size_; }  // records

  static bool is_small(const Request& request) {
    return request.integer_key < kSmallKeys && !request.has_text_key();
  }
  // Takes note of a small integer key, without a record.
  void meet(uint64_t integer_key) {
    const bool met = integer_key < met_bits_ && (met_[integer_key / 64] >> integer_key % 64 & 1);
    if (!met) meet_first(integer_key);
  }
  uint64_t met() const { return size_ + met_alone_; }  // keys, with a record or without

  std::string_view prefix() const { return prefix_; }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr uint32_t kBlockBits = 15;  // records in a block: one huge page
  static constexpr uint64_t kSmallKeys = uint64_t{1} << 22;

  struct FreeBlock {
    void operator()(KeyRecord* block) const {
      HugePageAllocator<KeyRecord>().deallocate(block, size_t{1} << kBlockBits);
    }
  };
  using Table = std::vector<uint32_t, HugePageAllocator<uint32_t>>;

  // The place of a small integer key in `small_`; null for others, and for those not met so far.
  const uint32_t* find_small(const Request& request) const {
    const bool small = request.integer_key < small_.size() && !request.has_text_key();
    return small ? &small_[request.integer_key] : nullptr;
  }
  bool same_key(const KeyRecord& known, const Request& request) const {
    if (!request.has_text_key()) return true;  // the hash of an integer is a bijection
    return known.bytes().substr(prefix_.size()) == request.text_key;
  }
  KeyRecord& add(const Request& request, uint64_t key_hash, size_t at);
  void note_small(uint64_t integer_key, uint32_t id);
  void meet_first(uint64_t integer_key);
  void store(const Request& request, KeyRecord& record);
  char* allocate(size_t bytes);
  void grow();

  std::string prefix_;
  std::vector<std::unique_ptr<KeyRecord[], FreeBlock>> blocks_;
  uint32_t size_ = 0;
  Table table_;  // ids by the top bits of the hash, linear probing
  int shift_;    // 64 - log2(table_.size())
  // Ids by integer keys below kSmallKeys, as far as they have come up: numbered keys, the more
  // popular ones first, share cache lines here as they do not in a table by hash.
  Table small_;
  std::vector<uint64_t> met_;  // a bit for each small key that was met, and has no record
  uint64_t met_bits_ = 0;      // 64 for each of its words
  uint64_t met_alone_ = 0;     // how many
  std::vector<std::unique_ptr<char[]>> long_keys_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace cachegauge
