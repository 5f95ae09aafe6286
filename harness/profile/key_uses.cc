#include "harness/profile/key_uses.h"

#include <algorithm>

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 12;  // as in Simulation

}  // namespace

KeyUses::KeyUses(const InternedTrace& trace, bool has_times)
    : trace_(trace),
      has_times_(has_times),
      uses_(trace.unique_keys()),
      last_ns_(has_times ? trace.unique_keys() : 0) {
  if (trace.chunks().empty()) return;
  const TraceChunk& last = trace.chunks().back();
  const uint64_t length =
      has_times ? static_cast<uint64_t>(last.now_ns[last.count - 1]) + 1 : trace.summary().requests;
  window_length_ = std::max<uint64_t>(1, (length + kWindows - 1) / kWindows);
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t begin = 0; begin < chunk.count;) {
      const uint64_t at = has_times ? static_cast<uint64_t>(chunk.now_ns[begin]) : position_;
      if (at >= next_window_) begin_windows(at);
      const uint32_t end = window_end(chunk, begin);
      serve(chunk, begin, end);
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

// All in the window under way. What is the first of its key there is not foreseen by a processor,
// so there is no branch on it.
void KeyUses::serve(const TraceChunk& chunk, uint32_t begin, uint32_t end) {
  ProfileWindow window;
  for (uint32_t i = begin; i < end; ++i, ++position_) {
    prefetch(chunk.ids[std::min(i + kAhead, chunk.count - 1)]);
    const uint32_t id = chunk.ids[i];
    Use& known = uses_[id];
    const bool is_new = known.state == 0;
    const uint32_t gap = static_cast<uint32_t>(position_) - known.last;
    const uint64_t is_first = is_new | (gap > position_ - window_first_);
    window.new_keys += is_new;
    window.unique_keys += is_first;
    window.unique_bytes += (0 - is_first) & (trace_.key_size_bytes(id) + chunk.value_sizes[i]);
    if (!is_new) gaps_.record(gap);
    if (has_times_) {
      const int64_t now_ns = chunk.now_ns[i];
      if (!is_new) times_us_.record((now_ns - last_ns_[id]) / 1000);
      last_ns_[id] = now_ns;
    }
    use(known, chunk.ops[i]);
  }
  ProfileWindow& all = windows_.back();
  all.requests += end - begin;
  all.new_keys += window.new_keys;
  all.unique_keys += window.unique_keys;
  all.unique_bytes += window.unique_bytes;
}

void KeyUses::prefetch(uint32_t id) {
  __builtin_prefetch(&uses_[id], 1);
  if (has_times_) __builtin_prefetch(&last_ns_[id], 1);
  trace_.prefetch_key_size(id);
}

void KeyUses::use(Use& known, Op op) {
  uint32_t unread = known.state & Use::kUnread;
  if (op != Op::kAdd) {  // an add may leave what is there
    if (op != Op::kGet && unread) ++unread_writes_;
    unread = op == Op::kSet ? Use::kUnread : 0;
  }
  const uint32_t requests = std::min(known.requests() + 1, Use::kUnread - 1);
  known = {requests | unread, static_cast<uint32_t>(position_)};
}

std::vector<uint32_t> KeyUses::requests() const {
  std::vector<uint32_t> requests;
  requests.reserve(uses_.size());
  for (const Use& use : uses_) requests.push_back(use.requests());
  return requests;
}

}  // namespace cachegauge
