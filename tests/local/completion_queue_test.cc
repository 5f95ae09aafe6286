#include "adapters/local/completion_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace cachegauge {
namespace {

TEST(CompletionQueue, HandsOutInOrder) {
  CompletionQueue queue;
  std::array<Completion, 4> out;
  EXPECT_EQ(queue.poll(out), 0u);
  queue.push(1, Outcome::kMiss);
  queue.push_hit(2, "two");
  queue.push_hit(3, "");
  ASSERT_EQ(queue.poll(out), 3u);
  EXPECT_EQ(out[0].tag, 1u);
  EXPECT_EQ(out[0].outcome, Outcome::kMiss);
  EXPECT_EQ(out[0].value, "");
  EXPECT_EQ(out[1].tag, 2u);
  EXPECT_EQ(out[1].outcome, Outcome::kHit);
  EXPECT_EQ(out[1].value, "two");
  EXPECT_EQ(out[2].outcome, Outcome::kHit);
  EXPECT_EQ(out[2].value, "");
  EXPECT_EQ(queue.poll(out), 0u);
}

TEST(CompletionQueue, ValuesStayUntilTheNextPollWhateverIsPushed) {
  CompletionQueue queue;
  std::array<Completion, 8> out;
  queue.push_hit(1, "first");
  ASSERT_EQ(queue.poll(out), 1u);
  for (int i = 0; i < 100; ++i) queue.push_hit(2, std::string(1000, 'x'));
  EXPECT_EQ(out[0].value, "first");
}

TEST(CompletionQueue, PollsInParts) {
  CompletionQueue queue;
  std::array<Completion, 2> out;
  for (uint64_t tag = 0; tag < 5; ++tag) queue.push_hit(tag, std::to_string(tag));
  const auto expect_poll = [&](std::vector<std::string> tags) {
    ASSERT_EQ(queue.poll(out), tags.size());
    for (size_t i = 0; i < tags.size(); ++i) {
      EXPECT_EQ(std::to_string(out[i].tag), tags[i]);
      EXPECT_EQ(out[i].value, tags[i]);
    }
  };
  expect_poll({"0", "1"});
  queue.push_hit(5, "5");
  expect_poll({"2", "3"});
  expect_poll({"4"});  // one batch a poll
  expect_poll({"5"});
  expect_poll({});
}

}  // namespace
}  // namespace cachegauge
