#include "harness/replay/patterns/consistency_book.h"

#include <algorithm>
#include <utility>

namespace cachegauge {

ConsistencyBook::State& ConsistencyBook::state(const KeyRecord& key) {
  if (key.id() >= states_.size()) {
    states_.resize(std::max<size_t>(size_t{key.id()} + 1, 2 * states_.size()));
  }
  State& state = states_[key.id()];
  if (state.at_origin == 0) {
    state.at_origin = key.versions.current();
    if (preloaded_) state.in_cache = state.at_origin;
  }
  return state;
}

// A window opens when the versions part, and is counted when they meet or the copy is gone.
void ConsistencyBook::compare(const KeyRecord& key, State& state) {
  const bool differs = state.in_cache != 0 && state.in_cache != state.at_origin;
  if (differs == (state.differs_since_ns != kNever)) return;
  const int64_t now_ns = clock_.now_ns();
  if (differs) {
    state.differs_since_ns = now_ns;
  } else {
    const int64_t since_ns = std::exchange(state.differs_since_ns, kNever);
    figures(key).inconsistency_ns.record(now_ns - since_ns);
  }
}

void ConsistencyBook::hold(const KeyRecord& key, State& state, uint32_t version, uint32_t floor) {
  state.in_cache = version;
  if (version >= floor) {
    state.stale_since_ns = kNever;
  } else if (state.stale_since_ns == kNever) {  // an old value came late
    state.stale_since_ns = state.acknowledged_ns;
  }
  compare(key, state);
}

void ConsistencyBook::stored_at_origin(const KeyRecord& key, uint32_t version) {
  State& known = state(key);
  known.at_origin = std::max(known.at_origin, version);
  compare(key, known);
}

void ConsistencyBook::stored_in_cache(const KeyRecord& key, uint32_t version) {
  State& known = state(key);
  ++figures(key).cache_writes;
  if (known.unread) ++figures(key).unread_writes;
  known.unread = recorder_.measuring();
  hold(key, known, version, key.versions.floor());
}

void ConsistencyBook::gone_from_cache(const KeyRecord& key) {
  State& known = state(key);
  known.in_cache = 0;
  known.stale_since_ns = kNever;
  if (std::exchange(known.unread, false)) ++figures(key).unread_writes;
  compare(key, known);
}

void ConsistencyBook::found_in_cache(const KeyRecord& key, uint32_t version, uint32_t floor) {
  State& known = state(key);
  known.unread = false;
  if (version == 0) return;
  const bool is_overtaken = version < known.in_cache && version >= floor;  // by a set meanwhile
  if (is_overtaken) return;
  hold(key, known, version, key.versions.floor());
  if (version >= floor) return;
  figures(key).stale_versions.record(floor - version);
  figures(key).stale_age_ns.record(clock_.now_ns() - known.stale_since_ns);
}

void ConsistencyBook::answered(const KeyRecord& key, uint32_t version, uint32_t floor) {
  if (version < floor) ++figures(key).stale_loads;
}

void ConsistencyBook::acknowledged(const KeyRecord& key, uint32_t version) {
  State& known = state(key);
  if (!std::exchange(known.written, true)) written_.push_back(key.id());
  ++figures(key).acknowledged_writes;
  known.acknowledged_ns = clock_.now_ns();
  const bool is_stale = known.in_cache != 0 && known.in_cache < key.versions.floor();
  if (is_stale && known.stale_since_ns == kNever) known.stale_since_ns = known.acknowledged_ns;
  if (log_) log_->append(key.hash(), version);
}

void ConsistencyBook::begin_measuring() {
  for (State& known : states_) known.unread = false;
}

void ConsistencyBook::count_unread(const KeyInterner& keys) {
  for (uint32_t id = 0; id < states_.size(); ++id) {
    if (states_[id].unread) ++figures(keys.record(id)).unread_writes;
  }
}

}  // namespace cachegauge
