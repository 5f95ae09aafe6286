// Episodes told by hand.
#include "harness/stampede/episodes.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

// Tells the book of a cold start from 0 to 10, so that what follows counts.
EpisodeBook warm_book(int64_t settle_ns = 0) {
  EpisodeBook book({.settle_ns = settle_ns});
  book.note(GuardEvent::kMissed, 0, 0, 0);
  book.note(GuardEvent::kLoadBegan, 0, 0, 0);
  book.note(GuardEvent::kLoaded, 0, 9, 0);
  book.note(GuardEvent::kFilled, 0, 10, 0);
  book.answered(0, 0, 10, Served::kLoaded, true);
  book.note(GuardEvent::kFinished, 0, 10, 0);
  return book;
}

TEST(EpisodeBook, LeavesTheColdStartOut) {
  const EpisodeBook book = warm_book();
  EXPECT_EQ(book.ended(), 1u);
  EXPECT_TRUE(book.counts().episodes.empty());
  EXPECT_EQ(book.counts().served.total(), 0u);
  EXPECT_EQ(book.counts().origin_calls, 0u);
}

TEST(EpisodeBook, EndsWhenTheLastCallIsOver) {
  EpisodeBook book = warm_book();
  book.note(GuardEvent::kMissed, 0, 100, 1);
  book.note(GuardEvent::kLoadBegan, 0, 100, 0);
  book.note(GuardEvent::kMissed, 0, 140, 0);
  book.note(GuardEvent::kLoadBegan, 0, 140, 0);
  book.note(GuardEvent::kLoaded, 0, 150, 100);
  book.note(GuardEvent::kFilled, 0, 151, 100);
  book.answered(0, 99, 151, Served::kLoaded, true);
  book.note(GuardEvent::kFinished, 0, 151, 0);
  EXPECT_EQ(book.ended(), 1u);
  book.answered(0, 150, 152, Served::kFresh, false);  // began in the window
  book.answered(0, 160, 161, Served::kFresh, false);  // after it
  book.note(GuardEvent::kLoaded, 0, 190, 140);
  book.note(GuardEvent::kFilled, 0, 191, 140);
  book.answered(0, 139, 191, Served::kLoaded, true);
  book.note(GuardEvent::kFinished, 0, 191, 0);
  ASSERT_EQ(book.counts().episodes.size(), 1u);
  const StampedeEpisode& episode = book.counts().episodes[0];
  EXPECT_EQ(episode.began_ns, 100);
  EXPECT_EQ(episode.filled_ns, 151);
  EXPECT_EQ(episode.ended_ns, 191);
  EXPECT_EQ(episode.origin_calls, 2u);
  EXPECT_EQ(episode.rest_ns, 90);  // since the cold start
  EXPECT_TRUE(episode.had_value);
  EXPECT_EQ(hard_misses(book.counts()), 0u);
  EXPECT_EQ(rest_between_episodes(book.counts())->mean_ns, 90);
  EXPECT_EQ(book.counts().peak_origin_concurrency, 2u);
  EXPECT_EQ(book.counts().served.total(), 4u);
  EXPECT_EQ(book.counts().served_in_window.total(), 3u);
  EXPECT_EQ(book.counts().late_stale_writes, 0u);
  EXPECT_EQ(book.counts().origin_ns.max(), 50);
}

TEST(EpisodeBook, GoesOnUntilSomebodyFills) {
  EpisodeBook book = warm_book();
  book.note(GuardEvent::kMissed, 0, 100, 0);
  book.note(GuardEvent::kLoadBegan, 0, 100, 0);
  book.note(GuardEvent::kLoadFailed, 0, 110, 100);
  book.note(GuardEvent::kFinished, 0, 110, 0);
  EXPECT_TRUE(book.counts().episodes.empty());
  book.note(GuardEvent::kMissed, 0, 120, 0);
  book.note(GuardEvent::kLoadBegan, 0, 120, 0);
  book.note(GuardEvent::kLoaded, 0, 130, 120);
  book.note(GuardEvent::kFilled, 0, 131, 120);
  book.note(GuardEvent::kFinished, 0, 131, 0);
  ASSERT_EQ(book.counts().episodes.size(), 1u);
  EXPECT_EQ(book.counts().episodes[0].origin_calls, 2u);
  EXPECT_EQ(book.counts().episodes[0].window_ns(), 31);
  EXPECT_EQ(book.counts().origin_errors, 1u);
}

void load_late(EpisodeBook& book, int64_t from_ns) {
  book.note(GuardEvent::kMissed, 0, from_ns, 0);
  book.note(GuardEvent::kLoadBegan, 0, from_ns, 0);
  book.note(GuardEvent::kLoaded, 0, from_ns + 5, from_ns);
  book.note(GuardEvent::kFilled, 0, from_ns + 6, from_ns);
  book.note(GuardEvent::kFinished, 0, from_ns + 6, 0);
}

TEST(EpisodeBook, CountsEverythingOnceItIsWatched) {
  EpisodeBook book = warm_book(50);
  book.watched(20, 15);
  load_late(book, 20);  // soon after the cold start, and not a part of it
  ASSERT_EQ(book.counts().episodes.size(), 1u);
  EXPECT_EQ(book.counts().episodes[0].origin_calls, 1u);
  EXPECT_FALSE(book.counts().episodes[0].rest_ns.has_value());
  EXPECT_EQ(book.counts().round_calls, std::vector<uint64_t>{1});
}

TEST(EpisodeBook, GoesOnForWhoComesSoonAfterItsEnd) {
  EpisodeBook book = warm_book(50);
  load_late(book, 20);  // of the cold start
  EXPECT_EQ(book.ended(), 1u);
  EXPECT_EQ(book.counts().origin_calls, 0u);
  load_late(book, 100);
  load_late(book, 130);
  load_late(book, 200);
  ASSERT_EQ(book.counts().episodes.size(), 2u);
  EXPECT_EQ(book.counts().episodes[0].origin_calls, 2u);
  EXPECT_EQ(book.counts().episodes[0].window_ns(), 6);
  EXPECT_EQ(book.counts().episodes[0].ended_ns, 136);
  EXPECT_EQ(book.counts().episodes[1].origin_calls, 1u);
  EXPECT_EQ(book.ended(), 3u);
}

TEST(EpisodeBook, SeesDoubleHoldersAndLateStaleWrites) {
  EpisodeBook book = warm_book();
  book.note(GuardEvent::kMissed, 0, 100, 0);
  book.note(GuardEvent::kLocked, 0, 100, 0);
  book.note(GuardEvent::kMissed, 0, 120, 0);
  book.note(GuardEvent::kLockBusy, 0, 120, 0);
  book.note(GuardEvent::kLocked, 0, 125, 0);
  book.note(GuardEvent::kFilled, 0, 140, 125);
  book.note(GuardEvent::kUnlocked, 0, 141, 0);
  book.note(GuardEvent::kFilled, 0, 150, 100);
  book.note(GuardEvent::kUnlocked, 0, 151, 0);
  book.note(GuardEvent::kLocked, 0, 160, 0);
  book.note(GuardEvent::kCacheFailed, 0, 170, 0);
  EXPECT_EQ(book.counts().cache_errors, 1u);
  EXPECT_EQ(book.counts().lock_attempts, 4u);
  EXPECT_EQ(book.counts().locks, 3u);
  EXPECT_EQ(book.counts().double_holders, 1u);
  EXPECT_EQ(book.counts().late_stale_writes, 1u);
}

}  // namespace
}  // namespace cachegauge
