#include "harness/stampede/episodes.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cachegauge {

void EpisodeBook::begin(Key& key, int64_t now_ns, bool had_value) {
  ++key.involved;
  if (key.open) return;
  key.open = true;
  if (goes_on(key, now_ns)) {
    --ended_;
    key.warm = key.place != kNowhere;
  } else {
    key.place = kNowhere;
    std::optional<int64_t> rest_ns;
    if (key.episode.filled_ns > 0) rest_ns = now_ns - key.episode.ended_ns;
    key.episode = {.began_ns = now_ns, .rest_ns = rest_ns, .had_value = had_value};
  }
  if (!key.warm) return;
  if (open_++ == 0 && key.place == kNowhere && !rules_.is_watched) series_.begin(now_ns, now_ns);
}

bool EpisodeBook::goes_on(const Key& key, int64_t now_ns) const {
  const StampedeEpisode& last = key.episode;
  return key.warm && last.filled_ns > 0 && now_ns - last.ended_ns < rules_.settle_ns;
}

// From now on every key counts: whatever it had is no cold start of the scenario's.
void EpisodeBook::watched(int64_t zero_ns, int64_t now_ns) {
  heard_ns_ = now_ns;
  series_.begin(zero_ns, now_ns);
  counts_.round_calls.push_back(0);
  for (Key& key : keys_) {
    if (!key.open && key.place == kNowhere) key.episode = {};  // or what follows may go on with it
    if (key.warm) continue;
    key.warm = true;
    if (key.open) ++open_;
  }
}

void EpisodeBook::count_load(Key& key, int64_t now_ns) {
  ++key.episode.origin_calls;
  ++in_flight_;
  series_.load_began(now_ns);
  if (!key.warm) return;
  ++counts_.origin_calls;
  if (!counts_.round_calls.empty()) ++counts_.round_calls.back();
  counts_.peak_origin_concurrency = std::max(counts_.peak_origin_concurrency, in_flight_);
}

void EpisodeBook::end_load(int64_t now_ns) {
  --in_flight_;
  series_.load_ended(now_ns);
}

void EpisodeBook::fill(Key& key, int64_t now_ns, int64_t read_ns) {
  if (key.episode.filled_ns == 0) key.episode.filled_ns = now_ns;
  if (key.warm && read_ns < key.held_read_ns) ++counts_.late_stale_writes;
  key.held_read_ns = read_ns;
}

void EpisodeBook::end_if_quiet(Key& key, int64_t now_ns) {
  if (key.involved > 0 || key.episode.filled_ns == 0 || !key.open) return;
  key.open = false;
  if (key.warm) --open_;
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
  heard_ns_ = now_ns;
  switch (event) {
    case GuardEvent::kMissed:
      return begin(key, now_ns, detail != 0);
    case GuardEvent::kLoadBegan:
      return count_load(key, now_ns);
    case GuardEvent::kLoaded:
      end_load(now_ns);
      if (key.warm) counts_.origin_ns.record(now_ns - detail);
      return;
    case GuardEvent::kLoadFailed:
      end_load(now_ns);
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
    case GuardEvent::kServedStale:
      if (key.warm) counts_.stale_ns.record(detail);
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
  series_.started(intended_ns, now_ns);
}

void EpisodeBook::answered(uint32_t number, int64_t intended_ns, int64_t now_ns, Served served,
                           bool missed) {
  const Key& key = keys_[number];
  heard_ns_ = now_ns;
  series_.answered(intended_ns, now_ns, served);
  if (!key.warm) return;
  const int64_t response_ns = now_ns - intended_ns;
  ++counts_.served[served];
  counts_.response_ns.record(response_ns);
  const StampedeEpisode& episode = key.episode;
  const bool after_begin = intended_ns >= episode.began_ns;
  const bool before_fill = intended_ns < episode.filled_ns || (key.open && episode.filled_ns == 0);
  if (!missed && !(after_begin && before_fill)) return;
  ++counts_.served_in_window[served];
  counts_.response_in_window_ns.record(response_ns);
}

StampedeCounts EpisodeBook::take() {
  counts_.series = series_.take(heard_ns_);
  return std::move(counts_);
}

}  // namespace cachegauge
