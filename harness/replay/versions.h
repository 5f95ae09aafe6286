// Which version of each key a get may still see. A write takes the next version when it is issued;
// when it is acknowledged, older versions are stale for every get that begins after that.
//
// Writes of one key that overlap in time may reach the backend in either order, so a group of
// overlapping writes raises the floor only when the last of them is acknowledged, and to the lowest
// version among them. A write that failed may still take effect at any later time, so it keeps its
// group open for good. Thus a value is never called stale wrongly. One a thread: keys go to threads
// by hash.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace cachegauge {

enum class WriteEffect : uint8_t {
  kWritten,  // acknowledged
  kNone,     // refused, and nothing was changed
  kUnknown,  // failed: it may still happen
};

class VersionBook {
 public:
  void reserve_ids(uint32_t count) {
    if (count > states_.size()) states_.resize(std::max<size_t>(count, states_.size() * 2));
  }

  void prefetch(uint32_t id) const { __builtin_prefetch(states_.data() + id); }

  // What the origin holds: the version that a fill writes.
  uint32_t current(uint32_t id) const { return states_[id].latest; }

  // Versions below this are stale for a get that begins now.
  uint32_t floor(uint32_t id) const { return states_[id].floor; }

  // A set or delete is issued: its version, later to be given to begin_write() and end_write().
  uint32_t advance(uint32_t id) { return ++states_[id].latest; }

  // A write that was issued and acknowledged with nothing in between: begin_write() and end_write()
  // in one.
  void written_at_once(uint32_t id, uint32_t version) {
    State& state = states_[id];
    if (state.group == 0) state.floor = std::max(state.floor, version);
  }

  // A command that writes `version` (for a fill: what its load found) is on its way.
  void begin_write(uint32_t id, uint32_t version) {
    State& state = states_[id];
    state.group_lowest = state.group == 0 ? version : std::min(state.group_lowest, version);
    ++state.group;
  }

  void end_write(uint32_t id, WriteEffect effect) {
    if (effect == WriteEffect::kUnknown) return;
    State& state = states_[id];
    uint32_t group = state.group;
    if (effect == WriteEffect::kWritten) group |= kWritten;
    --group;
    if ((group & ~kWritten) == 0) {
      if (group & kWritten) state.floor = std::max(state.floor, state.group_lowest);
      group = 0;
    }
    state.group = group;
  }

 private:
  // One word, and not a bit-field: written in parts and read as a whole, that costs a hit 4 ns.
  static constexpr uint32_t kWritten = uint32_t{1} << 31;
  struct State {
    uint32_t latest = 1;
    uint32_t floor = 0;
    uint32_t group_lowest = 0;
    uint32_t group = 0;  // writes in flight; kWritten once one of them was acknowledged
  };
  std::vector<State> states_;
};

}  // namespace cachegauge
