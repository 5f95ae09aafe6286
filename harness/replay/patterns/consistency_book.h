// What is known of each key's versions in the cache and at the origin, as far as the application
// has seen: what it was told was stored, found, missing. From it follow how long the two disagreed,
// how old what was served was, and which values nobody has read. Keys belong to threads, so there
// is one a thread.
//
// What the cache does by itself is seen with the next request alone: a copy that was evicted counts
// as held until a get misses it.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/clock.h"
#include "harness/replay/key_interner.h"
#include "harness/replay/patterns/acknowledged_log.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

class ConsistencyBook {
 public:
  // `log` may be null. `preloaded`: the cache was filled with every key before the first request.
  ConsistencyBook(const Clock& clock, Recorder& recorder, AcknowledgedLog* log, bool preloaded)
      : clock_(clock), recorder_(recorder), log_(log), preloaded_(preloaded) {}

  // Before the first write of a key takes its version.
  void meet(const KeyRecord& key) { state(key); }

  // As far as known: of an origin that nobody else writes to it is what it has.
  uint32_t version_at_origin(const KeyRecord& key) { return state(key).at_origin; }

  void stored_at_origin(const KeyRecord& key, uint32_t version);
  void stored_in_cache(const KeyRecord& key, uint32_t version);
  void gone_from_cache(const KeyRecord& key);  // deleted, or found to be missing
  // A get that began when versions below `floor` were stale found this one; 0: it cannot be told.
  void found_in_cache(const KeyRecord& key, uint32_t version, uint32_t floor);
  // The same of a get that was answered from elsewhere.
  void answered(const KeyRecord& key, uint32_t version, uint32_t floor);
  // The application is told that its write is done; the key's floor has been raised.
  void acknowledged(const KeyRecord& key, uint32_t version);

  // Ids of the keys that were written, each once.
  const std::vector<uint32_t>& written() const { return written_; }

  // Before a phase that is measured: what was put into the cache until now is not judged.
  void begin_measuring();
  // After it: counts the values put into the cache since then that no get has found.
  void count_unread(const KeyInterner& keys);

 private:
  static constexpr int64_t kNever = -1;

  struct State {
    uint32_t at_origin = 0;  // 0: the key was not met yet
    uint32_t in_cache = 0;   // 0: none
    int64_t differs_since_ns = kNever;
    int64_t stale_since_ns = kNever;
    int64_t acknowledged_ns = 0;  // the latest write
    bool unread = false;
    bool written = false;
  };

  State& state(const KeyRecord& key);
  PatternFigures& figures(const KeyRecord& key) { return recorder_.pattern_figures(key.bytes()); }
  void hold(const KeyRecord& key, State& state, uint32_t version, uint32_t floor);
  void compare(const KeyRecord& key, State& state);

  const Clock& clock_;
  Recorder& recorder_;
  AcknowledgedLog* const log_;
  const bool preloaded_;
  std::vector<State> states_;  // by id
  std::vector<uint32_t> written_;
};

}  // namespace cachegauge
