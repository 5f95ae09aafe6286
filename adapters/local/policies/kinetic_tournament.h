// The largest of many products size × (next use - now), as now goes on: a kinetic tournament.
// Basch, Guibas, Hershberger, "Data structures for mobile data", Journal of Algorithms 1999.
//
// The contestants are the leaves of a binary tree, and each node above them is a match that keeps
// its winner. Products fall linearly with time, so that of two contestants the larger one may be
// overtaken, once: a match also keeps when the first of those below it is, and until then it need
// not be played again. A change of one contestant plays the matches above it, and what time has
// overtaken is played when somebody asks. Exact, in whole numbers. O(log n) for a change, and
// O(log² n) for all that follows from it, amortised.
//
// An object that is never used again beats all that are; of two the larger wins, and then the one
// of the lower slot. Of equal products the larger object's wins. 4 bytes a slot and 40 a
// contestant.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class KineticTournament {
 public:
  bool contains(uint32_t slot) const { return leaves_[slot] != kNone; }

  // The slot enters, or its size and next use are others now. `now` never runs backwards, and is
  // not behind any next use.
  void put(uint32_t slot, uint64_t size, uint64_t next_use, uint64_t now) {
    if (!contains(slot)) leaves_[slot] = take_leaf(now);
    contestants_[leaves_[slot]] = {size, next_use, slot};
    replay(leaves_[slot], now);
  }
  // The slot must be there.
  void remove(uint32_t slot, uint64_t now) {
    const uint32_t leaf = leaves_[slot];
    leaves_[slot] = kNone;
    contestants_[leaf].slot = kNoSlot;
    free_leaves_.push_back(leaf);
    replay(leaf, now);
  }
  // The winner; kNoSlot without contestants.
  uint32_t first(uint64_t now) {
    if (contestants_.empty()) return kNoSlot;
    settle(kFinal, now);
    const uint32_t leaf = winner(kFinal);
    return leaf == kNone ? kNoSlot : contestants_[leaf].slot;
  }

  void reserve(uint32_t slots) { grow_exactly(leaves_, slots, kNone); }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&leaves_[slot], 1); }
  size_t bytes() const {
    return held_bytes(leaves_) + held_bytes(contestants_) + held_bytes(matches_) +
           held_bytes(free_leaves_);
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  static constexpr size_t kFinal = 1;
  static constexpr size_t kFirstLeaves = 64;
  static constexpr uint64_t kForever = std::numeric_limits<uint64_t>::max();
  using Wide = __int128;  // of products; a size and a position are below 2^63

  struct Contestant {
    uint64_t size = 0;
    uint64_t next_use = 0;
    uint32_t slot = kNoSlot;

    Wide product(uint64_t now) const {
      return static_cast<Wide>(size) * (static_cast<Wide>(next_use) - static_cast<Wide>(now));
    }
  };
  struct Match {
    uint64_t stands_until = kForever;  // and from then on it must be played again
    uint32_t winner = kNone;           // a leaf
  };

  static bool beats(const Contestant& a, const Contestant& b, uint64_t now) {
    const bool a_never = a.next_use == kNeverUsed, b_never = b.next_use == kNeverUsed;
    if (a_never != b_never) return a_never;
    if (!a_never) {
      const Wide difference = a.product(now) - b.product(now);
      if (difference != 0) return difference > 0;
    }
    return a.size != b.size ? a.size > b.size : a.slot < b.slot;
  }

  // When the winner's product first is below the loser's.
  static uint64_t overtaken(const Contestant& winner, const Contestant& loser) {
    if (winner.next_use == kNeverUsed || winner.size <= loser.size) return kForever;
    const Wide lead = winner.product(0) - loser.product(0);
    const Wide when = lead / (winner.size - loser.size) + 1;
    return when < static_cast<Wide>(kForever) ? static_cast<uint64_t>(when) : kForever;
  }

  // Nodes 1 to n - 1 are matches, and the n after them leaves.
  bool is_leaf(size_t node) const { return node >= contestants_.size(); }
  uint32_t winner(size_t node) const {
    if (!is_leaf(node)) return matches_[node].winner;
    const size_t leaf = node - contestants_.size();
    return contestants_[leaf].slot == kNoSlot ? kNone : static_cast<uint32_t>(leaf);
  }
  uint64_t stands_until(size_t node) const {
    return is_leaf(node) ? kForever : matches_[node].stands_until;
  }

  void play(size_t node, uint64_t now) {
    Match& match = matches_[node];
    const uint32_t a = winner(2 * node), b = winner(2 * node + 1);
    match.stands_until = std::min(stands_until(2 * node), stands_until(2 * node + 1));
    match.winner = a == kNone ? b : a;
    if (a == kNone || b == kNone || match.stands_until <= now) return;
    const bool first = beats(contestants_[a], contestants_[b], now);
    match.winner = first ? a : b;
    match.stands_until = std::min(
        match.stands_until, overtaken(contestants_[match.winner], contestants_[first ? b : a]));
  }
  void replay(uint32_t leaf, uint64_t now) {
    for (size_t node = (contestants_.size() + leaf) / 2; node > 0; node /= 2) play(node, now);
  }
  void settle(size_t node, uint64_t now) {
    if (stands_until(node) > now) return;
    settle(2 * node, now);
    settle(2 * node + 1, now);
    play(node, now);
  }

  uint32_t take_leaf(uint64_t now) {
    if (free_leaves_.empty()) grow(now);
    const uint32_t leaf = free_leaves_.back();
    free_leaves_.pop_back();
    return leaf;
  }
  // Twice as many leaves; all is played again.
  [[gnu::noinline]] void grow(uint64_t now) {
    const size_t before = contestants_.size();
    const size_t leaves = std::max(kFirstLeaves, 2 * before);
    grow_exactly(contestants_, leaves);
    grow_exactly(matches_, leaves);
    for (size_t leaf = leaves; leaf > before; --leaf) {
      free_leaves_.push_back(static_cast<uint32_t>(leaf - 1));
    }
    for (size_t node = leaves - 1; node > 0; --node) play(node, now);
  }

  std::vector<uint32_t> leaves_;         // by slot
  std::vector<Contestant> contestants_;  // by leaf; a power of two
  std::vector<Match> matches_;           // by node
  std::vector<uint32_t> free_leaves_;
};

}  // namespace cachegauge
