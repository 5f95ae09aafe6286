// What the application of one thread went through: its requests by what became of them, in the
// stretches before, during and after each fault, and what it did when the cache failed it. Only
// the measured interval is counted.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "harness/core/clock.h"
#include "harness/core/fault.h"
#include "harness/replay/faults/fault_clock.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

// What a client would keep of the values that it saw last, with the oldest going first. Of each the
// version is kept, which is all that is told of it.
class LastSeen {
 public:
  static constexpr size_t kMostKeys = 10'000;

  void note(uint64_t key_hash, uint32_t version);
  std::optional<uint32_t> find(uint64_t key_hash) const;

 private:
  std::unordered_map<uint64_t, uint32_t> versions_;
  std::deque<uint64_t> order_;
};

class FaultAccount {
 public:
  // `faults` may be null: then nothing goes wrong on purpose.
  FaultAccount(const FaultClock* faults, OnCacheError on_cache_error, const Clock& clock,
               Recorder& recorder);
  FaultAccount(const FaultAccount&) = delete;

  OnCacheError on_cache_error() const { return on_cache_error_; }
  LastSeen& last_seen() { return last_seen_; }

  // Each as it happens, with the intended start of the request that it happens to.
  void command_failed(int64_t start_ns, bool timed_out);
  void origin_called(int64_t start_ns) { count(start_ns, &FaultWindow::origin_calls); }
  void origin_failed(int64_t start_ns) { count(start_ns, &FaultWindow::origin_errors); }
  void fell_back(int64_t start_ns);
  void served_stale(int64_t start_ns, bool outdated);

  struct End {
    bool is_get = false;
    bool is_hit = false;
    bool failed = false;
    int64_t response_ns = 0;
  };
  void finished(int64_t start_ns, const End& end);

  // The measured interval begins, and is over: what was counted goes into the recorder's result.
  void begin();
  void finish();

 private:
  struct Open {
    FaultWindow window;
    OpenTimes times;
  };
  using Stretches = std::array<Open, kFaultStretches>;

  template <class Use>
  void each_stretch(int64_t start_ns, Use use);
  void count(int64_t start_ns, uint64_t FaultWindow::*field);

  const FaultClock* const timetable_;
  const OnCacheError on_cache_error_;
  const Clock& clock_;
  Recorder& recorder_;
  LastSeen last_seen_;
  std::vector<Stretches> faults_;
  CacheErrorCounts counts_;
};

}  // namespace cachegauge
