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
  r.adapter.items = 0;  // known to be none: not the same as unknown
  r.adapter.server_cpu_ns = 15;
  r.adapter.memory_source = "INFO used_memory\nless what it was \\ when empty";
  r.adapter_version = "7.0.15";
  r.adapter_settings = {{"maxmemory", "1 MiB"}, {"connection", ""}};
  r.client_cpus = {0, 2};
  r.server_cpus = {static_cast<int>(random.below(1024))};
  r.warnings = {"connection lost", "a\nb", "\\n is no newline"};
  r.flags = {"client_bound"};
  r.interrupted = true;
  r.failure = "ended\nearly";
  return r;
}

void expect_equal(const RunResult& a, const RunResult& b) {
  for (const CounterField& field : counter_fields()) {
    EXPECT_EQ(a.counters.*field.field, b.counters.*field.field) << field.name;
  }
  for (int i = 0; i < kTimingCount; ++i) {
    EXPECT_EQ(a.timings[i], b.timings[i]) << timing_name(static_cast<Timing>(i));
  }
  EXPECT_EQ(a.duration_ns, b.duration_ns);
  EXPECT_EQ(a.client_user_ns, b.client_user_ns);
  EXPECT_EQ(a.client_system_ns, b.client_system_ns);
  EXPECT_EQ(a.concurrency_ns, b.concurrency_ns);
  EXPECT_EQ(a.concurrency_max, b.concurrency_max);
  EXPECT_EQ(a.series, b.series);
  EXPECT_EQ(a.hit_history, b.hit_history);
  EXPECT_EQ(a.adapter.evictions, b.adapter.evictions);
  EXPECT_EQ(a.adapter.expirations, b.adapter.expirations);
  EXPECT_EQ(a.adapter.bytes_used, b.adapter.bytes_used);
  EXPECT_EQ(a.adapter.items, b.adapter.items);
  EXPECT_EQ(a.adapter.server_cpu_ns, b.adapter.server_cpu_ns);
  EXPECT_EQ(a.adapter.memory_source, b.adapter.memory_source);
  EXPECT_EQ(a.adapter_version, b.adapter_version);
  EXPECT_EQ(a.adapter_settings, b.adapter_settings);
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
