// The contract of eviction policies: each is written once, and used twice.
//
// A policy decides which objects a cache of limited capacity holds. It knows neither keys nor
// values; to it an object is a *slot*, a small dense number that its user chose. Two users
// instantiate every policy (policy_list.h): a real cache (adapters/local/cache.h), which maps key
// -> slot and recycles slots, and the simulator, where an object's dense id is its slot. Both see
// the same hits and evict the same objects in the same order.
//
// The user tells the policy what happens (P is the policy, `sink` the user's ear):
//
//   P(settings)            an empty cache
//   p.reserve(n)           slots [0, n) may be used from now on; n never shrinks. The only call
//                          that allocates in proportion to slots, but for the first erase().
//   p.prefetch(slot)       this slot is about to be used; a hint, and it changes nothing
//   p.resident(slot)       whether the slot's object is held now
//   p.hit(access, sink)    a get or a set found the object resident; `size` is what it takes now
//   p.resize(access, old_size, sink)
//                          a set of a resident object changed its size to access.size; follows
//                          the hit. Makes room by evicting, which may take the object itself;
//                          false says that it did, and the user then goes on with an insert.
//   p.insert(access, sink, named)
//                          the object is not resident and shall be; it may be a ghost. True: it is
//                          resident now. False: the policy declined, and the slot is as it was
//                          before, a ghost if it was one. Neither evicted() nor forgotten() is
//                          called for this slot meanwhile: a policy takes the ghost out of its
//                          lists before it makes room. `named` may be left out.
//   p.next_victim(access, sink)
//                          for an admission filter (admission/filter.h), before an insert that may
//                          then not be made: the resident that it would evict first; kNoSlot if it
//                          would evict none. Evicts nothing. If the insert is made it is the next
//                          call, and has the answer as `named`. If not, the policy is as if the
//                          object had never come, save for what the search itself did: hands have
//                          moved on, who draws has drawn, and who counts all requests has counted.
//                          Asked before each insert or before none.
//   p.erase(slot, sink)    the resident object was deleted, or found expired when touched.
//                          Nothing is remembered of it; the slot is the user's again.
//   p.used(), p.items()    the sum of the residents' sizes, and their number
//   p.bytes()              the memory that the policy holds
//
// and the policy, from within these calls, asks and tells the user:
//
//   sink.size(slot)        what the resident takes of the capacity, as the user last said: in an
//                          insert or resize of this very slot, access.size
//   sink.evicted(slot)     a resident object has been removed to make room. Returns true if the
//                          policy may remember it as a ghost; false if the object had expired
//                          (lazy expiry: the user counts it as an expiration, not an eviction)
//                          or is just being replaced, and then it leaves no ghost.
//   sink.forgotten(slot)   the policy remembers nothing of the slot any more; the user may give
//                          the slot to another object. Follows evicted(slot), at once or, where
//                          the policy keeps ghosts, when the ghost is dropped. Not called for
//                          erase().
//
// A policy that looks after expiry itself (SweepingPolicy below; the others need not) has three
// calls more:
//
//   p.default_ttl_ns()     for objects stored without a TTL
//   p.sweep(now_ns, sink)  something is about to be stored. Evicts each expired resident.
//   p.stored(slot, sink)   the resident was stored; until its next stored(), sink.expires_ns(slot)
//                          is when it expires
//
// A slot therefore is with the policy from the insert that admitted it until forgotten(slot) or
// erase(slot). In between it is resident or a ghost. A user that recycles slots keeps the key's
// fingerprint with a ghost's slot, so that the same key comes back under the same slot. What is
// deleted or expired is not a ghost, and an absent object is not erased, whether a ghost or not.
// A policy with ghosts says how many it may have at once, in p.max_ghosts(), for a capacity in
// entries.
//
// Capacity. The policy owns it: at the end of each call used() <= the limit. Eviction precedes
// insertion, so that no new object is its own victim, unless the policy says so by declining. An
// object larger than the limit is never held: insert() declines it without evicting anything, and a
// resize() to such a size evicts the object alone. Sizes are whatever the user charges: 1 an object
// in a cache bounded in entries, charge() otherwise.
//
// Time and chance. `now_ns` never runs backwards within one policy. A policy that needs random
// numbers makes its own from PolicySettings::seed, and one that keeps a sketch uses key_hash, never
// the slot: so both uses agree.
//
// Calls are templates on the sink and inline: no virtual call, no allocation for a request, no
// exception. Not thread-safe.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

inline constexpr uint32_t kNoSlot = 0xffffffff;
// How many requests ahead a policy that serves several prefetches; 8 to 16 do equally well.
inline constexpr size_t kRequestsAhead = 12;
// Below 2^31, with room for the sentinels of linked lists.
inline constexpr uint32_t kMaxSlots = 0x7ffffff0;
inline constexpr int64_t kNeverExpires = std::numeric_limits<int64_t>::max();
inline constexpr uint64_t kNeverUsed = std::numeric_limits<uint64_t>::max();

// What a policy may know of a request.
struct Access {
  uint32_t slot = 0;
  uint64_t key_hash = 0;  // of the trace's key (harness/core/hash.h)
  uint64_t size = 1;      // what the object takes of the capacity; at least 1
  int64_t now_ns = 0;
  // For offline policies alone: the position in the trace of the object's next use, a get or a set;
  // kNeverUsed also where a delete comes before.
  uint64_t next_use = kNeverUsed;
  uint64_t position = 0;  // of this request in the trace; for offline policies alone, too
};

struct PolicyCapacity {
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  bool in_bytes = false;  // of charge()d bytes; otherwise of entries
};

// What an item takes of a byte capacity beside its key and value. A fixed figure, the same for
// every policy and in both uses, so that a capacity means the same set of objects everywhere. 56
// bytes is memcached's item header with CAS, and close to what the local caches here really hold
// (36 to 60 at a million items of 16 + 100 bytes, which they report beside it).
inline constexpr uint64_t kItemChargeBytes = 56;

// The `size` of an object under `capacity`.
constexpr uint64_t charge(const PolicyCapacity& capacity, uint64_t key_size_bytes,
                          uint64_t value_size_bytes) {
  return capacity.in_bytes ? key_size_bytes + value_size_bytes + kItemChargeBytes : 1;
}

// What a policy is made of. `spec` carries the policy's own parameters (PolicyInfo::params), and
// the constructor throws Error::usage for a value out of range.
struct PolicySettings {
  PolicyCapacity capacity;
  const Spec& spec;
  uint64_t seed = 42;
};

enum PolicyNeeds : uint32_t {
  kNeedsNothing = 0,
  kNeedsCapacity = 1,   // a limit of entries or bytes
  kNeedsTheFuture = 2,  // Access::next_use: for the simulator alone
  kNeedsKeyHash = 4,    // Access::key_hash, which may be 0 for the others
};

// A policy's row: `static constexpr PolicyInfo kInfo`.
struct PolicyInfo {
  std::string_view name;
  std::string_view summary;
  std::string_view paper;  // author, title, year
  uint32_t needs = kNeedsCapacity;
  std::span<const ParamInfo> params = {};
  // What a resident takes at most, beside what reserve() takes for its slot: of queues that grow.
  uint32_t bytes_of_resident = 8;
};

// A sink that hears nothing; what the concept below is checked with.
struct DeafSink {
  uint64_t size(uint32_t) const { return 1; }
  int64_t expires_ns(uint32_t) const { return kNeverExpires; }
  bool evicted(uint32_t) { return true; }
  void forgotten(uint32_t) {}
};

template <class P>
concept SlotPolicy = std::constructible_from<P, const PolicySettings&> &&
    requires(P p, const P& c, const Access& access, uint32_t slot, DeafSink& sink) {
  { P::kInfo } -> std::convertible_to<PolicyInfo>;
  p.reserve(slot);
  c.prefetch(slot);
  { c.resident(slot) } -> std::same_as<bool>;
  p.hit(access, sink);
  { p.resize(access, access.size, sink) } -> std::same_as<bool>;
  { p.insert(access, sink) } -> std::same_as<bool>;
  { p.insert(access, sink, slot) } -> std::same_as<bool>;
  { p.next_victim(access, sink) } -> std::same_as<uint32_t>;
  p.erase(slot, sink);
  { c.used() } -> std::same_as<uint64_t>;
  { c.items() } -> std::same_as<uint64_t>;
  { c.bytes() } -> std::same_as<size_t>;
};

template <class P>
concept GhostPolicy = SlotPolicy<P> && requires(const P& c) {
  { c.max_ghosts() } -> std::same_as<uint64_t>;
};

template <class P>
concept SweepingPolicy = SlotPolicy<P> &&
    requires(P p, const P& c, uint32_t slot, int64_t now_ns, DeafSink& sink) {
  { c.default_ttl_ns() } -> std::same_as<int64_t>;
  p.sweep(now_ns, sink);
  p.stored(slot, sink);
};

}  // namespace cachegauge
