// A policy that is an order in which its residents are evicted, and no more: no ghosts, no
// admission. Everything else of the contract in policy.h is here, once.
//
// An Order has `static constexpr PolicyInfo kInfo`, a constructor from PolicySettings, and
//   enter(access)   the object has become resident
//   touch(access)   it was hit
//   leave(slot)     it is resident no more
//   victim()        the resident that goes next; there is one. May advance a hand.
//   holds(slot), reserve(slots), prefetch(slot), bytes()
#pragma once

#include <cstdint>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

template <class Order>
class OrderPolicy {
 public:
  static constexpr PolicyInfo kInfo = Order::kInfo;

  explicit OrderPolicy(const PolicySettings& settings)
      : order_(settings), charges_(settings.capacity) {}

  template <class Sink>
  void hit(const Access& access, Sink&) {
    order_.touch(access);
  }

  template <class Sink>
  bool resize(const Access& access, Sink& sink) {
    if (!charges_.can_ever_hold(access.size)) {
      evict(access.slot, sink);
      return false;
    }
    charges_.change(access.slot, access.size);
    while (charges_.exceeded()) evict(order_.victim(), sink);
    return order_.holds(access.slot);
  }

  template <class Sink>
  bool insert(const Access& access, Sink& sink) {
    if (!charges_.can_ever_hold(access.size)) return false;
    while (!charges_.has_room_for(access.size)) evict(order_.victim(), sink);
    charges_.add(access.slot, access.size);
    order_.enter(access);
    return true;
  }

  template <class Sink>
  void erase(uint32_t slot, Sink&) {
    remove(slot);
  }

  bool resident(uint32_t slot) const { return order_.holds(slot); }
  void prefetch(uint32_t slot) const { order_.prefetch(slot); }
  uint64_t used() const { return charges_.used(); }
  uint64_t items() const { return charges_.items(); }
  size_t bytes() const { return order_.bytes() + charges_.bytes(); }
  void reserve(uint32_t slots) {
    order_.reserve(slots);
    charges_.reserve(slots);
  }

 private:
  void remove(uint32_t slot) {
    order_.leave(slot);
    charges_.remove(slot);
  }

  template <class Sink>
  void evict(uint32_t slot, Sink& sink) {
    remove(slot);
    sink.evicted(slot);
    sink.forgotten(slot);
  }

  Order order_;
  Charges charges_;
};

}  // namespace cachegauge
