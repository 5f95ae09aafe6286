// A policy that is an order in which its residents are evicted. Everything else of the contract in
// policy.h is here, once.
//
// An Order has `static constexpr PolicyInfo kInfo`, a constructor from PolicySettings, and
//   enter(access)         the object has become resident
//   touch(access, sizes)  it was hit
//   leave(slot, size)     it is resident no more
//   victim(sizes)         the resident that goes next; there is one. May advance a hand, draw, or
//                         move others to where they shall stay. It may yet stay (next_victim() of
//                         policy.h): what is to be learned from an eviction waits for give_up().
//   holds(slot), reserve(slots), prefetch(slot), bytes()
// where sizes.size(slot) is what a resident takes of the capacity, and enter() may have them as a
// second argument. One that minds a change of those sizes has
//   resized(access, old_size, sizes)   the last argument only if it wants it
// one that minds what comes before it makes room has
//   recall(access)        an object is about to enter: forget its ghost, if there is one, and mind
//                         that it has come back; next follow victim()s, less one that was named,
//                         then its enter()
// one whose victim depends on what comes, by its recall() or in another way, has
//   next_victim(access, sizes)
//                         what victim() would be after that recall(), which is not called
// one that minds an eviction has
//   give_up(slot)         the victim does go: its leave() or retire() is next
// one that can do better with many requests than with one at a time has
//   can_serve()           whether it can, as it is now
//   serve(slots)          of a full cache of objects that take 1 each, one slot after another: what
//                         touch() does of one that is held, and victim(), leave() and enter() of
//                         another. Returns how many were held.
// and one with ghosts has
//   retire(slot, size)    instead of leave(): the evicted object may be remembered. False, and
//                         nothing done, if the order does not want to.
//   surplus_ghost(room)   the ghost to forget next while there are too many for a cache with room
//                         for so many entries, or kNoSlot
//   forget(slot)          it is a ghost no more
//   max_ghosts()          policy.h
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

template <class Order>
concept GhostOrder = requires(const Order& order) {
  order.max_ghosts();
};

template <class Order>
concept ServingOrder = requires(Order order, std::span<const uint32_t> slots) {
  { order.can_serve() } -> std::same_as<bool>;
  { order.serve(slots) } -> std::same_as<uint64_t>;
};

template <class Order>
class OrderPolicy {
 public:
  static constexpr PolicyInfo kInfo = Order::kInfo;

  explicit OrderPolicy(const PolicySettings& settings)
      : order_(settings), charges_(settings.capacity) {}

  template <class Sink>
  void hit(const Access& access, Sink& sink) {
    order_.touch(access, sink);
  }

  template <class Sink>
  bool resize(const Access& access, uint64_t old_size, Sink& sink) {
    charges_.change(old_size, access.size);
    if constexpr (requires { order_.resized(access, old_size, sink); }) {
      order_.resized(access, old_size, sink);
    } else if constexpr (requires { order_.resized(access, old_size); }) {
      order_.resized(access, old_size);
    }
    if (!charges_.can_ever_hold(access.size)) evict(access.slot, sink);
    while (charges_.exceeded()) evict_victim(order_.victim(sink), sink);
    forget_surplus(sink);
    return order_.holds(access.slot);
  }

  template <class Sink>
  bool insert(const Access& access, Sink& sink, uint32_t named = kNoSlot) {
    if (!charges_.can_ever_hold(access.size)) return false;
    if constexpr (requires { order_.recall(access); }) order_.recall(access);
    if (named != kNoSlot) evict_victim(named, sink);
    while (!charges_.has_room_for(access.size)) evict_victim(order_.victim(sink), sink);
    charges_.add(access.size);
    if constexpr (requires { order_.enter(access, sink); }) {
      order_.enter(access, sink);
    } else {
      order_.enter(access);
    }
    forget_surplus(sink);
    return true;
  }

  template <class Sink>
  uint32_t next_victim(const Access& access, Sink& sink) {
    const uint64_t size = access.size;
    if (!charges_.can_ever_hold(size) || charges_.has_room_for(size)) return kNoSlot;
    if constexpr (requires { order_.next_victim(access, sink); }) {
      return order_.next_victim(access, sink);
    } else {
      return order_.victim(sink);
    }
  }

  // Of gets that fill, of objects that take 1 each: what hit() does of a resident, and insert() of
  // another, which evicts one. Returns how many were resident. Only while it can.
  bool can_serve() const requires ServingOrder<Order> {
    return !charges_.has_room_for(1) && order_.can_serve();
  }
  uint64_t serve(std::span<const uint32_t> slots) requires ServingOrder<Order> {
    return order_.serve(slots);
  }

  template <class Sink>
  void erase(uint32_t slot, Sink& sink) {
    const uint64_t size = sink.size(slot);
    order_.leave(slot, size);
    charges_.remove(size);
  }

  bool resident(uint32_t slot) const { return order_.holds(slot); }
  void prefetch(uint32_t slot) const { order_.prefetch(slot); }
  uint64_t used() const { return charges_.used(); }
  uint64_t items() const { return charges_.items(); }
  uint64_t max_ghosts() const requires GhostOrder<Order> { return order_.max_ghosts(); }
  size_t bytes() const { return order_.bytes(); }
  void reserve(uint32_t slots) { order_.reserve(slots); }

 private:
  template <class Sink>
  void evict_victim(uint32_t slot, Sink& sink) {
    if constexpr (requires { order_.give_up(slot); }) order_.give_up(slot);
    evict(slot, sink);
  }
  template <class Sink>
  void evict(uint32_t slot, Sink& sink) {
    const uint64_t size = sink.size(slot);
    charges_.remove(size);
    const bool may_remember = sink.evicted(slot);
    if constexpr (GhostOrder<Order>) {
      if (may_remember && order_.retire(slot, size)) return;
    }
    order_.leave(slot, size);
    sink.forgotten(slot);
  }

  template <class Sink>
  void forget_surplus(Sink& sink) {
    if constexpr (GhostOrder<Order>) {
      for (uint32_t slot; (slot = order_.surplus_ghost(charges_.room_in_entries())) != kNoSlot;) {
        order_.forget(slot);
        sink.forgotten(slot);
      }
    }
  }

  Order order_;
  Charges charges_;
};

}  // namespace cachegauge
