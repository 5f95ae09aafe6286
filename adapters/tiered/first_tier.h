// A first tier: a cache in this process, and what keeps an old value from getting into it.
//
// A client that missed here asks the second tier, and puts what it finds in here when the answer
// comes. A write that happens in between makes that answer old. So each change of a key is counted
// when the write is sent, when it is acknowledged, and when another client's message tells of it,
// and a copy is stored only if there was none since it was asked for. (Redis' page on client-side
// caching names this race; Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, close the
// like of it with leases.) Keys share counts: where two do, a copy is withheld for nothing.
//
// Thread-safe if the cache in it is.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "harness/core/adapter.h"
#include "harness/core/hash.h"

namespace cachegauge {

class FirstTier {
 public:
  // `number` tells it from the others of the process.
  FirstTier(std::unique_ptr<Adapter> cache, uint64_t number)
      : number_(number), cache_(std::move(cache)) {
    cache_->start();
  }

  uint64_t number() const { return number_; }
  Adapter& cache() { return *cache_; }

  // What is in it goes by key hashes that are joined to this, so that after a forget() nothing of
  // it is found. The upper half changes, by which a local cache's table tells slots apart.
  uint64_t salt() const { return salt_.load(std::memory_order_acquire); }
  void forget() { salt_.store(another_salt(salt()), std::memory_order_release); }
  static uint64_t another_salt(uint64_t salt) { return mix64(salt + 1) | uint64_t{1} << 63; }

  uint32_t changes(uint64_t key_hash) const {
    return changes_[key_hash % kCounts].load(std::memory_order_acquire);
  }
  uint32_t note_change(uint64_t key_hash) {
    return changes_[key_hash % kCounts].fetch_add(1, std::memory_order_acq_rel) + 1;
  }

 private:
  static constexpr size_t kCounts = 4096;

  const uint64_t number_;
  const std::unique_ptr<Adapter> cache_;
  std::atomic<uint64_t> salt_ = 0;
  std::array<std::atomic<uint32_t>, kCounts> changes_{};
};

}  // namespace cachegauge
