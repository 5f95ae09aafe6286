#include "adapters/server/incident_log.h"

#include <gtest/gtest.h>

#include "harness/core/clock.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

class Incidents : public testing::Test {
 protected:
  void SetUp() override {
    log_.begin("redis");
    start_ns_ = monotonic_ns();
  }
  IncidentLog log_;
  int64_t start_ns_;
};

TEST_F(Incidents, TellsAnOutageOfAllConnectionsOnce) {
  for (int i = 0; i < 50; ++i)
    log_.connection_lost(start_ns_ + 3 * kSecond, "the server closed it");
  for (int i = 0; i < 50; ++i) log_.connection_restored(start_ns_ + 4 * kSecond);
  EXPECT_EQ(log_.take(),
            std::vector<std::string>{"redis: 50 connections lost 3.0 s after the start (the server "
                                     "closed it), back after 1.00 s"});
  EXPECT_TRUE(log_.take().empty());
}

TEST_F(Incidents, TellsAnOutageThatLastsAndThenItsEnd) {
  log_.connection_lost(start_ns_, "Connection reset by peer");
  const auto lasting = log_.take();
  ASSERT_EQ(lasting.size(), 1u);
  EXPECT_TRUE(lasting[0].starts_with(
      "redis: connection lost 0.0 s after the start (Connection reset by peer), not back after "))
      << lasting[0];
  EXPECT_TRUE(log_.take().empty());
  log_.connection_restored(start_ns_ + 2 * kSecond);
  EXPECT_EQ(log_.take(), std::vector<std::string>{
                             "redis: the connections lost at 0.0 s were back after 2.00 s"});
}

TEST_F(Incidents, SumsUpAServerThatFlaps) {
  for (int i = 0; i < 1000; ++i) {
    log_.connection_lost(start_ns_ + i * kSecond, "the server closed it");
    log_.connection_restored(start_ns_ + i * kSecond + kSecond / 2);
  }
  const auto texts = log_.take();
  ASSERT_EQ(texts.size(), 9u);
  EXPECT_EQ(texts.back(), "redis: 992 more outages, 496 s in all");
}

TEST_F(Incidents, KeepsOneNoteOfAKind) {
  log_.note("OOM", "first");
  log_.note("OOM", "second");
  log_.note("ERR", "third");
  EXPECT_EQ(log_.take(), (std::vector<std::string>{"first", "third"}));
  log_.note("OOM", "again");
  EXPECT_TRUE(log_.take().empty());
}

}  // namespace
}  // namespace cachegauge
