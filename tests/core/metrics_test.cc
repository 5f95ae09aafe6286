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

// 100 bytes for the first thousand requests, and 50 for each of the next two: by hand the line
// through (0, 0), (1000, 100), (2000, 150), (3000, 200) rises by 0.065 a request.
TEST(Metrics, GrowthIsTheSlopeOfMemoryOverRequests) {
  RunResult r;
  EXPECT_EQ(derive_metrics(r).growth_bytes_per_request, std::nullopt);
  r.series = Series(1000);
  for (const auto& [t_ns, bytes] : {std::pair{1000, 100u}, {2000, 150u}, {3000, 200u}}) {
    SeriesBucket& bucket = r.series.at(t_ns);
    bucket.counts.requests = 1000;
    bucket.memory = {.taken = true, .bytes_used = bytes};
  }
  r.bytes_used_before = 0;
  EXPECT_DOUBLE_EQ(derive_metrics(r).growth_bytes_per_request.value(), 0.065);
  r.series = Series(1000);
  r.series.at(500).counts.requests = 100;
  r.series.at(500).memory = {.taken = true, .bytes_used = 700};
  EXPECT_DOUBLE_EQ(derive_metrics(r).growth_bytes_per_request.value(), 7);
  r.bytes_used_before = std::nullopt;
  EXPECT_EQ(derive_metrics(r).growth_bytes_per_request, std::nullopt) << "one point has no slope";
}

TEST(Metrics, PartsOfACacheHaveHitRatiosOfTheirOwn) {
  RunResult r;
  EXPECT_TRUE(part_hit_ratios(r).empty());
  r.adapter_statistics = {{"l1_hits", 30},  {"l1_misses", 10}, {"l2_hits", 0},
                          {"l2_misses", 0}, {"odd_hits", 7},   {"messages_sent", 3}};
  using Ratios = std::vector<std::pair<std::string, std::optional<double>>>;
  EXPECT_EQ(part_hit_ratios(r), (Ratios{{"l1", 0.75}, {"l2", std::nullopt}}));
  const auto flat = flat_metrics(r);
  EXPECT_TRUE(has(flat, "adapter.statistics.odd_hits") && has(flat, "adapter.hit_ratios.l1"));
  EXPECT_FALSE(has(flat, "adapter.hit_ratios.l2"));
}

TEST(Metrics, CopiesAreThoseOfACacheThatSaysSo) {
  RunResult r;
  r.counters = {.gets = 10, .hits = 5, .misses = 5, .hit_bytes = 500};
  EXPECT_EQ(derive_metrics(r).copied_bytes_per_hit, std::nullopt);
  r.adapter_settings = {{"copy", "copy"}};
  EXPECT_DOUBLE_EQ(derive_metrics(r).copied_bytes_per_hit.value(), 100);
  r.adapter_settings = {{"copy", "share"}};
  EXPECT_DOUBLE_EQ(derive_metrics(r).copied_bytes_per_hit.value(), 0);
}

// Half of the responses were timed, and all of the codec's work.
TEST(Metrics, SerialisationHasItsShareOfTheResponseTime) {
  RunResult r;
  r.counters = {.gets = 4, .hits = 3, .misses = 1, .fills = 1};
  r.timing(Timing::kResponseGet).record(1000, 2);
  r.timing(Timing::kEncode).record(400);
  r.timing(Timing::kDecode).record(200, 3);
  EXPECT_EQ(derive_metrics(r).codec_share, std::nullopt) << "there was none";
  r.layers = LayerCounts{.plain_bytes = 100, .encoded_bytes = 80};
  const Metrics m = derive_metrics(r);
  EXPECT_DOUBLE_EQ(m.codec_share.value(), 0.25);
  EXPECT_DOUBLE_EQ(m.encoded_ratio.value(), 0.8);
  EXPECT_EQ(m.named_key_bytes, std::nullopt);
  r.layers = LayerCounts{.keys_named = 4, .plain_key_bytes = 10, .named_key_bytes = 64};
  EXPECT_DOUBLE_EQ(derive_metrics(r).named_key_bytes.value(), 16);
  EXPECT_DOUBLE_EQ(derive_metrics(r).plain_key_bytes.value(), 2.5);
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
  r.load.spin_ns = 1'300'000;
  EXPECT_FALSE(derive_metrics(r).client_cpu_ns_per_request) << "more than there was";
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
