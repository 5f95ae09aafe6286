#include "harness/stampede/episodes.h"

#include <algorithm>

namespace cachegauge {

void EpisodeBook::begin(Key& key, int64_t now_ns) {
  ++key.involved;
  if (key.open) return;
  key.open = true;
  if (goes_on(key, now_ns)) {
    --ended_;
    key.warm = key.place != kNowhere;
  } else {
    key.place = kNowhere;
    key.episode = {.began_ns = now_ns};
  }
}

bool EpisodeBook::goes_on(const Key& key, int64_t now_ns) const {
  return key.warm && now_ns - key.episode.ended_ns < settle_ns_;
}

void EpisodeBook::count_load(Key& key) {
  ++key.episode.origin_calls;
  ++in_flight_;
  if (!key.warm) return;
  ++counts_.origin_calls;
  counts_.peak_origin_concurrency = std::max(counts_.peak_origin_concurrency, in_flight_);
}

void EpisodeBook::fill(Key& key, int64_t now_ns, int64_t read_ns) {
  if (key.episode.filled_ns == 0) key.episode.filled_ns = now_ns;
  if (key.warm && read_ns < key.held_read_ns) ++counts_.late_stale_writes;
  key.held_read_ns = read_ns;
}

void EpisodeBook::end_if_quiet(Key& key, int64_t now_ns) {
  if (key.involved > 0 || key.episode.filled_ns == 0 || !key.open) return;
  key.open = false;
  key.episode.ended_ns = now_ns;
  ++ended_;
  if (key.place != kNowhere) {
    counts_.episodes[key.place] = key.episode;
  } else if (key.warm) {
    key.place = counts_.episodes.size();
    counts_.episodes.push_back(key.episode);
  }
  key.warm = true;
}

void EpisodeBook::note(GuardEvent event, uint32_t number, int64_t now_ns, int64_t detail) {
  Key& key = keys_[number];
  const uint64_t counted = key.warm ? 1 : 0;
  switch (event) {
    case GuardEvent::kMissed:
      return begin(key, now_ns);
    case GuardEvent::kLoadBegan:
      return count_load(key);
    case GuardEvent::kLoaded:
      --in_flight_;
      if (key.warm) counts_.origin_ns.record(now_ns - detail);
      return;
    case GuardEvent::kLoadFailed:
      --in_flight_;
      counts_.origin_errors += counted;
      return;
    case GuardEvent::kFilled:
      return fill(key, now_ns, detail);
    case GuardEvent::kFillFailed:
      counts_.fill_errors += counted;
      return;
    case GuardEvent::kLocked:
      counts_.lock_attempts += counted;
      counts_.locks += counted;
      if (key.holders++ > 0) counts_.double_holders += counted;
      return;
    case GuardEvent::kLockBusy:
      counts_.lock_attempts += counted;
      return;
    case GuardEvent::kUnlocked:
      --key.holders;
      return;
    case GuardEvent::kCacheFailed:
      counts_.cache_errors += counted;
      return;
    case GuardEvent::kPolled:
      counts_.polls += counted;
      return;
    case GuardEvent::kFaulted:
      counts_.faults += counted;
      return;
    case GuardEvent::kFinished:
      --key.involved;
      return end_if_quiet(key, now_ns);
  }
}

void EpisodeBook::started(int64_t intended_ns, int64_t now_ns) {
  ++counts_.started;
  counts_.first_start_ns = std::min(counts_.first_start_ns, intended_ns);
  counts_.last_start_ns = std::max(counts_.last_start_ns, intended_ns);
  counts_.lag_ns.record(now_ns - intended_ns);
}

void EpisodeBook::answered(uint32_t number, int64_t intended_ns, int64_t now_ns, Served served,
                           bool missed) {
  const Key& key = keys_[number];
  if (!key.warm) return;
  const int64_t response_ns = now_ns - intended_ns;
  ++counts_.served[served];
  counts_.response_ns.record(response_ns);
  const StampedeEpisode& episode = key.episode;
  const bool after_begin = intended_ns >= episode.began_ns;
  const bool before_fill = episode.filled_ns == 0 || intended_ns < episode.filled_ns;
  if (!missed && !(after_begin && before_fill)) return;
  ++counts_.served_in_window[served];
  counts_.response_in_window_ns.record(response_ns);
}

}  // namespace cachegauge
