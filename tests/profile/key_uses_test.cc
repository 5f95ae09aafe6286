#include "harness/profile/key_uses.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "harness/core/random.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

constexpr int64_t kMilli = 1'000'000;

struct Kind {
  bool only_gets, has_times;
};

// More than a chunk of the trace, of keys that are asked for rarely and often; after a pause, which
// no window has requests in.
std::vector<Request> random_requests(const Kind& kind, uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<Request> requests;
  int64_t now = 0;
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t key = random.below(random.below(4) == 0 ? 50'000 : 300);
    const Op op = kind.only_gets ? Op::kGet : static_cast<Op>(random.below(kOpCount));
    now += static_cast<int64_t>(random.below(3)) * kMilli + (i == 60'000 ? 20'000 * kMilli : 0);
    requests.push_back(InMemoryWorkload::request(op, key, 10 + key % 7 + random.below(2), 0,
                                                 kind.has_times ? now : Request::kNoTime));
  }
  return requests;
}

// Looks at one request after another, and keeps everything.
struct Naive {
  struct Known {
    uint32_t requests = 0;
    int64_t last = 0, last_ns = 0;
    bool unread = false;
  };

  Naive(const std::vector<Request>& rows, bool has_times) {
    const int64_t length = has_times ? rows.back().time_ns + 1 : std::ssize(rows);
    const int64_t window_length = (length + 59) / 60;
    std::map<uint64_t, Known> keys;
    std::set<uint64_t> in_window;
    for (int64_t i = 0; i < std::ssize(rows); ++i) {
      const Request& row = rows[static_cast<size_t>(i)];
      const int64_t at = has_times ? row.time_ns : i;
      while (at >= window_length * std::ssize(windows)) {
        const auto begin = static_cast<double>(window_length * std::ssize(windows));
        windows.push_back({.begin = has_times ? begin / 1e9 : begin});
        in_window.clear();
      }
      ProfileWindow& window = windows.back();
      Known& known = keys[row.integer_key];
      ++window.requests;
      window.new_keys += known.requests == 0;
      if (in_window.insert(row.integer_key).second) {
        ++window.unique_keys;
        window.unique_bytes += std::to_string(row.integer_key).size() + row.value_size_bytes;
      }
      if (known.requests > 0) {
        gaps.record(i - known.last);
        if (has_times) times_us.record((row.time_ns - known.last_ns) / 1000);
      }
      if (row.op != Op::kAdd) {
        unread_writes += row.op != Op::kGet && known.unread;
        known.unread = row.op == Op::kSet;
      }
      known = {known.requests + 1, i, row.time_ns, known.unread};
    }
    for (const auto& [key, known] : keys) requests.insert(known.requests);
  }

  std::vector<ProfileWindow> windows;
  Histogram gaps, times_us;
  uint64_t unread_writes = 0;
  std::multiset<uint32_t> requests;
};

class KeyUsesOf : public testing::TestWithParam<Kind> {};

TEST_P(KeyUsesOf, AreThoseOfANaiveCount) {
  const auto [only_gets, has_times] = GetParam();
  const std::vector<Request> rows = random_requests(GetParam(), 21);
  const Naive naive(rows, has_times);
  const InternedTrace trace(InMemoryWorkload(rows), {}, UINT64_MAX);
  ASSERT_EQ(trace.only_gets(), only_gets);
  const KeyUses uses(trace, has_times);
  EXPECT_EQ(uses.gaps(), naive.gaps);
  EXPECT_EQ(uses.times_us(), naive.times_us);
  EXPECT_EQ(uses.unread_writes(), naive.unread_writes);
  EXPECT_EQ(uses.unread_writes() > 0, !only_gets);
  EXPECT_EQ(std::multiset(uses.requests().begin(), uses.requests().end()), naive.requests);
  ASSERT_EQ(uses.windows().size(), naive.windows.size());
  bool has_empty = false;
  for (size_t i = 0; i < naive.windows.size(); ++i) {
    const ProfileWindow &window = uses.windows()[i], &wanted = naive.windows[i];
    EXPECT_EQ(window.begin, wanted.begin) << i;
    EXPECT_EQ(window.requests, wanted.requests) << i;
    EXPECT_EQ(window.unique_keys, wanted.unique_keys) << i;
    EXPECT_EQ(window.new_keys, wanted.new_keys) << i;
    EXPECT_EQ(window.unique_bytes, wanted.unique_bytes) << i;
    has_empty |= window.requests == 0;
  }
  EXPECT_EQ(has_empty, has_times);
}

INSTANTIATE_TEST_SUITE_P(Traces, KeyUsesOf,
                         testing::Values(Kind{true, false}, Kind{true, true}, Kind{false, false},
                                         Kind{false, true}),
                         [](const auto& kind) {
                           return std::string(kind.param.only_gets ? "Gets" : "AllOps") +
                                  (kind.param.has_times ? "WithTimes" : "");
                         });

}  // namespace
}  // namespace cachegauge
