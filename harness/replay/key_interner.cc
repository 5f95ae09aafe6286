#include "harness/replay/key_interner.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <new>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kArenaBlockBytes = 1 << 20;
constexpr size_t kFirstTable = 1 << 12;

}  // namespace

KeyInterner::KeyInterner(std::string prefix)
    : prefix_(std::move(prefix)),
      table_(kFirstTable, kFree),
      shift_(64 - std::countr_zero(kFirstTable)) {}

// `at` is the free place in the table where the search for it ended.
KeyRecord& KeyInterner::add(const Request& request, uint64_t key_hash, size_t at) {
  if (size_ >= kFree - 1) throw Error::failed("a workload of more than 4 billion keys");
  constexpr size_t kBlock = size_t{1} << kBlockBits;
  if (size_ % kBlock == 0) blocks_.emplace_back(HugePageAllocator<KeyRecord>().allocate(kBlock));
  const uint32_t id = size_++;
  KeyRecord& added = *new (&record(id)) KeyRecord;
  added.hash_ = key_hash;
  added.id_ = id;
  store(request, added);
  if (is_small(request)) note_small(request.integer_key, id);
  table_[at] = id;
  if (uint64_t{size_} * 3 > table_.size() * 2) grow();
  return added;
}

void KeyInterner::note_small(uint64_t integer_key, uint32_t id) {
  if (integer_key >= small_.size()) small_.resize(std::bit_ceil(integer_key + 1), kFree);
  small_[integer_key] = id;
  const size_t word = integer_key / 64;
  const uint64_t bit = uint64_t{1} << integer_key % 64;
  if (word >= met_.size() || (met_[word] & bit) == 0) return;
  met_[word] &= ~bit;
  --met_alone_;
}

// Also where the key has a record and was not noted: then there is nothing to count.
void KeyInterner::meet_first(uint64_t integer_key) {
  if (integer_key < small_.size() && small_[integer_key] != kFree) return;
  const size_t word = integer_key / 64;
  if (word >= met_.size()) met_.resize(std::bit_ceil(word + 1));
  met_bits_ = met_.size() * 64;
  met_[word] |= uint64_t{1} << integer_key % 64;
  ++met_alone_;
}

void KeyInterner::store(const Request& request, KeyRecord& record) {
  char digits[20];
  std::string_view key = request.text_key;
  size_t padding = 0;
  if (!request.has_text_key()) {
    const auto end = std::to_chars(digits, digits + sizeof(digits), request.integer_key).ptr;
    key = {digits, static_cast<size_t>(end - digits)};
    const size_t plain = prefix_.size() + key.size();
    if (request.key_size_bytes > plain) padding = request.key_size_bytes - plain;
  }
  record.size_ = static_cast<uint32_t>(prefix_.size() + padding + key.size());
  char* bytes = record.inside_;
  if (record.size_ > KeyRecord::kMostInside) {
    bytes = allocate(record.size_);
    std::memcpy(record.inside_, &bytes, sizeof(bytes));
  }
  std::memcpy(bytes, prefix_.data(), prefix_.size());
  std::memset(bytes + prefix_.size(), '0', padding);
  if (!key.empty()) std::memcpy(bytes + prefix_.size() + padding, key.data(), key.size());
}

char* KeyInterner::allocate(size_t bytes) {
  if (bytes > free_bytes_) {
    const size_t block = std::max(bytes, kArenaBlockBytes);
    long_keys_.push_back(std::make_unique_for_overwrite<char[]>(block));
    free_ = long_keys_.back().get();
    free_bytes_ = block;
  }
  char* at = free_;
  free_ += bytes;
  free_bytes_ -= bytes;
  return at;
}

void KeyInterner::grow() {
  table_.assign(table_.size() * 2, kFree);
  --shift_;
  const size_t mask = table_.size() - 1;
  for (uint32_t id = 0; id < size_; ++id) {
    size_t at = record(id).hash() >> shift_;
    while (table_[at] != kFree) at = (at + 1) & mask;
    table_[at] = id;
  }
}

}  // namespace cachegauge
