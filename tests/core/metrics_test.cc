#include "harness/core/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cachegauge {
namespace {

bool has(const std::vector<std::pair<std::string, double>>& flat, std::string_view name) {
  return std::any_of(flat.begin(), flat.end(), [&](const auto& m) { return m.first == name; });
}

TEST(Metrics, DerivesRatios) {
  RunResult r;
  r.counters = {.gets = 100,
                .hits = 60,
                .misses = 30,
                .get_errors = 10,
                .sets = 20,
                .fills = 30,
                .errors = 15,
                .get_bytes = 1000,
                .hit_bytes = 250};
  r.duration_ns = 2'000'000'000;
  r.concurrency_ns = 6'000'000'000;
  r.client_user_ns = 1'000'000;
  r.client_system_ns = 200'000;
  r.adapter.bytes_used = 900;
  r.adapter.payload_bytes = 600;
  r.adapter.items = 3;
  r.adapter.server_cpu_ns = 500'000'000;
  r.timing(Timing::kServiceOrigin).record(1'500'000'000);
  const Metrics m = derive_metrics(r);
  EXPECT_DOUBLE_EQ(m.hit_ratio.value(), 60.0 / 90);  // failed gets are neither hit nor miss
  EXPECT_DOUBLE_EQ(m.byte_hit_ratio.value(), 0.25);
  EXPECT_EQ(m.requests, 120u);
  EXPECT_DOUBLE_EQ(m.throughput_rps.value(), 60);
  EXPECT_DOUBLE_EQ(m.concurrency_mean.value(), 3);
  EXPECT_DOUBLE_EQ(m.error_ratio.value(), 0.1);
  EXPECT_DOUBLE_EQ(m.bytes_per_item.value(), 300);
  EXPECT_DOUBLE_EQ(m.overhead_ratio.value(), 1.5);
  EXPECT_DOUBLE_EQ(m.origin_busy_s.value(), 1.5);
  EXPECT_DOUBLE_EQ(m.client_cpu_ns_per_request.value(), 10'000);
  EXPECT_DOUBLE_EQ(m.server_s.value(), 0.5);
}

TEST(Metrics, TakesTheMemoryOfAnItemApart) {
  RunResult r;
  r.adapter.payload_bytes = 600;
  r.adapter.bytes_used = 900;
  r.adapter.rss_bytes = 1500;
  r.adapter.items = 3;
  const Metrics m = derive_metrics(r);
  EXPECT_DOUBLE_EQ(m.payload_bytes_per_item.value(), 200);
  EXPECT_DOUBLE_EQ(m.overhead_bytes_per_item.value(), 100);
  EXPECT_DOUBLE_EQ(m.rss_extra_bytes_per_item.value(), 200);
}

TEST(Metrics, AWholeThatIsLessThanItsPartHasNoRest) {
  RunResult r;
  r.adapter.payload_bytes = 600;
  r.adapter.bytes_used = 500;
  r.adapter.rss_bytes = 400;
  r.adapter.items = 2;
  const Metrics m = derive_metrics(r);
  EXPECT_FALSE(m.overhead_bytes_per_item || m.rss_extra_bytes_per_item);
}

TEST(Metrics, DerivesTheOriginAtWhichACacheBreaksEven) {
  RunResult r;
  r.counters = {.gets = 101, .hits = 75, .misses = 25, .get_errors = 1, .fills = 20};
  r.timing(Timing::kServiceGet).record(30, 100);
  r.timing(Timing::kServiceFill).record(60, 20);
  const double origin_ns = derive_metrics(r).break_even_origin_ns.value();
  EXPECT_DOUBLE_EQ(origin_ns, (30 + 0.2 * 60) / 0.75);
  // There a get through the cache costs as much as one without it.
  EXPECT_DOUBLE_EQ(30 + 0.2 * 60 + 0.25 * origin_ns, origin_ns);
}

TEST(Metrics, ACacheThatNeverHitsNeverBreaksEven) {
  RunResult r;
  r.counters = {.gets = 10, .misses = 10};
  r.timing(Timing::kServiceGet).record(30, 10);
  EXPECT_FALSE(derive_metrics(r).break_even_origin_ns);
  r.counters = {.gets = 10, .hits = 5, .misses = 5, .fills = 5};  // none of which was timed
  EXPECT_FALSE(derive_metrics(r).break_even_origin_ns);
}

TEST(Metrics, ReliefIsTheShareOfGetsThatTheOriginWasSpared) {
  RunResult r;
  r.counters = {.gets = 10, .hits = 7, .misses = 3};
  EXPECT_FALSE(derive_metrics(r).origin_relief);  // nobody was asked, so perhaps nobody is there
  r.counters.origin_calls = 3;
  EXPECT_DOUBLE_EQ(derive_metrics(r).origin_relief.value(), 0.7);
  r.origin_statistics = {{"queries", 3}};
  const auto flat = flat_metrics(r);
  EXPECT_TRUE(has(flat, "origin.relief"));
  EXPECT_TRUE(has(flat, "origin.statistics.queries"));
}

TEST(Metrics, WhatCannotBeDividedIsUnknown) {
  const Metrics m = derive_metrics(RunResult());
  EXPECT_FALSE(m.hit_ratio || m.byte_hit_ratio || m.throughput_rps || m.concurrency_mean ||
               m.error_ratio || m.bytes_per_item || m.overhead_ratio || m.origin_busy_s ||
               m.client_cpu_ns_per_request || m.server_s);
}

TEST(Metrics, ClosedLoopsOfferNothing) {
  RunResult r;
  r.counters.gets = 10;
  r.duration_ns = 1'000'000'000;
  const Metrics m = derive_metrics(r);
  EXPECT_FALSE(m.offered_rps || m.sent_rps || m.backlog_mean);
  EXPECT_FALSE(has(flat_metrics(r), "offered_rps"));
  EXPECT_FALSE(has(flat_metrics(r), "backlog.mean"));
  EXPECT_FALSE(has(flat_metrics(r), "capacity.rate_rps"));
}

TEST(Metrics, DerivesTheLoadOfAnOpenLoop) {
  RunResult r;
  r.counters.gets = 1001;
  r.duration_ns = 4'000'000'000;
  r.load = {.offered = 1001,  // and so 1000 gaps
            .schedule_span_ns = 2'000'000'000,
            .sent_span_ns = 2'500'000'000,
            .backlog_max = 9};
  r.timing(Timing::kConnectionWait).record(0, 1000);
  r.timing(Timing::kConnectionWait).record(2'000'000'000);
  const Metrics m = derive_metrics(r);
  EXPECT_DOUBLE_EQ(m.offered_rps.value(), 500);
  EXPECT_DOUBLE_EQ(m.sent_rps.value(), 400);
  EXPECT_DOUBLE_EQ(m.backlog_mean.value(), 0.5);
  EXPECT_TRUE(has(flat_metrics(r), "offered_rps"));
  EXPECT_TRUE(has(flat_metrics(r), "sent_rps"));
  EXPECT_TRUE(has(flat_metrics(r), "backlog.mean"));
  EXPECT_TRUE(has(flat_metrics(r), "backlog.max"));
  EXPECT_TRUE(has(flat_metrics(r), "connection_wait_ns.p99"));
  EXPECT_FALSE(has(flat_metrics(r), "schedule_lag_ns.p99"));
}

TEST(Metrics, OneRequestIsNoRate) {
  RunResult r;
  r.counters.gets = 1;
  r.duration_ns = 1'000'000;
  r.load.offered = 1;
  EXPECT_FALSE(derive_metrics(r).offered_rps);
  r.load.sent_span_ns = 50;  // it was late
  EXPECT_FALSE(derive_metrics(r).sent_rps);
}

// Looking at the clock until a request is due is no cost of the request.
TEST(Metrics, SpinningIsNoCostOfARequest) {
  RunResult r;
  r.counters.gets = 100;
  r.duration_ns = 1'000'000'000;
  r.client_user_ns = 900'000;
  r.client_system_ns = 300'000;
  r.load.spin_ns = 200'000;
  EXPECT_DOUBLE_EQ(derive_metrics(r).client_cpu_ns_per_request.value(), 10'000);
}

TEST(Metrics, ResponsesAreThoseOfEveryKind) {
  RunResult r;
  r.timing(Timing::kResponseGet).record(1, 5);
  r.timing(Timing::kResponseGetHit).record(1, 3);  // among the gets already
  r.timing(Timing::kResponseSet).record(2, 7);
  r.timing(Timing::kResponseAdd).record(3, 11);
  r.timing(Timing::kResponseDelete).record(4, 13);
  r.timing(Timing::kServiceGet).record(9, 100);
  EXPECT_EQ(all_responses(r).count(), 36u);
  EXPECT_EQ(all_responses(r).max(), 4);
}

TEST(Metrics, ACapacityThatWasFoundIsFlat) {
  RunResult r;
  r.capacity = Capacity();
  EXPECT_FALSE(has(flat_metrics(r), "capacity.rate_rps"));
  r.capacity->rate = 5;
  EXPECT_TRUE(has(flat_metrics(r), "capacity.rate_rps"));
}

TEST(Metrics, FlatLeavesOutWhatIsUnknown) {
  RunResult r;
  EXPECT_TRUE(has(flat_metrics(r), "gets"));
  EXPECT_TRUE(has(flat_metrics(r), "origin.calls"));
  EXPECT_FALSE(has(flat_metrics(r), "hit_ratio"));
  EXPECT_FALSE(has(flat_metrics(r), "evictions"));
  EXPECT_FALSE(has(flat_metrics(r), "service_time_ns.get.p99"));
  r.adapter.evictions = 0;
  r.timing(Timing::kServiceGet).record(5);
  EXPECT_TRUE(has(flat_metrics(r), "evictions"));
  EXPECT_TRUE(has(flat_metrics(r), "service_time_ns.get.p99"));
}

}  // namespace
}  // namespace cachegauge
