#include "harness/simulate/id_interner.h"

#include <bit>
#include <utility>

#include "adapters/local/policies/policy.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kFirstTable = 1 << 12;

}  // namespace

IdInterner::IdInterner() : table_(kFirstTable), shift_(64 - std::countr_zero(kFirstTable)) {}

uint32_t IdInterner::take_id(uint64_t key_hash) {
  if (hashes_.size() >= kMaxSlots) {
    throw Error::failed("a workload of more than 2 billion keys: give --limit");
  }
  hashes_.push_back(key_hash);
  return size() - 1;
}

uint32_t IdInterner::add_small(uint64_t key, uint64_t key_hash) {
  if (key >= small_.size()) small_.resize(std::bit_ceil(key + 1), kFree);
  return small_[key] = take_id(key_hash);
}

uint32_t IdInterner::add(size_t at, uint64_t key_hash) {
  const uint32_t id = take_id(key_hash);
  table_[at] = {key_hash, id};
  if (++in_table_ * 8 > table_.size() * 7) grow();
  return id;
}

void IdInterner::grow() {
  std::vector<Cell, HugePageAllocator<Cell>> old(table_.size() * 2);
  old.swap(table_);
  --shift_;
  for (const Cell& cell : old) {
    if (cell.id == kFree) continue;
    size_t at = cell.key_hash >> shift_;
    while (table_[at].id != kFree) at = (at + 1) & (table_.size() - 1);
    table_[at] = cell;
  }
}

KeyHashes IdInterner::finish() && { return std::move(hashes_); }

}  // namespace cachegauge
