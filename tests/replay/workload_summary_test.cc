#include "harness/replay/workload_summary.h"

#include <gtest/gtest.h>

#include "tests/support/in_memory_workload.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

TEST(WorkloadSummary, CountsWhatARunNeedsToKnow) {
  const InMemoryWorkload workload({
      InMemoryWorkload::request(Op::kGet, 1, 100, 0, 0),
      InMemoryWorkload::request(Op::kSet, 20, 50, 4 * kSecond, kSecond),
      InMemoryWorkload::request(Op::kSet, 1, 999, 6 * kSecond, 3 * kSecond),
      InMemoryWorkload::request(Op::kDelete, 0, 0, 0, 2 * kSecond),
  });
  const WorkloadSummary summary = summarize_workload(workload, {});
  EXPECT_EQ(summary.requests, 4u);
  EXPECT_EQ(summary.unique_keys, 3u);
  EXPECT_EQ(summary.op_count(Op::kGet), 1u);
  EXPECT_EQ(summary.op_count(Op::kSet), 2u);
  EXPECT_EQ(summary.op_count(Op::kDelete), 1u);
  EXPECT_EQ(summary.with_ttl, 2u);
  EXPECT_EQ(summary.ttl_divisor_ns, 2 * kSecond);
  EXPECT_EQ(summary.footprint_bytes, (1 + 100) + (2 + 50) + (1 + 0u));
  EXPECT_EQ(summary.largest_value_bytes, 999u);
  EXPECT_EQ(summary.span_ns, 3 * kSecond);
}

TEST(WorkloadSummary, FingerprintTellsOrderKeysSizesAndOpsApart) {
  auto fingerprint = [](std::vector<Request> requests) {
    return summarize_workload(InMemoryWorkload(std::move(requests)), {}).fingerprint;
  };
  const Request a = InMemoryWorkload::request(Op::kGet, 1);
  const Request b = InMemoryWorkload::request(Op::kGet, 2);
  const std::string base = fingerprint({a, b});
  EXPECT_EQ(base.size(), 16u);
  EXPECT_EQ(base, fingerprint({a, b}));
  EXPECT_NE(base, fingerprint({b, a}));
  EXPECT_NE(base, fingerprint({a, b, b}));
  EXPECT_NE(base, fingerprint({a, InMemoryWorkload::request(Op::kSet, 2)}));
  EXPECT_NE(base, fingerprint({a, InMemoryWorkload::request(Op::kGet, 2, 101)}));
}

}  // namespace
}  // namespace cachegauge
