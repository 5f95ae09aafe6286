// Finds the episodes in what happens to keys, told in the order of time.
//
// An episode of a key begins when a request misses it, or sets out to make it anew before its end,
// and ends when the key has been filled and nobody who missed it waits or loads any more. Calls
// that overlap belong to one episode, whoever made them, and so do those of a request that misses
// soon after its end: it looked before the fill and heard of it later, or got a lock that it no
// longer needed. The first episode of each key is its cold start: it is counted nowhere, unless a
// scenario has begun to watch.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/stampede_result.h"
#include "harness/replay/guards/guarded_request.h"
#include "harness/stampede/episode_series.h"

namespace cachegauge {

// What a driver tells of: events, and answers.
class StampedeLog : public GuardLog {
 public:
  virtual void started(int64_t intended_ns, int64_t now_ns) = 0;
  // A request was answered. `missed`: it was one of those that kMissed told of.
  virtual void answered(uint32_t key, int64_t intended_ns, int64_t now_ns, Served served,
                        bool missed) = 0;
  // A scenario begins a series, whose time 0 is `zero_ns`.
  virtual void watched(int64_t zero_ns, int64_t now_ns) = 0;

 protected:
  ~StampedeLog() = default;
};

class EpisodeBook final : public StampedeLog {
 public:
  struct Rules {
    uint32_t keys = 1;
    int64_t settle_ns = 0;  // how soon after its end an episode goes on; well below the TTL
    // Of the series. Where the scenario does not say when one begins, it does with an episode.
    int64_t before_ns = 0, after_ns = 0;
    bool is_watched = false;
  };
  explicit EpisodeBook(const Rules& rules)
      : rules_(rules), keys_(rules.keys), series_(rules.before_ns, rules.after_ns) {}

  void note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) override;
  void answered(uint32_t key, int64_t intended_ns, int64_t now_ns, Served served,
                bool missed) override;
  void started(int64_t intended_ns, int64_t now_ns) override;
  void watched(int64_t zero_ns, int64_t now_ns) override;

  // Episodes that ended, cold starts included.
  uint64_t ended() const { return ended_; }
  const StampedeCounts& counts() const { return counts_; }
  StampedeCounts take();

 private:
  static constexpr size_t kNowhere = SIZE_MAX;
  struct Key {
    StampedeEpisode episode;  // the open one, or the last
    bool open = false;
    bool warm = false;        // its cold start is over, and it is counted
    size_t place = kNowhere;  // of the last episode in the counts
    uint64_t involved = 0;    // requests that missed, and are not finished
    uint64_t holders = 0;
    int64_t held_read_ns = INT64_MIN;  // when the origin gave the value that was stored last
  };

  void begin(Key& key, int64_t now_ns, bool had_value);
  bool goes_on(const Key& key, int64_t now_ns) const;
  void fill(Key& key, int64_t now_ns, int64_t read_ns);
  void end_if_quiet(Key& key, int64_t now_ns);
  void count_load(Key& key, int64_t now_ns);
  void end_load(int64_t now_ns);

  const Rules rules_;
  std::vector<Key> keys_;
  uint64_t in_flight_ = 0;
  uint64_t ended_ = 0;
  uint64_t open_ = 0;  // keys with an open episode that is counted
  int64_t heard_ns_ = 0;
  EpisodeSeries series_;
  StampedeCounts counts_;
};

}  // namespace cachegauge
