#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>

#include "adapters/server/completion_buffer.h"
#include "adapters/server/output_buffer.h"
#include "adapters/server/outstanding.h"
#include "adapters/server/ring.h"

namespace cachegauge {
namespace {

TEST(Ring, IsAQueue) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937_64 random(kSeed);
  Ring<uint64_t> ring;
  std::deque<uint64_t> model;
  for (int i = 0; i < 100'000; ++i) {
    if (model.empty() || random() % 100 < 51) {
      ring.push_back(random());
      model.push_back(ring[ring.size() - 1]);
    } else {
      ring.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    if (model.empty()) continue;
    const size_t at = random() % model.size();
    ASSERT_EQ(ring[at], model[at]);
  }
}

TEST(OutputBuffer, KeepsPositionsOverPartialWrites) {
  OutputBuffer buffer;
  buffer.append("hello ");
  buffer.append("world");
  buffer.consume(3);
  EXPECT_EQ(buffer.unsent(), "lo world");
  EXPECT_EQ(buffer.sent_bytes(), 3u);
  EXPECT_EQ(buffer.queued_bytes(), 11u);
  buffer.append(std::string(100'000, 'x'));
  EXPECT_EQ(buffer.unsent().substr(0, 10), "lo worldxx");
  buffer.consume(100'008);
  EXPECT_TRUE(buffer.unsent().empty());
  EXPECT_EQ(buffer.sent_bytes(), buffer.queued_bytes());
}

TEST(OutstandingQueue, GivesUpInOrderAndDropsLateReplies) {
  OutstandingQueue queue;
  queue.push({.tag = 1});
  queue.push({.tag = 2});
  EXPECT_FALSE(queue.has_deadline());
  queue.flushed(100, 50);
  queue.push({.tag = 3});
  queue.flushed(120, 50);
  queue.push({.tag = 4});
  EXPECT_EQ(queue.next_deadline_ns(), 150);
  std::vector<uint64_t> given_up;
  auto expire = [&](int64_t now_ns) {
    queue.expire(now_ns, [&](const Outstanding& o) { given_up.push_back(o.tag); });
  };
  expire(149);
  EXPECT_TRUE(given_up.empty());
  expire(1000);  // the one that was not flushed has no deadline yet
  EXPECT_EQ(given_up, (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_FALSE(queue.has_deadline());
  EXPECT_TRUE(queue.pop_front_given_up());
  EXPECT_TRUE(queue.pop_front_given_up());
  EXPECT_TRUE(queue.pop_front_given_up());
  EXPECT_FALSE(queue.pop_front_given_up());
  EXPECT_TRUE(queue.empty());
}

TEST(OutstandingQueue, StartsAnewWhatTheKernelDidNotTake) {
  OutstandingQueue queue;
  queue.push({.tag = 1, .position = 0});
  queue.push({.tag = 2, .position = 40});
  queue.push({.tag = 3, .position = 80});
  queue.flushed(100, 50);
  queue.restart_from(50, 130);  // 50 bytes went out: part of the second, nothing of the third
  std::vector<int64_t> starts;
  queue.for_each_live([&](const Outstanding& o) { starts.push_back(o.started_ns); });
  EXPECT_EQ(starts, (std::vector<int64_t>{100, 100, 130}));
  EXPECT_EQ(queue.next_deadline_ns(), 150);
}

TEST(CompletionBuffer, KeepsValuesUntilTheNextPoll) {
  CompletionBuffer buffer;
  auto add = [&](uint64_t tag, std::string_view value) {
    buffer.stage(value);
    buffer.add({.tag = tag, .outcome = Outcome::kHit, .value = {}});
  };
  add(1, "one");
  add(2, "two");
  buffer.stage("late");
  buffer.drop_staged();
  add(3, "");
  std::array<Completion, 2> out;
  ASSERT_EQ(buffer.poll(out), 2u);
  for (int i = 0; i < 1000; ++i) add(100, "filler");  // while the caller looks at the two
  EXPECT_EQ(out[0].value, "one");
  EXPECT_EQ(out[1].value, "two");
  EXPECT_TRUE(buffer.more());
  ASSERT_EQ(buffer.poll(out), 1u) << "the rest of the first batch";
  EXPECT_EQ(out[0].tag, 3u);
  EXPECT_EQ(out[0].value, "");
  EXPECT_TRUE(buffer.more());
  size_t count = 0;
  while (const size_t n = buffer.poll(out)) {
    count += n;
    EXPECT_EQ(out[n - 1].value, "filler");
  }
  EXPECT_EQ(count, 1000u);
  EXPECT_FALSE(buffer.more());
}

}  // namespace
}  // namespace cachegauge
