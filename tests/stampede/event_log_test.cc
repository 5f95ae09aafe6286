// What several processes tell, put together.
#include "harness/stampede/event_log.h"

#include <gtest/gtest.h>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

void load(StampedeLog& log, int64_t from_ns, int64_t to_ns) {
  log.started(from_ns, from_ns + 1);
  log.note(GuardEvent::kMissed, 0, from_ns + 1, 0);
  log.note(GuardEvent::kLoadBegan, 0, from_ns + 1, 0);
  log.note(GuardEvent::kLoaded, 0, to_ns - 1, from_ns + 1);
  log.note(GuardEvent::kFilled, 0, to_ns, from_ns + 1);
  log.answered(0, from_ns, to_ns, Served::kLoaded, true);
  log.note(GuardEvent::kFinished, 0, to_ns, 0);
}

TEST(EventLog, PutsTheEventsOfProcessesInOrder) {
  EventLog first, second, all;
  load(first, 0, 50);  // the cold start
  load(first, 1000, 1050);
  load(second, 1020, 1070);
  second.started(1060, 1061);
  second.answered(0, 1060, 1062, Served::kFresh, false);
  second.note(GuardEvent::kServedStale, 0, 1062, 7);
  all.add(second.bytes());
  all.add(first.bytes());
  EpisodeBook book({});
  all.read_to(book);
  const StampedeCounts& counts = book.counts();
  ASSERT_EQ(counts.episodes.size(), 1u);
  EXPECT_EQ(counts.episodes[0].began_ns, 1001);
  EXPECT_EQ(counts.episodes[0].filled_ns, 1050);
  EXPECT_EQ(counts.episodes[0].ended_ns, 1070);
  EXPECT_EQ(counts.episodes[0].origin_calls, 2u);
  EXPECT_EQ(counts.peak_origin_concurrency, 2u);
  EXPECT_EQ(counts.served.total(), 3u);
  EXPECT_EQ(counts.stale_ns.max(), 7);
  EXPECT_EQ(counts.started, 4u);
  EXPECT_EQ(counts.first_start_ns, 0);
  EXPECT_EQ(counts.last_start_ns, 1060);
  EXPECT_EQ(counts.lag_ns.max(), 1);
}

TEST(EventLog, RefusesWhatWasCutOff) {
  EventLog log, all;
  load(log, 0, 50);
  std::string bytes = log.bytes();
  bytes.pop_back();
  EXPECT_THROW(all.add(bytes), Error);
}

}  // namespace
}  // namespace cachegauge
