#include "harness/profile/key_uses.h"

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <utility>

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 32;      // a quarter less time than with 12 where memory is busy
constexpr uint32_t kUnpacked = 256;  // requests whose columns are unpacked together

}  // namespace

KeyUses::KeyUses(const InternedTrace& trace, bool has_times)
    : trace_(trace), has_times_(has_times) {
  if (has_times) {
    follow(Uses<TimedUse>(trace.unique_keys()));
  } else {
    follow(Uses<Use>(trace.unique_keys()));
  }
}

template <class Known>
void KeyUses::follow(Uses<Known> uses) {
  if (trace_.chunks().empty()) return;
  const TraceChunk& last = trace_.chunks().back();
  const uint64_t length = has_times_ ? static_cast<uint64_t>(last.now_ns[last.count - 1]) + 1
                                     : trace_.summary().requests;
  window_length_ = std::max<uint64_t>(1, (length + kWindows - 1) / kWindows);
  trace_.only_gets() ? follow_windows<Known, true>(uses) : follow_windows<Known, false>(uses);
  requests_.reserve(uses.size());
  for (const Known& use : uses) requests_.push_back(use.requests());
}

template <class Known, bool kOnlyGets>
void KeyUses::follow_windows(Uses<Known>& uses) {
  for (const TraceChunk& chunk : trace_.chunks()) {
    for (uint32_t begin = 0; begin < chunk.count;) {
      const uint64_t at = has_times_ ? static_cast<uint64_t>(chunk.now_ns[begin]) : position_;
      if (at >= next_window_) begin_windows(at);
      const uint32_t end = window_end(chunk, begin);
      serve<Known, kOnlyGets>(uses, chunk, begin, end);
      begin = end;
    }
  }
}

// A window without requests is one, too.
void KeyUses::begin_windows(uint64_t at) {
  while (at >= next_window_) {
    const auto begin = static_cast<double>(next_window_);
    windows_.push_back({.begin = has_times_ ? begin / 1e9 : begin});
    next_window_ += window_length_;
  }
  window_first_ = position_;
}

// The first request behind `begin`, which is in the window under way, that is not.
uint32_t KeyUses::window_end(const TraceChunk& chunk, uint32_t begin) const {
  if (!has_times_) {
    return static_cast<uint32_t>(
        std::min<uint64_t>(chunk.count, begin + (next_window_ - position_)));
  }
  return chunk.first_at(begin + 1, chunk.count,
                        static_cast<int64_t>(std::min<uint64_t>(next_window_, INT64_MAX)));
}

// All in the window under way. What is the first of its key, there or in the trace, is not foreseen
// by a processor, so there is no branch on it: each is written down, and the next one over those
// that are not. What is written down is counted in loops of its own, whose counts stay in
// registers; and sizes of keys, of the first in the window alone, a batch later, when they have
// come from memory.
template <class Known, bool kOnlyGets>
void KeyUses::serve(Uses<Known>& uses, const TraceChunk& chunk, uint32_t begin, uint32_t end) {
  constexpr bool kTimed = std::is_same_v<Known, TimedUse>;
  std::array<uint64_t, kUnpacked> times_ns, ops;
  std::array<uint32_t, kUnpacked> gaps;
  std::array<int64_t, kUnpacked> gaps_ns;
  std::array<std::array<uint16_t, kUnpacked>, 2> places;  // of the first in the window
  std::span<const uint16_t> firsts;                       // of the batch before
  const uint64_t window_first = window_first_;
  uint64_t position = position_, new_keys = 0, unread_writes = 0;
  ProfileWindow& window = windows_.back();
  window.requests += end - begin;
  for (uint32_t count; begin < end; begin += count) {
    count = std::min(kUnpacked, end - begin);
    if constexpr (kTimed) chunk.now_ns.unpack(begin, count, times_ns.data());
    if constexpr (!kOnlyGets) chunk.ops.unpack(begin, count, ops.data());
    std::array<uint16_t, kUnpacked>& first_places = places[firsts.data() == places[0].data()];
    size_t first_count = 0, gap_count = 0;
    for (uint32_t i = 0; i < count; ++i, ++position) {
      __builtin_prefetch(&uses[chunk.ids[std::min(begin + i + kAhead, chunk.count - 1)]], 1);
      Known& known = uses[chunk.ids[begin + i]];
      const uint32_t state = known.state;
      const bool is_new = state == 0;
      const uint32_t gap = static_cast<uint32_t>(position) - known.last;
      first_places[first_count] = static_cast<uint16_t>(begin + i);
      first_count += is_new | (gap > position - window_first);
      gaps[gap_count] = gap;
      if constexpr (kTimed) {
        const auto now_ns = static_cast<int64_t>(times_ns[i]);
        gaps_ns[gap_count] = now_ns - known.last_ns;
        known.last_ns = now_ns;
      }
      gap_count += !is_new;
      uint32_t unread = 0;
      if constexpr (!kOnlyGets) {
        unread = state & Use::kUnread;
        const auto op = static_cast<Op>(ops[i]);
        if (op != Op::kAdd) {  // an add may leave what is there
          unread_writes += op != Op::kGet && unread;
          unread = op == Op::kSet ? Use::kUnread : 0;
        }
      }
      known.state = std::min(known.requests() + 1, Use::kUnread - 1) | unread;
      known.last = static_cast<uint32_t>(position);
    }
    new_keys += count - gap_count;
    count_gaps(std::span(gaps).first(gap_count));
    if constexpr (kTimed) count_times(std::span(gaps_ns).first(gap_count));
    add_firsts(chunk, firsts);
    firsts = std::span(first_places).first(first_count);
    for (const uint16_t i : firsts) trace_.prefetch_key_size(chunk.ids[i]);
  }
  add_firsts(chunk, firsts);
  position_ = position;
  unread_writes_ += unread_writes;
  window.new_keys += new_keys;
}

void KeyUses::count_gaps(std::span<const uint32_t> gaps) {
  Tally tally = std::move(gaps_);
  for (const uint32_t gap : gaps) tally.record(gap);
  gaps_ = std::move(tally);
}

void KeyUses::count_times(std::span<const int64_t> gaps_ns) {
  Tally tally = std::move(times_us_);
  for (const int64_t gap_ns : gaps_ns) tally.record(gap_ns / 1000);
  times_us_ = std::move(tally);
}

// `places` in the chunk of requests that are the first of their key in the window under way.
void KeyUses::add_firsts(const TraceChunk& chunk, std::span<const uint16_t> places) {
  uint64_t bytes = 0;
  for (const uint16_t i : places) {
    bytes += trace_.stated_key_size_bytes(chunk.ids[i]) + chunk.value_sizes[i];
  }
  windows_.back().unique_keys += places.size();
  windows_.back().unique_bytes += bytes;
}

}  // namespace cachegauge
