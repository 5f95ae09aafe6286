#include "harness/replay/request_feed.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

InMemoryWorkload thousand_gets() {
  std::vector<uint64_t> keys(1000);
  std::iota(keys.begin(), keys.end(), 0);
  return InMemoryWorkload::gets(keys);
}

TEST(RequestFeed, GivesAllUpToTheEndOfAPhaseAndThenTheRest) {
  const auto workload = thousand_gets();
  RequestFeed feed(workload, {}, "", 0, 1);
  uint64_t count = 0;
  while (feed.next(300)) ++count;
  EXPECT_EQ(count, 300u);
  const PreparedRequest* request = feed.next(UINT64_MAX);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->index, 300u);
  count = 1;
  while (feed.next(UINT64_MAX)) ++count;
  EXPECT_EQ(count, 700u);
}

TEST(RequestFeed, ThreadsShareTheRequestsByKeyAndKeepTheirIndex) {
  const auto workload = thousand_gets();
  std::set<uint64_t> seen;
  for (uint32_t thread = 0; thread < 3; ++thread) {
    RequestFeed feed(workload, {}, "", thread, 3);
    uint64_t of_thread = 0;
    while (const PreparedRequest* request = feed.next(UINT64_MAX)) {
      EXPECT_EQ(feed.keys().key(request->id), std::to_string(request->index));
      EXPECT_TRUE(seen.insert(request->index).second);
      ++of_thread;
    }
    EXPECT_GT(of_thread, 250u);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RequestFeed, LimitCountsRowsOfTheWholeWorkload) {
  const auto workload = thousand_gets();
  RequestRules rules;
  rules.limit = 500;
  uint64_t count = 0;
  for (uint32_t thread = 0; thread < 2; ++thread) {
    RequestFeed feed(workload, rules, "", thread, 2);
    while (feed.next(UINT64_MAX)) ++count;
  }
  EXPECT_EQ(count, 500u);
}

TEST(RequestFeed, RewindKeepsTheIds) {
  const auto workload = InMemoryWorkload::gets({5, 6, 5});
  RequestFeed feed(workload, {}, "", 0, 1);
  while (feed.next(UINT64_MAX)) {
  }
  feed.rewind();
  EXPECT_EQ(feed.next(UINT64_MAX)->id, 0u);
  EXPECT_EQ(feed.next(UINT64_MAX)->id, 1u);
  EXPECT_EQ(feed.next(UINT64_MAX)->id, 0u);
  EXPECT_EQ(feed.keys().size(), 2u);
}

TEST(RequestFeed, RulesChangeWhatIsRead) {
  const InMemoryWorkload workload({InMemoryWorkload::request(Op::kSet, 1, 5000, 1'000'000'000)});
  RequestRules rules{.all_as_get = true, .ignore_size = true, .ignore_ttl = true};
  RequestFeed feed(workload, rules, "", 0, 1);
  const PreparedRequest* request = feed.next(UINT64_MAX);
  EXPECT_EQ(request->op, Op::kGet);
  EXPECT_EQ(request->value_size_bytes, RequestRules::kIgnoredSizeBytes);
  EXPECT_EQ(request->ttl_ns, 0);
}

}  // namespace
}  // namespace cachegauge
