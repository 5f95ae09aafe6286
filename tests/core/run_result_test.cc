#include "harness/core/run_result.h"

#include <string>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

RunResult sample(uint64_t seed) {
  SplitMix64 random(seed);
  RunResult r;
  for (const CounterField& field : counter_fields()) r.counters.*field.field = random.next() >> 8;
  r.guard.emplace();
  for (const GuardCountField& field : guard_count_fields()) {
    (*r.guard).*field.field = random.next() >> 8;
  }
  PatternFigures& pattern = r.pattern.emplace();
  for (const PatternCountField& field : pattern_count_fields()) {
    pattern.*field.field = random.next() >> 8;
  }
  for (const PatternHistogramField& field : pattern_histogram_fields()) {
    for (uint64_t i = random.below(4); i > 0; --i) {
      (pattern.*field.field).record(static_cast<int64_t>(random.next() >> 24));
    }
  }
  pattern.lost_writes = random.next() >> 8;
  pattern.checked_keys = 0;  // and of drifted_keys nothing is known
  pattern.killed_at_ns = 17;
  r.layers.emplace();
  for (const LayerCountField& field : layer_count_fields()) {
    (*r.layers).*field.field = random.next() >> 8;
  }
  for (Histogram& h : r.timings) {
    for (uint64_t i = random.below(100); i > 0; --i) {
      h.record(static_cast<int64_t>(random.next() >> 24));
    }
  }
  r.duration_ns = static_cast<int64_t>(random.next() >> 8);
  r.client_user_ns = 11;
  r.client_system_ns = 12;
  r.concurrency_ns = 13;
  r.concurrency_max = 14;
  r.load = {.offered = static_cast<int64_t>(random.next() >> 8),
            .schedule_span_ns = static_cast<int64_t>(random.next() >> 8),
            .sent_span_ns = static_cast<int64_t>(random.next() >> 8),
            .backlog_max = static_cast<int64_t>(random.below(100)),
            .paused_ns = static_cast<int64_t>(random.below(1000)),
            .longest_pause_ns = static_cast<int64_t>(random.below(1000)),
            .spin_ns = static_cast<int64_t>(random.below(1000))};
  r.capacity = {.slo = "p99=1ms,p99.9=5ms",
                .rate = 1e6 * random.uniform(),
                .limited_by = seed % 2 ? "server" : "client",
                .trials = {{.rate = 0.1, .achieved = 1 / 3.0, .held = true},
                           {.rate = 1e9 * random.uniform(),
                            .achieved = random.uniform(),
                            .held = false,
                            .client_bound = true,
                            .percentiles_ns = {1, static_cast<int64_t>(random.next() >> 20)},
                            .why = "p99 was 2.4 ms;\n909 requests/s were answered"}}};
  r.series = Series(100'000'000);
  OpenTimes times;
  for (int64_t i = 0; i < 6; ++i) {
    times.record(static_cast<int64_t>(random.next() >> 24));
    SeriesBucket& bucket = r.series.at(static_cast<int64_t>(random.below(600'000'000)));
    bucket.counts = {random.next() >> 8, 2, 3, 4, 5};
    bucket.times = times.take();
    bucket.memory = {.taken = i % 3 > 0, .bytes_used = {}};
    if (i % 3 == 2) bucket.memory.bytes_used = random.next();
  }
  r.hit_history = HitHistory(500);
  for (uint64_t i = 0; i < 500; ++i) r.hit_history.add(500 + random.below(5'000), {2, 1});
  r.adapter.evictions = random.next();
  r.adapter.not_admitted = random.next();
  r.adapter.items = 0;  // known to be none: not the same as unknown
  r.adapter.server_cpu_ns = 15;
  r.adapter.disk_bytes = 4096;
  r.adapter.memory_source = "INFO used_memory\nless what it was \\ when empty";
  r.adapter_version = "7.0.15";
  r.adapter_settings = {{"maxmemory", "1 MiB"}, {"connection", ""}};
  r.adapter_statistics = {{"l1_hits", random.next()}, {"l1_misses", 0}};
  r.bytes_used_before = random.next();
  r.origin_version = "15.4 (Debian)";
  r.origin_settings = {{"server", "private"}, {"fsync", ""}};
  r.origin_statistics = {{"queries", random.next()}, {"blocks_read", 0}};
  r.client_cpus = {0, 2};
  r.server_cpus = {static_cast<int>(random.below(1024))};
  r.warnings = {"connection lost", "a\nb", "\\n is no newline"};
  r.flags = {"client_bound"};
  r.interrupted = true;
  r.failure = "ended\nearly";
  return r;
}

void expect_equal(const std::optional<Capacity>& a, const std::optional<Capacity>& b) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (!a) return;
  EXPECT_EQ(a->slo, b->slo);
  EXPECT_EQ(a->rate, b->rate);
  EXPECT_EQ(a->limited_by, b->limited_by);
  ASSERT_EQ(a->trials.size(), b->trials.size());
  for (size_t i = 0; i < a->trials.size(); ++i) {
    const CapacityTrial &x = a->trials[i], &y = b->trials[i];
    EXPECT_EQ(x.rate, y.rate);
    EXPECT_EQ(x.achieved, y.achieved);
    EXPECT_EQ(x.held, y.held);
    EXPECT_EQ(x.client_bound, y.client_bound);
    EXPECT_EQ(x.percentiles_ns, y.percentiles_ns);
    EXPECT_EQ(x.why, y.why);
  }
}

void expect_equal(const std::optional<PatternFigures>& a, const std::optional<PatternFigures>& b) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (!a) return;
  for (const PatternCountField& field : pattern_count_fields()) {
    EXPECT_EQ((*a).*field.field, (*b).*field.field) << field.name;
  }
  for (const PatternHistogramField& field : pattern_histogram_fields()) {
    EXPECT_EQ((*a).*field.field, (*b).*field.field) << field.name;
  }
  for (const PatternFindingField& field : pattern_finding_fields()) {
    EXPECT_EQ((*a).*field.field, (*b).*field.field) << field.name;
  }
  EXPECT_EQ(a->killed_at_ns, b->killed_at_ns);
}

void expect_equal(const RunResult& a, const RunResult& b) {
  for (const CounterField& field : counter_fields()) {
    EXPECT_EQ(a.counters.*field.field, b.counters.*field.field) << field.name;
  }
  for (int i = 0; i < kTimingCount; ++i) {
    EXPECT_EQ(a.timings[i], b.timings[i]) << timing_name(static_cast<Timing>(i));
  }
  EXPECT_EQ(a.guard.has_value(), b.guard.has_value());
  for (const GuardCountField& field : guard_count_fields()) {
    if (!a.guard || !b.guard) continue;
    EXPECT_EQ((*a.guard).*field.field, (*b.guard).*field.field) << field.name;
  }
  expect_equal(a.pattern, b.pattern);
  EXPECT_EQ(a.layers.has_value(), b.layers.has_value());
  for (const LayerCountField& field : layer_count_fields()) {
    if (!a.layers || !b.layers) continue;
    EXPECT_EQ((*a.layers).*field.field, (*b.layers).*field.field) << field.name;
  }
  EXPECT_EQ(a.duration_ns, b.duration_ns);
  EXPECT_EQ(a.client_user_ns, b.client_user_ns);
  EXPECT_EQ(a.client_system_ns, b.client_system_ns);
  EXPECT_EQ(a.concurrency_ns, b.concurrency_ns);
  EXPECT_EQ(a.concurrency_max, b.concurrency_max);
  EXPECT_EQ(a.load.offered, b.load.offered);
  EXPECT_EQ(a.load.schedule_span_ns, b.load.schedule_span_ns);
  EXPECT_EQ(a.load.sent_span_ns, b.load.sent_span_ns);
  EXPECT_EQ(a.load.backlog_max, b.load.backlog_max);
  EXPECT_EQ(a.load.paused_ns, b.load.paused_ns);
  EXPECT_EQ(a.load.longest_pause_ns, b.load.longest_pause_ns);
  EXPECT_EQ(a.load.spin_ns, b.load.spin_ns);
  expect_equal(a.capacity, b.capacity);
  EXPECT_EQ(a.series, b.series);
  EXPECT_EQ(a.hit_history, b.hit_history);
  EXPECT_EQ(a.adapter.evictions, b.adapter.evictions);
  EXPECT_EQ(a.adapter.expirations, b.adapter.expirations);
  EXPECT_EQ(a.adapter.not_admitted, b.adapter.not_admitted);
  EXPECT_EQ(a.adapter.bytes_used, b.adapter.bytes_used);
  EXPECT_EQ(a.adapter.items, b.adapter.items);
  EXPECT_EQ(a.adapter.disk_bytes, b.adapter.disk_bytes);
  EXPECT_EQ(a.adapter.server_cpu_ns, b.adapter.server_cpu_ns);
  EXPECT_EQ(a.adapter.memory_source, b.adapter.memory_source);
  EXPECT_EQ(a.adapter_version, b.adapter_version);
  EXPECT_EQ(a.adapter_settings, b.adapter_settings);
  EXPECT_EQ(a.adapter_statistics, b.adapter_statistics);
  EXPECT_EQ(a.bytes_used_before, b.bytes_used_before);
  EXPECT_EQ(a.origin_version, b.origin_version);
  EXPECT_EQ(a.origin_settings, b.origin_settings);
  EXPECT_EQ(a.origin_statistics, b.origin_statistics);
  EXPECT_EQ(a.client_cpus, b.client_cpus);
  EXPECT_EQ(a.server_cpus, b.server_cpus);
  EXPECT_EQ(a.warnings, b.warnings);
  EXPECT_EQ(a.flags, b.flags);
  EXPECT_EQ(a.interrupted, b.interrupted);
  EXPECT_EQ(a.failure, b.failure);
}

TEST(RunResult, ComesBackAsItWasWritten) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    expect_equal(parse_run_result(serialize(sample(seed))), sample(seed));
  }
  expect_equal(parse_run_result(serialize(RunResult())), RunResult());
}

TEST(RunResult, MergingAdds) {
  const RunResult a = sample(1), b = sample(2);
  RunResult merged = a;
  merged.merge(b);
  for (const CounterField& field : counter_fields()) {
    const uint64_t x = a.counters.*field.field, y = b.counters.*field.field;
    EXPECT_EQ(merged.counters.*field.field, field.by_maximum ? std::max(x, y) : x + y)
        << field.name;
  }
  EXPECT_EQ(merged.guard->waited, a.guard->waited + b.guard->waited);
  EXPECT_EQ(merged.pattern->unread_writes, a.pattern->unread_writes + b.pattern->unread_writes);
  EXPECT_EQ(merged.pattern->lost_writes, *a.pattern->lost_writes + *b.pattern->lost_writes);
  EXPECT_EQ(merged.pattern->drifted_keys, std::nullopt);
  EXPECT_EQ(merged.pattern->batch_rows.count(),
            a.pattern->batch_rows.count() + b.pattern->batch_rows.count());
  for (int i = 0; i < kTimingCount; ++i) {
    EXPECT_EQ(merged.timings[i].count(), a.timings[i].count() + b.timings[i].count());
    EXPECT_TRUE(merged.timings[i].sum() == a.timings[i].sum() + b.timings[i].sum());
  }
  EXPECT_EQ(merged.duration_ns, std::max(a.duration_ns, b.duration_ns));
  EXPECT_EQ(merged.client_user_ns, 22);
  EXPECT_EQ(merged.concurrency_max, 28u);
  EXPECT_EQ(merged.series.total().requests, a.series.total().requests + b.series.total().requests);
  EXPECT_EQ(merged.adapter.evictions, a.adapter.evictions);  // one figure a cell: the first known
  EXPECT_EQ(merged.client_cpus, (std::vector<int>{0, 2}));
  EXPECT_EQ(merged.server_cpus.size(), 2u);
  EXPECT_EQ(merged.warnings.size(), 6u);
  EXPECT_EQ(merged.flags.size(), 1u);
}

TEST(RunResult, ACapacityThatWasNotFoundComesBack) {
  RunResult result;
  result.capacity = {.slo = "p99=1ns", .rate = {}, .limited_by = "", .trials = {}};
  expect_equal(parse_run_result(serialize(result)), result);
  result.capacity->slo = "";
  expect_equal(parse_run_result(serialize(result)), result);
}

// Threads run side by side: what they sent adds up, and when they did does not.
TEST(RunResult, LoadFiguresOfThreadsMerge) {
  RunResult a, b;
  a.load = {.offered = 100,
            .schedule_span_ns = 900,
            .sent_span_ns = 950,
            .backlog_max = 3,
            .paused_ns = 20,
            .longest_pause_ns = 10,
            .spin_ns = 7};
  b.load = {.offered = 50,
            .schedule_span_ns = 1000,
            .sent_span_ns = 940,
            .backlog_max = 4,
            .paused_ns = 15,
            .longest_pause_ns = 15,
            .spin_ns = 8};
  a.merge(b);
  EXPECT_EQ(a.load.offered, 150);
  EXPECT_EQ(a.load.schedule_span_ns, 1000);
  EXPECT_EQ(a.load.sent_span_ns, 950);
  EXPECT_EQ(a.load.backlog_max, 7);
  EXPECT_EQ(a.load.paused_ns, 20);
  EXPECT_EQ(a.load.longest_pause_ns, 15);
  EXPECT_EQ(a.load.spin_ns, 15);
}

TEST(RunResult, TheFirstKnownCapacityIsKept) {
  RunResult merged, a, b;
  a.capacity = {.slo = "p99=1ms", .rate = 5, .limited_by = "", .trials = {}};
  b.capacity = {.slo = "p99=1ms", .rate = 7, .limited_by = "", .trials = {}};
  merged.merge(RunResult());
  EXPECT_FALSE(merged.capacity);
  merged.merge(a);
  merged.merge(b);
  EXPECT_EQ(merged.capacity->rate, 5);
}

TEST(RunResult, MergingIntoNothingIsTheOther) {
  RunResult merged;
  merged.merge(sample(3));
  expect_equal(merged, sample(3));
}

TEST(RunResult, EveryWayOfCuttingItShortIsSeen) {
  const std::string text = serialize(sample(1));
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW(parse_run_result(text.substr(0, length)), Error) << length;
  }
}

TEST(RunResult, SaysWhatIsWrong) {
  const std::string header = "cachegauge-run-result 1\n";
  auto with = [&](const std::string& line) { return header + line + "\nend\n"; };
  EXPECT_ERROR(kFailed, "not a run result of this version",
               parse_run_result("cachegauge-run-result 2\nend\n"));
  EXPECT_ERROR(kFailed, "a run result that was cut short", parse_run_result(""));
  EXPECT_ERROR(kFailed, "a run result that was cut short", parse_run_result(header));
  EXPECT_ERROR(kFailed, "a run result with an unknown line \"counte\"",
               parse_run_result(with("counte gets 1")));
  EXPECT_ERROR(kFailed, "a run result with an unknown counter \"get\"",
               parse_run_result(with("counter get 1")));
  EXPECT_ERROR(kFailed, "a run result with \"-1\" for a number",
               parse_run_result(with("counter gets -1")));
  EXPECT_ERROR(kFailed, "a run result with \"\" for a number",
               parse_run_result(with("counter gets")));
  EXPECT_ERROR(kFailed, "a run result with a stray \"2\"",
               parse_run_result(with("counter gets 1 2")));
  EXPECT_ERROR(kFailed, "a run result with an unknown histogram \"service_time_ns.put\"",
               parse_run_result(with("histogram service_time_ns.put 1 1 0 1 1:1")));
  EXPECT_ERROR(kFailed, "a run result with a bad histogram",
               parse_run_result(with("histogram service_time_ns.get 1 1 0 1 1")));
  EXPECT_ERROR(kFailed, "a histogram with too many buckets",
               parse_run_result(with("histogram service_time_ns.get 1 1 0 1 99999999999:1")));
  EXPECT_ERROR(kFailed, "a histogram whose minimum and maximum do not fit its counts",
               parse_run_result(with("histogram service_time_ns.get 2 2 0 2 1:1")));
  EXPECT_ERROR(kFailed, "a run result with \"x\" for a number",
               parse_run_result(with("client_cpus 0 x")));
  EXPECT_ERROR(kFailed, "a run result with an unknown figure \"pages\"",
               parse_run_result(with("adapter pages 1")));
  EXPECT_ERROR(kFailed, "a series with an interval that none has",
               parse_run_result(with("series 0")));
  EXPECT_ERROR(kFailed, "a series whose interval and buckets do not agree",
               parse_run_result(with("bucket 1 1 1 0 0 -")));
  EXPECT_ERROR(kFailed, "a bucket of a series with bad response times",
               parse_run_result(with("series 1000\nbucket 1 1 1 0 0 - 7:1 7:1")));
  EXPECT_ERROR(kFailed, "a run result with \"7\" for a pair of numbers",
               parse_run_result(with("series 1000\nbucket 1 1 1 0 0 ? 7")));
  EXPECT_ERROR(kFailed, "a run result with an unknown load figure \"sent\"",
               parse_run_result(with("load sent 1")));
  EXPECT_ERROR(kFailed, "a run result with a trial before its capacity",
               parse_run_result(with("trial 1 1 1 0 0 ")));
  EXPECT_ERROR(kFailed, "a run result with \"fast\" for a number",
               parse_run_result(with("capacity fast none p99=1ms")));
  EXPECT_ERROR(kFailed, "a run result with \"\" for a number",
               parse_run_result(with("capacity 1 none p99=1ms\ntrial 1 1 1 0 1")));
  EXPECT_ERROR(kFailed, "a history of hits whose parts do not agree",
               parse_run_result(with("hit_history 0 256 256 1:1 1:1")));
  std::string too_many = "series 1000";
  for (size_t i = 0; i <= Series::kMaxBuckets; ++i) too_many += "\nbucket 1 1 1 0 0 -";
  EXPECT_ERROR(kFailed, "a series whose interval and buckets do not agree",
               parse_run_result(with(too_many)));
}

// Whatever the bytes: an Error or a result, nothing else.
TEST(RunResult, DamagedTextNeverDoesMore) {
  const std::string text = serialize(sample(1));
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    std::string damaged = text;
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    try {
      parse_run_result(damaged);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace cachegauge
