// Belady's rule for objects of several sizes: evicts the object whose size, times how far ahead its
// next use lies, is the largest, so that what takes much room for long goes first. Known as
// Belady-Size: Berger, Beckmann, Harchol-Balter, "Practical bounds on optimal caching with variable
// object sizes", POMACS (SIGMETRICS) 2018, where it is one of the approximations of OPT, which for
// objects of several sizes is NP-hard. It is no bound: another policy may miss less often. It must
// be told the future, so it serves the simulator alone.
//
// How far ahead is counted in requests from the one that needs the room, the size is what the
// object is charged, and each victim is the exact maximum over all residents (kinetic_tournament.h)
// rather than that of a sample. What is not used again goes first, the largest before others. Where
// all sizes are equal, as with a capacity in entries, it is Belady's MIN.
#pragma once

#include <cstdint>

#include "adapters/local/policies/kinetic_tournament.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class BeladySizeOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "beladysize",
      .summary =
          "evicts the largest product of size and time to the next use; for `simulate` alone",
      .paper =
          "Berger, Beckmann, Harchol-Balter, Practical bounds on optimal caching with variable "
          "object sizes, 2018",
      .needs = kNeedsCapacity | kNeedsTheFuture,
      .bytes_of_resident = 96};

  explicit BeladySizeOrder(const PolicySettings&) {}

  void recall(const Access& access) { now_ = access.position; }
  void enter(const Access& access) { put(access); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    put(access);
  }
  void resized(const Access& access, uint64_t /*old_size*/) { put(access); }
  void leave(uint32_t slot, uint64_t /*size*/) { residents_.remove(slot, now_); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return residents_.first(now_);
  }

  template <class Sizes>
  uint32_t next_victim(const Access& access, const Sizes& sizes) {
    now_ = access.position;
    return victim(sizes);
  }

  bool holds(uint32_t slot) const { return residents_.contains(slot); }
  void reserve(uint32_t slots) { residents_.reserve(slots); }
  void prefetch(uint32_t slot) const { residents_.prefetch(slot); }
  size_t bytes() const { return residents_.bytes(); }

 private:
  void put(const Access& access) {
    now_ = access.position;
    residents_.put(access.slot, access.size, access.next_use, now_);
  }

  KineticTournament residents_;
  uint64_t now_ = 0;  // position in the trace
};

using BeladySizePolicy = OrderPolicy<BeladySizeOrder>;

}  // namespace cachegauge
