#include "tests/reports/sample_stampede.h"

#include <algorithm>

namespace cachegauge {
namespace {

constexpr int64_t kMs = 1'000'000;

// Each episode has a window of 50 ms, in which 50 requests begin.
StampedeCounts counts_of(const std::vector<uint64_t>& calls, const ServedCounts& served) {
  StampedeCounts counts;
  counts.series = {.interval_ns = 10 * kMs, .begins_ns = -20 * kMs, .buckets = {}};
  counts.series.buckets.resize(10);
  for (StampedeBucket& bucket : counts.series.buckets) {
    bucket.observed_ns = static_cast<int64_t>(calls.size()) * 10 * kMs;
    bucket.arrivals = 10 * calls.size();
    bucket.served[Served::kFresh] = bucket.arrivals;
  }
  int64_t now_ns = 0;
  for (uint64_t of_episode : calls) {
    now_ns += 1000 * kMs;
    counts.episodes.push_back({.began_ns = now_ns,
                               .filled_ns = now_ns + 50 * kMs,
                               .ended_ns = now_ns + 60 * kMs,
                               .origin_calls = of_episode,
                               .rest_ns = 940 * kMs,
                               .had_value = false});
    counts.origin_calls += of_episode;
    counts.peak_origin_concurrency = std::max(counts.peak_origin_concurrency, of_episode);
    counts.origin_ns.record(50 * kMs, of_episode);
    counts.series.buckets[2].origin_calls += of_episode;
    counts.series.buckets[2].at_origin_ns += static_cast<int64_t>(of_episode) * 10 * kMs;
    counts.series.buckets[2].peak_at_origin = of_episode;
  }
  counts.served = served;
  counts.served_in_window = served;
  counts.started = 4001;
  counts.first_start_ns = 0;
  counts.last_start_ns = 4000 * kMs;
  return counts;
}

ServedCounts served_of(uint64_t fresh, uint64_t stale, uint64_t loaded, uint64_t waited,
                       uint64_t failed = 0) {
  return {.by_kind = {fresh, stale, loaded, waited, failed}};
}

StampedeCell cell_of(const std::string& guard, StampedeCounts counts, int64_t wait_ns) {
  for (int i = 1; i <= 100; ++i) counts.response_in_window_ns.record(wait_ns * i / 100, 2);
  counts.response_ns = counts.response_in_window_ns;
  counts.response_ns.record(0, 3800);
  StampedeCell cell;
  cell.scenario = "hot-key-expiry";
  cell.adapter = cell.adapter_kind = "redis";
  cell.guard = guard;
  cell.driver = "open:rate=1000";
  cell.time = "virtual";
  cell.origin = "sleep:latency=50ms";
  cell.ttl_ns = 1000 * kMs;
  cell.asked_rate = 1000;
  cell.figures = derive_figures(counts);
  return cell;
}

}  // namespace

StampedeReport sample_stampede() {
  StampedeReport report;
  report.experiment_json = R"({"guards":["none","token-lock","swr"]})";
  report.context.cpu_model = "some processor";
  report.context.cores = 2;
  report.cells.push_back(
      cell_of("none", counts_of({48, 50, 52, 54}, served_of(3796, 0, 204, 0)), 50 * kMs));
  report.cells[0].expected = {
      .origin_calls = 51, .standard_error = 3.5, .formula = "1 + rate x window"};
  report.cells.push_back(
      cell_of("token-lock", counts_of({1, 1, 1, 1}, served_of(3800, 0, 4, 196)), 50 * kMs));
  report.cells[1].expected = {.origin_calls = 1, .standard_error = 0, .formula = "1"};
  StampedeCounts swr = counts_of({1, 1, 1, 1}, served_of(3800, 200, 0, 0));
  swr.stale_ns.record(25 * kMs, 200);
  report.cells.push_back(cell_of("swr", std::move(swr), 0));
  return report;
}

StampedeReport flushed_stampede() {
  StampedeReport report;
  report.warnings = {"the machine was busy"};
  report.interrupted = true;
  for (const char* adapter : {"redis", "memcached"}) {
    StampedeCounts counts = counts_of({1, 2, 1}, served_of(3700, 10, 4, 280, 6));
    counts.round_calls = {2, 2};
    counts.lag_ns.record(100'000, 4001);
    counts.origin_errors = 1;
    counts.fill_errors = 2;
    counts.cache_errors = 3;
    counts.lock_attempts = 300;
    counts.locks = 4;
    counts.polls = 296;
    counts.double_holders = 1;
    counts.faults = 5;
    counts.late_stale_writes = 2;
    StampedeCell cell = cell_of("token-lock:ttl=20ms", std::move(counts), 70 * kMs);
    cell.scenario = "flush:keys=3";
    cell.adapter = cell.adapter_kind = adapter;
    cell.adapter_version = "7.0.1";
    cell.driver = "closed:clients=50";
    cell.time = "real";
    cell.fault = "dies-before:times=2";
    cell.workload = "trace:path=a_b.csv";
    cell.keys = 3;
    cell.clients = 50;
    cell.processes = 2;
    cell.asked_rate.reset();
    cell.expected_window_ms = 90;
    cell.warnings = {"the lock is short"};
    report.cells.push_back(std::move(cell));
  }
  report.cells[1].flags = {"cache_errors", "unheard_of"};
  report.cells[1].interrupted = true;
  return report;
}

}  // namespace cachegauge
