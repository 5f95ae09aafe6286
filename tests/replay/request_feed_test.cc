#include "harness/replay/request_feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
      EXPECT_EQ(request->key, std::to_string(request->index));
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
  EXPECT_EQ(feed.next(UINT64_MAX)->record->id(), 0u);
  EXPECT_EQ(feed.next(UINT64_MAX)->record->id(), 1u);
  EXPECT_EQ(feed.next(UINT64_MAX)->record->id(), 0u);
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

using Schedule = std::vector<std::pair<uint64_t, double>>;  // (index, arrival)

Schedule schedule_of(RequestFeed& feed, uint64_t end = UINT64_MAX) {
  Schedule schedule;
  while (const PreparedRequest* request = feed.next(end)) {
    schedule.emplace_back(request->index, request->arrival);
  }
  return schedule;
}

TEST(RequestFeed, ThreadsHaveTheirPartsOfOneSchedule) {
  const auto workload = thousand_gets();
  for (Arrivals arrivals : {Arrivals::kPoisson, Arrivals::kConstant}) {
    RequestFeed whole(workload, {}, "", 0, 1);
    whole.schedule(arrivals, 42, 1);
    const Schedule expected = schedule_of(whole);
    Schedule together;
    for (uint32_t thread = 0; thread < 3; ++thread) {
      RequestFeed feed(workload, {}, "", thread, 3);
      feed.schedule(arrivals, 42, 1);
      const Schedule part = schedule_of(feed);
      EXPECT_LT(part.size(), expected.size());
      together.insert(together.end(), part.begin(), part.end());
    }
    std::ranges::sort(together);
    EXPECT_EQ(together, expected);
  }
}

TEST(RequestFeed, ArrivalsAreAUnitApartInTheMean) {
  const auto workload = thousand_gets();
  RequestFeed constant(workload, {}, "", 0, 1);
  constant.schedule(Arrivals::kConstant, 42, 1);
  for (const auto& [index, arrival] : schedule_of(constant)) {
    ASSERT_EQ(arrival, static_cast<double>(index) + 1);
  }
  RequestFeed poisson(workload, {}, "", 0, 1);
  poisson.schedule(Arrivals::kPoisson, 42, 1);
  EXPECT_NEAR(schedule_of(poisson).back().second, 1000, 100);
}

TEST(RequestFeed, APhaseEndsWithoutLosingTheRequestThatWasLookedAt) {
  const auto workload = thousand_gets();
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.schedule(Arrivals::kPoisson, 42, 1);
  EXPECT_EQ(schedule_of(feed, 300).size(), 300u);
  EXPECT_EQ(feed.peek(300), nullptr);
  const PreparedRequest first = *feed.peek(UINT64_MAX);
  EXPECT_EQ(first.index, 300u);
  EXPECT_EQ(feed.next(UINT64_MAX)->arrival, first.arrival);
  EXPECT_EQ(feed.next(UINT64_MAX)->index, 301u);
}

InMemoryWorkload timed(const std::vector<int64_t>& times, int64_t ttl_ns = 0) {
  std::vector<Request> requests;
  requests.reserve(times.size());
  for (int64_t time : times) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, requests.size(), 100, ttl_ns, time));
  }
  return InMemoryWorkload(std::move(requests));
}

std::vector<double> arrivals_of(RequestFeed& feed, size_t count) {
  std::vector<double> arrivals;
  for (; count > 0; --count) arrivals.push_back(feed.next(UINT64_MAX)->arrival);
  return arrivals;
}

TEST(RequestFeed, ATracesOwnTimesNeverFall) {
  const auto workload = timed({0, 50, 20, 49, 51, 51, 0, 100});
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.schedule(Arrivals::kTrace, 42, 1);
  EXPECT_EQ(arrivals_of(feed, 8), (std::vector<double>{0, 50, 50, 50, 51, 51, 51, 100}));
}

TEST(RequestFeed, SpeedDividesTtlsAndLeavesArrivalsToTheLoop) {
  const auto workload = timed({0, 100}, 30);
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.schedule(Arrivals::kTrace, 42, 4);
  EXPECT_EQ(feed.next(UINT64_MAX)->ttl_ns, 8) << "7.5, rounded";
  EXPECT_EQ(feed.next(UINT64_MAX)->arrival, 100);
}

TEST(RequestFeed, ArrivalsGoOnAfterARewind) {
  const auto workload = timed({0, 10, 30});
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.schedule(Arrivals::kTrace, 42, 1);
  arrivals_of(feed, 3);
  feed.rewind();
  EXPECT_EQ(arrivals_of(feed, 3), (std::vector<double>{30, 40, 60}));
  EXPECT_EQ(feed.next(UINT64_MAX), nullptr);
}

TEST(RequestFeed, RepeatedTheFirstFollowsTheLast) {
  const auto workload = InMemoryWorkload::gets({5, 6, 7});
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.schedule(Arrivals::kConstant, 42, 1);
  feed.repeat();
  for (uint64_t i = 0; i < 10; ++i) {
    const PreparedRequest* request = feed.next(UINT64_MAX);
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(request->index, i) << "indices rise";
    EXPECT_EQ(request->arrival, static_cast<double>(i) + 1);
    EXPECT_EQ(request->record->id(), i % 3) << "and ids stay";
  }
  EXPECT_EQ(feed.next(10), nullptr);
  EXPECT_EQ(feed.keys().size(), 3u);
}

TEST(RequestFeed, ALimitIsThatOfEachPass) {
  const auto workload = thousand_gets();
  RequestRules rules;
  rules.limit = 100;  // more than one batch, and no multiple of it
  RequestFeed feed(workload, rules, "", 0, 1);
  feed.repeat();
  for (uint64_t i = 0; i < 450; ++i) {
    const PreparedRequest* request = feed.next(UINT64_MAX);
    ASSERT_EQ(request->index, i);
    ASSERT_EQ(request->key, std::to_string(i % 100));
  }
  EXPECT_EQ(feed.keys().size(), 100u);
}

TEST(RequestFeed, ThreadsRepeatTheSameSchedule) {
  const auto workload = InMemoryWorkload::gets({1, 2, 3, 4, 5, 6, 7});
  RequestFeed whole(workload, {}, "", 0, 1);
  whole.schedule(Arrivals::kPoisson, 42, 1);
  whole.repeat();
  Schedule together;
  for (uint32_t thread = 0; thread < 2; ++thread) {
    RequestFeed feed(workload, {}, "", thread, 2);
    feed.schedule(Arrivals::kPoisson, 42, 1);
    feed.repeat();
    const Schedule part = schedule_of(feed, 1000);
    together.insert(together.end(), part.begin(), part.end());
  }
  std::ranges::sort(together);
  EXPECT_EQ(together, schedule_of(whole, 1000));
}

// Of a workload with few keys a thread may have none: then it is done, however often the others
// repeat theirs.
TEST(RequestFeed, AThreadWithoutKeysRepeatsNothing) {
  const auto workload = InMemoryWorkload::gets({5, 5, 5});
  int with_requests = 0;
  for (uint32_t thread = 0; thread < 2; ++thread) {
    RequestFeed feed(workload, {}, "", thread, 2);
    feed.repeat();
    with_requests += feed.next(UINT64_MAX) != nullptr;
  }
  EXPECT_EQ(with_requests, 1);
  const auto nothing = InMemoryWorkload::gets({});
  RequestFeed empty(nothing, {}, "", 0, 1);
  empty.repeat();
  EXPECT_EQ(empty.next(UINT64_MAX), nullptr);
}

TEST(RequestFeed, SparesTheRecordsOfNumberedKeysThatAreOnlyRead) {
  const auto workload = thousand_gets();
  RequestFeed spared(workload, {}, "", 0, 1), whole(workload, {}, "", 0, 1);
  spared.spare_records();
  while (const PreparedRequest* expected = whole.next(UINT64_MAX)) {
    const PreparedRequest* request = spared.next(UINT64_MAX);
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(request->record, nullptr);
    EXPECT_EQ(request->key, expected->key);
    EXPECT_EQ(request->key_hash, expected->key_hash);
    EXPECT_EQ(request->index, expected->index);
    EXPECT_EQ(request->value_size_bytes, expected->value_size_bytes);
    EXPECT_EQ(request->versions().current(), expected->record->versions.current());
    EXPECT_EQ(request->versions().floor(), expected->record->versions.floor());
    EXPECT_EQ(spared.unique_keys(),
              64 * (request->index / 64 + 1) - (request->index / 64 == 15) * 24);
  }
  EXPECT_EQ(spared.next(UINT64_MAX), nullptr);
  EXPECT_EQ(spared.keys().size(), 0u);
}

TEST(RequestFeed, FromTheFirstWriteOnEachKeyHasARecord) {
  std::vector<Request> rows;
  for (uint64_t i = 0; i < 200; ++i) rows.push_back(InMemoryWorkload::request(Op::kGet, i % 10));
  rows.push_back(InMemoryWorkload::request(Op::kSet, 3));
  for (uint64_t i = 0; i < 200; ++i) rows.push_back(InMemoryWorkload::request(Op::kGet, i % 20));
  const InMemoryWorkload workload(rows);
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.spare_records();
  for (uint64_t i = 0; i < 192; ++i) EXPECT_EQ(feed.next(UINT64_MAX)->record, nullptr);
  for (uint64_t i = 192; i < 401; ++i) {
    const PreparedRequest* request = feed.next(UINT64_MAX);
    ASSERT_NE(request->record, nullptr) << i;
    EXPECT_EQ(request->record->bytes(), request->key);
  }
  EXPECT_EQ(feed.unique_keys(), 20u) << "none is counted twice";
}

TEST(RequestFeed, SparesNothingThatIsNotAPlainNumber) {
  const auto spares = [](Request row, const std::string& prefix = "", uint32_t threads = 1) {
    const InMemoryWorkload workload({row});
    RequestFeed feed(workload, {}, prefix, thread_of(row.key_hash(), threads), threads);
    feed.spare_records();
    return feed.next(UINT64_MAX)->record == nullptr;
  };
  Request plain = InMemoryWorkload::request(Op::kGet, 7);
  EXPECT_TRUE(spares(plain));
  EXPECT_FALSE(spares(plain, "cg:"));
  EXPECT_FALSE(spares(plain, "", 2));
  Request padded = plain, text = plain, large = plain, write = plain;
  padded.key_size_bytes = 16;
  text.text_key = "7";
  large.integer_key = uint64_t{1} << 40;
  write.op = Op::kDelete;
  for (const Request& row : {padded, text, large, write}) EXPECT_FALSE(spares(row));
}

TEST(RequestFeed, ASparedRecordCanBeHadAfterAll) {
  const auto workload = InMemoryWorkload::gets({41, 42});
  RequestFeed feed(workload, {}, "", 0, 1);
  feed.spare_records();
  const PreparedRequest* request = feed.next(UINT64_MAX);
  KeyRecord& record = feed.record(*request);
  EXPECT_EQ(record.bytes(), "41");
  EXPECT_EQ(&feed.record(*request), &record);
  EXPECT_EQ(feed.unique_keys(), 2u);
}

}  // namespace
}  // namespace cachegauge
