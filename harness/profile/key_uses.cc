#include "harness/profile/key_uses.h"

#include <algorithm>

namespace cachegauge {
namespace {

constexpr uint32_t kAhead = 12;  // as in Simulation
constexpr uint32_t kMostUses = (uint32_t{1} << 31) - 1;

}  // namespace

KeyUses::KeyUses(const InternedTrace& trace, bool has_times)
    : trace_(trace), has_times_(has_times), uses_(trace.unique_keys()) {
  if (trace.chunks().empty()) return;
  const TraceChunk& last = trace.chunks().back();
  const uint64_t length =
      has_times ? static_cast<uint64_t>(last.now_ns[last.count - 1]) + 1 : trace.summary().requests;
  window_length_ = std::max<uint64_t>(1, (length + kWindows - 1) / kWindows);
  for (const TraceChunk& chunk : trace.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      if (i + kAhead < chunk.count) __builtin_prefetch(&uses_[chunk.ids[i + kAhead]], 1);
      serve(chunk, i);
      ++position_;
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

void KeyUses::serve(const TraceChunk& chunk, uint32_t i) {
  const int64_t now_ns = chunk.now_ns[i];
  const uint64_t at = has_times_ ? static_cast<uint64_t>(now_ns) : position_;
  if (at >= next_window_) begin_windows(at);
  const uint32_t id = chunk.ids[i];
  ProfileWindow& window = windows_.back();
  ++window.requests;
  const Use& known = uses_[id];
  const auto gap = static_cast<uint32_t>(position_) - known.last;
  if (known.requests == 0 || gap > position_ - window_first_) {
    ++window.unique_keys;
    window.new_keys += known.requests == 0;
    window.unique_bytes += trace_.key_size_bytes(id) + chunk.value_sizes[i];
  }
  if (known.requests > 0) {
    gaps_.record(gap);
    if (has_times_) times_us_.record((now_ns - known.last_ns) / 1000);
  }
  use(id, chunk.ops[i], now_ns);
}

void KeyUses::use(uint32_t id, Op op, int64_t now_ns) {
  Use& known = uses_[id];
  if (op != Op::kAdd) {  // an add may leave what is there
    unread_writes_ += op != Op::kGet && known.unread;
    known.unread = op == Op::kSet;
  }
  if (known.requests < kMostUses) ++known.requests;
  known.last = static_cast<uint32_t>(position_);
  known.last_ns = now_ns;
}

std::vector<uint32_t> KeyUses::requests() const {
  std::vector<uint32_t> requests;
  requests.reserve(uses_.size());
  for (const Use& use : uses_) requests.push_back(use.requests);
  return requests;
}

}  // namespace cachegauge
