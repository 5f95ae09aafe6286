// CLOCK-Pro: LIRS (lirs.h) with bits in place of lists, so that a hit moves nothing. Jiang, Chen,
// Zhang, "CLOCK-Pro: an effective improvement of the CLOCK replacement", USENIX ATC 2005, with the
// paper's names.
//
// Hot objects, cold ones, and cold ones that were evicted lie on one clock. A cold object enters
// with a test period: used again within it, evicted or not, it becomes hot. HAND_cold looks for the
// victim, a cold object that was not used; HAND_hot makes an unused hot object cold where hot ones
// are too many, and ends the test periods that it passes; HAND_test ends some where too many
// evicted objects are remembered, which is more than the cache has room for. The part for cold
// objects grows with each that is used in its test period and shrinks with each that is not.
//
// The back of the list is where HAND_hot stands, and its front the place behind that hand, where
// objects enter. Where the paper leaves a choice: as in LIRS the part for cold objects is 1 % at
// the start, and one object at least, and until the first eviction what enters is hot where there
// is room for it. With a capacity in bytes that part is in bytes and changes by the mean size of
// what is held.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

class ClockProOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "clockpro",
      .summary = "hot and cold objects on one clock: LIRS at the price of CLOCK",
      .paper =
          "Jiang, Chen, Zhang, CLOCK-Pro: an effective improvement of the CLOCK replacement, "
          "2005"};

  explicit ClockProOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        cold_part_(std::max<uint64_t>(1, share_of(limit_, 0.01))) {}

  void recall(const Access& access) {
    returning_ = kind_of(access.slot) == kGhost;
    if (kind_of(access.slot) != kAbsent) forget(access.slot);
  }
  template <class Sizes>
  void enter(const Access& access, const Sizes& sizes) {
    clock_.push_front(access.slot);
    held_used_ += access.size;
    ++held_;
    states_[access.slot] = kCold | kInTest;
    if (returning_) {
      become_hot(access.slot, access.size, sizes);
    } else if (filling_ && hot_used_ + access.size <= limit_ - cold_part_) {
      make_hot(access.slot, access.size);
    }
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    states_[access.slot] |= kUsed;
  }
  template <class Sizes>
  void resized(const Access& access, uint64_t old_size, const Sizes& sizes) {
    held_used_ += access.size - old_size;
    if (kind_of(access.slot) != kHot) return;
    hot_used_ += access.size - old_size;
    cool_down(sizes);
  }
  void leave(uint32_t slot, uint64_t size) {
    count_out(slot, size);
    detach(slot);
    states_[slot] = kAbsent;
  }
  bool retire(uint32_t slot, uint64_t size) {
    if ((states_[slot] & kInTest) == 0) return false;
    count_out(slot, size);
    states_[slot] = kGhost;
    ++ghosts_;
    return true;
  }

  // The paper's run of HAND_cold.
  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    filling_ = false;
    while (true) {
      if (hot_ == held_) run_hand_hot(sizes);
      cold_hand_ = or_the_back(cold_hand_);
      while (kind_of(cold_hand_) != kCold) cold_hand_ = next(cold_hand_);
      const uint32_t slot = cold_hand_;
      if ((states_[slot] & kUsed) == 0) return slot;
      detach(slot);
      clock_.push_front(slot);
      const bool in_test = (states_[slot] & kInTest) != 0;
      states_[slot] = kCold | kInTest;
      if (in_test) become_hot(slot, sizes.size(slot), sizes);
    }
  }

  // The paper's run of HAND_test, as far as the next ghost.
  uint32_t surplus_ghost(uint64_t room) {
    if (!clock_.empty(kDropped)) return clock_.back(kDropped);
    if (ghosts_ <= room) return kNoSlot;
    test_hand_ = or_the_back(test_hand_);
    while (kind_of(test_hand_) != kGhost) {
      end_test(test_hand_);
      test_hand_ = next(test_hand_);
    }
    shrink_cold_part();
    return test_hand_;
  }
  void forget(uint32_t slot) {
    ghosts_ -= kind_of(slot) == kGhost;
    detach(slot);
    states_[slot] = kAbsent;
  }
  uint64_t max_ghosts() const { return limit_; }

  bool holds(uint32_t slot) const {
    const uint8_t kind = kind_of(slot);
    return kind == kCold || kind == kHot;
  }
  void reserve(uint32_t slots) {
    clock_.reserve(slots);
    grow_exactly(states_, slots);
  }
  // A hit needs the state alone.
  void prefetch(uint32_t slot) const { __builtin_prefetch(&states_[slot], 1); }
  size_t bytes() const { return clock_.bytes() + held_bytes(states_); }

 private:
  // Ghosts that HAND_hot took from the clock are forgotten when the user can be told.
  enum List : uint32_t { kClock, kDropped, kLists };
  // A state is a kind with bits.
  enum State : uint8_t {
    kAbsent,
    kCold,
    kHot,
    kGhost,
    kDroppedGhost,
    kKindMask = 7,
    kUsed = 8,
    kInTest = 16
  };

  static constexpr uint32_t kNotBegun = kNoSlot - 1;

  uint8_t kind_of(uint32_t slot) const { return states_[slot] & kKindMask; }

  // The clock's next object behind this one.
  uint32_t next(uint32_t slot) const { return or_the_back(clock_.before(slot)); }
  uint32_t or_the_back(uint32_t slot) const { return slot >= kNotBegun ? clock_.back() : slot; }

  // Takes an object from its list; hands that point to it move on.
  void detach(uint32_t slot) {
    if (cold_hand_ == slot) cold_hand_ = clock_.before(slot);
    if (test_hand_ == slot) test_hand_ = clock_.before(slot);
    clock_.unlink(slot);
  }
  void count_out(uint32_t slot, uint64_t size) {
    held_used_ -= size;
    --held_;
    if (kind_of(slot) != kHot) return;
    hot_used_ -= size;
    --hot_;
  }

  // A cold object at the front was used in its test period.
  template <class Sizes>
  void become_hot(uint32_t slot, uint64_t size, const Sizes& sizes) {
    cold_part_ = std::min(limit_, cold_part_ + mean_size());
    make_hot(slot, size);
    cool_down(sizes);
  }
  void make_hot(uint32_t slot, uint64_t size) {
    states_[slot] = kHot;
    hot_used_ += size;
    ++hot_;
  }
  template <class Sizes>
  void cool_down(const Sizes& sizes) {
    while (hot_used_ > limit_ - cold_part_) run_hand_hot(sizes);
  }

  // Until it has made a hot object cold; there is one.
  template <class Sizes>
  void run_hand_hot(const Sizes& sizes) {
    // Hands that passed the newest object stand at the back as well, and are not to be carried on.
    if (cold_hand_ == kNoSlot) cold_hand_ = clock_.back();
    if (test_hand_ == kNoSlot) test_hand_ = clock_.back();
    while (true) {
      const uint32_t slot = clock_.back();
      if (kind_of(slot) == kGhost) {
        drop_ghost(slot);
        continue;
      }
      const bool cools = states_[slot] == kHot;
      if (kind_of(slot) == kHot) {
        states_[slot] = cools ? kCold : kHot;
      } else {
        end_test(slot);
      }
      clock_.move_to_front(slot);
      if (!cools) continue;
      hot_used_ -= sizes.size(slot);
      --hot_;
      return;
    }
  }
  void drop_ghost(uint32_t slot) {
    shrink_cold_part();
    forget(slot);
    states_[slot] = kDroppedGhost;
    clock_.push_front(slot, kDropped);
  }
  // Of a cold object that is held; of others nothing.
  void end_test(uint32_t slot) {
    if ((states_[slot] & kInTest) == 0) return;
    states_[slot] &= static_cast<uint8_t>(~kInTest);
    shrink_cold_part();
  }
  void shrink_cold_part() { cold_part_ -= std::min(cold_part_ - 1, mean_size()); }
  uint64_t mean_size() const { return held_ == 0 ? 1 : std::max<uint64_t>(1, held_used_ / held_); }

  uint64_t limit_;
  uint64_t cold_part_;           // m_c
  SlotLists<kLists> clock_;      // and what was dropped from it
  std::vector<uint8_t> states_;  // by slot
  // kNoSlot: at the back. They begin wherever that is when they are first moved.
  uint32_t cold_hand_ = kNotBegun;
  uint32_t test_hand_ = kNotBegun;
  uint64_t held_ = 0, held_used_ = 0;  // number and size of hot and cold objects
  uint64_t hot_ = 0, hot_used_ = 0;    // and of hot ones alone
  uint64_t ghosts_ = 0;                // on the clock
  bool returning_ = false;             // what enters next was one of those
  bool filling_ = true;                // nothing was evicted so far
};

using ClockProPolicy = OrderPolicy<ClockProOrder>;

}  // namespace cachegauge
