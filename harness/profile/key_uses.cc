#include "harness/profile/key_uses.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 12;  // as in Simulation

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
  for (const TraceChunk& chunk : trace_.chunks()) {
    for (uint32_t begin = 0; begin < chunk.count;) {
      const uint64_t at = has_times_ ? static_cast<uint64_t>(chunk.now_ns[begin]) : position_;
      if (at >= next_window_) begin_windows(at);
      const uint32_t end = window_end(chunk, begin);
      serve(uses, chunk, begin, end);
      begin = end;
    }
  }
  requests_.reserve(uses.size());
  for (const Known& use : uses) requests_.push_back(use.requests());
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

// All in the window under way. What is the first of its key there is not foreseen by a processor,
// so there is no branch on it. What is counted is at hand in the loop, and not written back after
// each request.
template <class Known>
void KeyUses::serve(Uses<Known>& uses, const TraceChunk& chunk, uint32_t begin, uint32_t end) {
  constexpr bool kTimed = std::is_same_v<Known, TimedUse>;
  ProfileWindow window;
  Tally gaps = std::move(gaps_), times_us = std::move(times_us_);
  uint64_t position = position_, unread_writes = 0;
  for (uint32_t i = begin; i < end; ++i, ++position) {
    const uint32_t ahead = chunk.ids[std::min(i + kAhead, chunk.count - 1)];
    __builtin_prefetch(&uses[ahead], 1);
    trace_.prefetch_key_size(ahead);
    const uint32_t id = chunk.ids[i];
    Known& known = uses[id];
    const uint32_t state = known.state;
    const bool is_new = state == 0;
    const uint32_t gap = static_cast<uint32_t>(position) - known.last;
    const uint64_t is_first = is_new | (gap > position - window_first_);
    window.new_keys += is_new;
    window.unique_keys += is_first;
    window.unique_bytes += (0 - is_first) & (trace_.key_size_bytes(id) + chunk.value_sizes[i]);
    if (!is_new) gaps.record(gap);
    if constexpr (kTimed) {
      const int64_t now_ns = chunk.now_ns[i];
      if (!is_new) times_us.record((now_ns - known.last_ns) / 1000);
      known.last_ns = now_ns;
    }
    uint32_t unread = state & Use::kUnread;
    const Op op = chunk.ops[i];
    if (op != Op::kAdd) {  // an add may leave what is there
      unread_writes += op != Op::kGet && unread;
      unread = op == Op::kSet ? Use::kUnread : 0;
    }
    known.state = std::min(known.requests() + 1, Use::kUnread - 1) | unread;
    known.last = static_cast<uint32_t>(position);
  }
  gaps_ = std::move(gaps);
  times_us_ = std::move(times_us);
  position_ = position;
  unread_writes_ += unread_writes;
  ProfileWindow& all = windows_.back();
  all.requests += end - begin;
  all.new_keys += window.new_keys;
  all.unique_keys += window.unique_keys;
  all.unique_bytes += window.unique_bytes;
}

}  // namespace cachegauge
