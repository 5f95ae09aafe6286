// An in-process cache under one eviction policy: real keys, real copies of values, TTLs.
//
// It maps key -> slot (slot_index.h), keeps an allocation with key and value per slot (item.h), and
// tells the policy (policies/policy.h) what happens to slots:
//   get of a live entry   hit
//   set of a live entry   hit, and a resize if that changes what the entry is charged; if making
//                         room takes the entry itself, it goes on as a set of an absent one
//   set, add of another   insert, after the victims have gone; kNotStored if the policy declines,
//                         or the admission filter before it (policies/admission/filter.h)
//   add of a live entry   nothing
//   delete                erase
// An expired entry (now >= store time + TTL) is found when it is touched or chosen as a victim, or
// by a policy that sweeps; it counts as an expiration, and to a caller it is absent. Only a set
// renews a TTL.
//
// While the policy remembers an evicted object, the key keeps its slot, and a fingerprint (item.h)
// stands in for the item: 47 bits of a hash of the key, beside the 32 of the key hash that the
// index keeps. A key that shares both with a ghost comes back as that ghost. To the policy a
// one-hit wonder then looks used before; no answer can be wrong, since values are found by their
// keys.
//
// Not thread-safe. No operation throws, except std::bad_alloc when the tables cannot grow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/local/item.h"
#include "adapters/local/policies/admission/admissions.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/slot_index.h"
#include "harness/core/session.h"

namespace cachegauge {

// A key with its hash, which must be the same whenever the key is (harness/core/hash.h).
struct HashedKey {
  std::string_view bytes;
  uint64_t hash = 0;
};

struct CacheStats {
  uint64_t evictions = 0;      // cumulative: live entries removed to make room
  uint64_t expirations = 0;    // cumulative: expired entries found
  uint64_t not_admitted = 0;   // cumulative: what the admission filter turned away
  uint64_t items = 0;          // held now, those included that have expired and were not yet found
  uint64_t payload_bytes = 0;  // of their keys and values
  uint64_t bytes_used = 0;     // all the memory held: tables, allocations with malloc's own part
};

// Hears of each entry that the policy removes, before it is gone: for tests that compare order.
struct NoObserver {
  void removed(std::string_view /*key*/, bool /*expired*/) {}
};

template <SlotPolicy Policy, class Observer = NoObserver>
class LocalCache {
 public:
  explicit LocalCache(const PolicySettings& settings, Observer observer = {})
      : capacity_(settings.capacity),
        policy_(settings),
        filter_(make_admission(settings)),
        observer_(observer),
        index_(kCellsPerSlot) {}
  LocalCache(const LocalCache&) = delete;
  LocalCache& operator=(const LocalCache&) = delete;
  ~LocalCache() {
    for (Item& item : items_) item.release();
  }

  // The value, valid until the next call on this cache.
  std::optional<std::string_view> get(const HashedKey& key, int64_t now_ns) {
    const uint32_t slot = find_live(key, now_ns);
    if (slot == kNoSlot) return std::nullopt;
    const std::string_view value = items_[slot].value();
    hit(access(slot, key, value.size()), key, value.size());
    return value;
  }

  // kStored; kNotStored if the policy declines the entry (an older value is then gone, too);
  // kRejected for a key or value above Item::kMaxSizeBytes; kError without memory.
  Outcome set(const HashedKey& key, std::string_view value, int64_t ttl_ns, int64_t now_ns) {
    if (too_large(key, value)) return Outcome::kRejected;
    const uint32_t slot = find_live(key, now_ns);
    sweep();
    if (slot == kNoSlot || !make_room_again(slot, key, value.size())) {
      return insert(key, value, ttl_ns);
    }
    return replace(slot, key, value, ttl_ns);
  }

  // As set(), but kNotStored, and no change, if the key is there.
  Outcome add(const HashedKey& key, std::string_view value, int64_t ttl_ns, int64_t now_ns) {
    if (too_large(key, value)) return Outcome::kRejected;
    if (find_live(key, now_ns) != kNoSlot) return Outcome::kNotStored;
    sweep();
    return insert(key, value, ttl_ns);
  }

  // kDeleted or kNotFound.
  Outcome erase(const HashedKey& key, int64_t now_ns) {
    const uint32_t slot = find_live(key, now_ns);
    if (slot == kNoSlot) return Outcome::kNotFound;
    erase_slot(slot);
    return Outcome::kDeleted;
  }

  // When a live entry expires: kNeverExpires, if it does not or is not there.
  int64_t expiry_ns(const HashedKey& key, int64_t now_ns) {
    const uint32_t slot = find_live(key, now_ns);
    return slot == kNoSlot || expires_ns_.empty() ? kNeverExpires : expires_ns_[slot];
  }

  CacheStats stats() const {
    return {.evictions = evictions_,
            .expirations = expirations_,
            .not_admitted = not_admitted_,
            .items = policy_.items(),
            .payload_bytes = payload_bytes_,
            .bytes_used = heap_bytes_ + index_.bytes() + policy_.bytes() + held_bytes(items_) +
                          held_bytes(expires_ns_) + held_bytes(free_slots_) +
                          (filter_ ? filter_->bytes() : 0)};
  }

  const Policy& policy() const { return policy_; }

 private:
  static constexpr bool kHasGhosts = GhostPolicy<Policy>;
  // Of up to two slots an item, each costs.
  static constexpr double kCellsPerSlot = kHasGhosts ? 4.0 / 3 : 5.0 / 3;

  // The policy's sink. Only evicted() and forgotten() together free a slot: a policy with ghosts
  // calls the second later, and the key keeps its slot until then.
  struct Sink {
    LocalCache& cache;
    uint64_t size(uint32_t slot) const { return cache.size_of(slot); }
    int64_t expires_ns(uint32_t slot) const { return cache.expires_ns_[slot]; }
    bool evicted(uint32_t slot) { return cache.on_evicted(slot); }
    void forgotten(uint32_t slot) { cache.on_forgotten(slot); }
  };

  static bool too_large(const HashedKey& key, std::string_view value) {
    return key.bytes.size() > Item::kMaxSizeBytes || value.size() > Item::kMaxSizeBytes;
  }

  Access access(uint32_t slot, const HashedKey& key, size_t value_size) const {
    return {.slot = slot,
            .key_hash = key.hash,
            .size = charge(capacity_, key.bytes.size(), value_size),
            .now_ns = now_ns_};
  }

  Sighting sighting(const Access& access, const HashedKey& key, size_t value_size) const {
    return {.slot = access.slot,
            .key_hash = key.hash,
            .size_bytes = key.bytes.size() + value_size,
            .charge = access.size,
            .items = policy_.items()};
  }

  void hit(const Access& access, const HashedKey& key, size_t value_size) {
    if (filter_) filter_->hit(sighting(access, key, value_size));
    Sink sink{*this};
    policy_.hit(access, sink);
  }

  uint64_t size_of(uint32_t slot) const {
    if (!capacity_.in_bytes) return 1;
    if (slot == storing_slot_) return storing_size_;
    return charge(capacity_, items_[slot].payload_bytes(), 0);
  }

  // Starts every operation. An expired entry is removed when it is found here. Leaves the key's
  // ghost, if it has one, in ghost_.
  uint32_t find_live(const HashedKey& key, int64_t now_ns) {
    now_ns_ = now_ns;
    ghost_ = kNoSlot;
    const uint32_t slot = index_.find(key.hash, [&](uint32_t candidate) {
      policy_.prefetch(candidate);  // which the policy will want; arrives while the key is fetched
      if constexpr (kHasGhosts) {
        if (items_[candidate].is_ghost()) {
          if (items_[candidate].is_ghost_of(key.bytes)) ghost_ = candidate;
          return false;
        }
      }
      return items_[candidate].key() == key.bytes;
    });
    if (slot == kNoSlot || !expired(slot)) return slot;
    ++expirations_;
    erase_slot(slot);
    return kNoSlot;
  }

  bool expired(uint32_t slot) const { return !expires_ns_.empty() && now_ns_ >= expires_ns_[slot]; }

  // Until storing_slot_ is reset, the slot's size is that of what it shall hold.
  void begin_storing(const Access& access) {
    storing_slot_ = access.slot;
    storing_size_ = access.size;
  }

  void sweep() {
    if constexpr (SweepingPolicy<Policy>) {
      Sink sink{*this};
      policy_.sweep(now_ns_, sink);
    }
  }

  // The policy's part of a set of a live entry; false if the entry had to go.
  bool make_room_again(uint32_t slot, const HashedKey& key, size_t value_size) {
    const size_t old_value_size = items_[slot].value().size();
    const Access before = access(slot, key, old_value_size);
    hit(before, key, old_value_size);
    const Access after = access(slot, key, value_size);
    if (after.size == before.size) return true;
    begin_storing(after);
    Sink sink{*this};
    const bool stays = policy_.resize(after, before.size, sink);
    storing_slot_ = kNoSlot;
    return stays;
  }

  Outcome replace(uint32_t slot, const HashedKey& key, std::string_view value, int64_t ttl_ns) {
    Item& item = items_[slot];
    uncount(item);
    if (!item.overwrite(value)) {
      item.release();
      item = Item::make(key.bytes, value);
      if (!item) return give_up(access(slot, key, value.size()));
    }
    count(item);
    set_expiry(slot, ttl_ns);
    return Outcome::kStored;
  }

  Outcome insert(const HashedKey& key, std::string_view value, int64_t ttl_ns) {
    const bool from_ghost = ghost_ != kNoSlot;
    const uint32_t slot = from_ghost ? ghost_ : take_slot();
    if (slot == kNoSlot) return Outcome::kError;
    if (!admit(access(slot, key, value.size()), key, value.size())) {
      if (!from_ghost) free_slots_.push_back(slot);
      return Outcome::kNotStored;
    }
    if (!from_ghost) index_.insert(key.hash, slot);
    items_[slot] = Item::make(key.bytes, value);
    if (!items_[slot]) return give_up(access(slot, key, value.size()));
    count(items_[slot]);
    set_expiry(slot, ttl_ns);
    return Outcome::kStored;
  }

  bool admit(const Access& access, const HashedKey& key, size_t value_size) {
    Sink sink{*this};
    AdmissionVerdict verdict;
    if (filter_) {
      verdict = consult(*filter_, sighting(access, key, value_size), policy_, access, sink,
                        [&](uint32_t resident) { return expired(resident); });
      if (!verdict.admitted) {
        ++not_admitted_;
        return false;
      }
    }
    begin_storing(access);
    const bool admitted = policy_.insert(access, sink, verdict.victim);
    storing_slot_ = kNoSlot;
    return admitted;
  }

  // There was no memory for the slot's item.
  Outcome give_up(const Access& access) {
    begin_storing(access);
    Sink sink{*this};
    policy_.erase(access.slot, sink);
    storing_slot_ = kNoSlot;
    on_forgotten(access.slot);
    return Outcome::kError;
  }

  void erase_slot(uint32_t slot) {
    Sink sink{*this};
    policy_.erase(slot, sink);
    uncount(items_[slot]);
    items_[slot].release();
    on_forgotten(slot);
  }

  bool on_evicted(uint32_t slot) {
    const bool was_expired = expired(slot);
    ++(was_expired ? expirations_ : evictions_);
    observer_.removed(items_[slot].key(), was_expired);
    uncount(items_[slot]);
    const bool may_be_ghost = !was_expired && slot != storing_slot_;
    if (kHasGhosts && may_be_ghost) {
      items_[slot].become_ghost();
    } else {
      items_[slot].release();
    }
    return may_be_ghost;
  }

  void on_forgotten(uint32_t slot) {
    if (slot == ghost_) ghost_ = kNoSlot;
    items_[slot] = {};
    index_.erase(slot);
    free_slots_.push_back(slot);
  }

  void count(const Item& item) {
    payload_bytes_ += item.payload_bytes();
    heap_bytes_ += item.held_bytes();
  }
  void uncount(const Item& item) {
    payload_bytes_ -= item.payload_bytes();
    heap_bytes_ -= item.held_bytes();
  }

  // The array exists only once an entry has a TTL.
  void set_expiry(uint32_t slot, int64_t ttl_ns) {
    if constexpr (SweepingPolicy<Policy>) {
      if (ttl_ns == 0) ttl_ns = policy_.default_ttl_ns();
    }
    if (ttl_ns == 0 && expires_ns_.empty()) return;
    if (expires_ns_.empty()) grow_exactly(expires_ns_, items_.size(), kNeverExpires);
    int64_t expiry = kNeverExpires;
    if (ttl_ns == 0 || __builtin_add_overflow(now_ns_, ttl_ns, &expiry)) expiry = kNeverExpires;
    expires_ns_[slot] = expiry;
    if constexpr (SweepingPolicy<Policy>) {
      Sink sink{*this};
      policy_.stored(slot, sink);
    }
  }

  // kNoSlot when there are no more.
  uint32_t take_slot() {
    if (!free_slots_.empty()) {
      const uint32_t slot = free_slots_.back();
      free_slots_.pop_back();
      return slot;
    }
    if (used_slots_ == items_.size() && !grow()) return kNoSlot;
    return used_slots_++;
  }

  // The slots it can ever need: with a limit in entries one more than those of residents and
  // ghosts, since a new entry has its slot before the victim gives up its.
  uint64_t most_slots() const {
    if (capacity_.in_bytes) return kMaxSlots;
    uint64_t most = std::min<uint64_t>(capacity_.limit, kMaxSlots - 1) + 1;
    if constexpr (kHasGhosts) most += policy_.max_ghosts();
    return std::min<uint64_t>(most, kMaxSlots);
  }

  // By a sixteenth, as memory held but not used is counted against us.
  bool grow() {
    const uint64_t most = most_slots();
    const uint64_t now = items_.size();
    const auto slots =
        static_cast<uint32_t>(std::min(std::max<uint64_t>(64, now + now / 16), most));
    if (slots <= now) return false;
    policy_.reserve(slots);
    if (filter_) filter_->reserve(slots);
    index_.reserve_slots(slots);
    grow_exactly(items_, slots);
    if (!expires_ns_.empty()) grow_exactly(expires_ns_, slots, kNeverExpires);
    return true;
  }

  PolicyCapacity capacity_;
  Policy policy_;
  std::unique_ptr<AdmissionFilter> filter_;  // null: everything is admitted
  [[no_unique_address]] Observer observer_;
  SlotIndex index_;
  std::vector<Item> items_;          // by slot
  std::vector<int64_t> expires_ns_;  // by slot; empty while no entry has a TTL
  std::vector<uint32_t> free_slots_;
  uint32_t used_slots_ = 0;  // those ever taken
  // Of the operation under way:
  int64_t now_ns_ = 0;
  uint32_t ghost_ = kNoSlot;
  uint32_t storing_slot_ = kNoSlot;
  uint64_t storing_size_ = 0;
  uint64_t evictions_ = 0;
  uint64_t expirations_ = 0;
  uint64_t not_admitted_ = 0;
  uint64_t payload_bytes_ = 0;
  uint64_t heap_bytes_ = 0;
};

}  // namespace cachegauge
