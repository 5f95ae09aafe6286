// Which version of a key a get may still see. A write takes the next version when it is issued;
// when it is acknowledged, older versions are stale for every get that begins after that.
//
// Writes of one key that overlap in time may reach the backend in either order, so a group of
// overlapping writes raises the floor only when the last of them is acknowledged, and to the lowest
// version among them. A write that failed may still take effect at any later time, so it keeps its
// group open for good. Thus a value is never called stale wrongly. One a key; used by one thread,
// since keys go to threads by hash.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cachegauge {

enum class WriteEffect : uint8_t {
  kWritten,  // acknowledged
  kNone,     // refused, and nothing was changed
  kUnknown,  // failed: it may still happen
};

class KeyVersions {
 public:
  // What the origin holds: the version that a fill writes.
  uint32_t current() const { return latest_; }

  // Versions below this are stale for a get that begins now.
  uint32_t floor() const { return floor_; }

  // A set or delete is issued: its version, later to be given to begin_write() and end_write().
  uint32_t advance() { return ++latest_; }

  // A write that was issued and acknowledged with nothing in between: begin_write() and end_write()
  // in one.
  void written_at_once(uint32_t version) {
    if (group_ == 0) floor_ = std::max(floor_, version);
  }

  // A command that writes `version` (for a fill: what its load found) is on its way.
  void begin_write(uint32_t version) {
    group_lowest_ = group_ == 0 ? version : std::min(group_lowest_, version);
    ++group_;
  }

  void end_write(WriteEffect effect) {
    if (effect == WriteEffect::kUnknown) return;
    uint32_t group = group_;
    if (effect == WriteEffect::kWritten) group |= kWritten;
    --group;
    if ((group & ~kWritten) == 0) {
      if (group & kWritten) floor_ = std::max(floor_, group_lowest_);
      group = 0;
    }
    group_ = group;
  }

 private:
  // One word, and not a bit-field: written in parts and read as a whole, that costs a hit 4 ns.
  static constexpr uint32_t kWritten = uint32_t{1} << 31;

  uint32_t latest_ = 1;
  uint32_t floor_ = 0;
  uint32_t group_lowest_ = 0;
  uint32_t group_ = 0;  // writes in flight; kWritten once one of them was acknowledged
};

}  // namespace cachegauge
