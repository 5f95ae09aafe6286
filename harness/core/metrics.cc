#include "harness/core/metrics.h"

#include <fmt/format.h>

namespace cachegauge {
namespace {

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

std::optional<double> ratio(std::optional<uint64_t> part, std::optional<uint64_t> whole) {
  if (!part || !whole) return std::nullopt;
  return ratio(static_cast<double>(*part), static_cast<double>(*whole));
}

}  // namespace

TimingMetrics derive_timing(const Histogram& h) {
  return {.count = h.count(),
          .min_ns = h.min(),
          .max_ns = h.max(),
          .mean_ns = h.mean(),
          .p50_ns = h.percentile(0.5),
          .p90_ns = h.percentile(0.9),
          .p99_ns = h.percentile(0.99),
          .p999_ns = h.percentile(0.999),
          .p9999_ns = h.percentile(0.9999)};
}

Metrics derive_metrics(const RunResult& result) {
  const Counters& c = result.counters;
  Metrics m;
  m.requests = c.gets + c.sets + c.adds + c.deletes;
  m.duration_s = static_cast<double>(result.duration_ns) / 1e9;
  const auto requests = static_cast<double>(m.requests);
  m.hit_ratio = ratio(static_cast<double>(c.hits), static_cast<double>(c.hits + c.misses));
  m.byte_hit_ratio = ratio(static_cast<double>(c.hit_bytes), static_cast<double>(c.get_bytes));
  m.throughput_rps = ratio(requests, m.duration_s);
  m.concurrency_mean = ratio(static_cast<double>(result.concurrency_ns),
                             static_cast<double>(result.duration_ns));
  m.error_ratio = ratio(static_cast<double>(c.errors), requests + static_cast<double>(c.fills));
  m.bytes_per_item = ratio(result.adapter.bytes_used, result.adapter.items);
  m.overhead_ratio = ratio(result.adapter.bytes_used, result.adapter.payload_bytes);
  const Histogram& origin = result.timing(Timing::kServiceOrigin);
  if (!origin.empty()) m.origin_busy_s = static_cast<double>(origin.sum()) / 1e9;
  m.client_cpu_ns_per_request =
      ratio(static_cast<double>(result.client_user_ns + result.client_system_ns), requests);
  return m;
}

std::vector<std::pair<std::string, double>> flat_metrics(const RunResult& result) {
  std::vector<std::pair<std::string, double>> flat;
  auto add = [&flat](std::string_view name, auto value) {
    if (value) flat.emplace_back(std::string(name), static_cast<double>(*value));
  };
  for (const CounterField& field : counter_fields()) {
    flat.emplace_back(std::string(field.name),
                      static_cast<double>(result.counters.*field.field));
  }
  add("evictions", result.adapter.evictions);
  add("expirations", result.adapter.expirations);
  const Metrics m = derive_metrics(result);
  add("hit_ratio", m.hit_ratio);
  add("byte_hit_ratio", m.byte_hit_ratio);
  add("throughput_rps", m.throughput_rps);
  add("memory.bytes_used", result.adapter.bytes_used);
  add("memory.payload_bytes", result.adapter.payload_bytes);
  add("memory.items", result.adapter.items);
  add("memory.rss_bytes", result.adapter.rss_bytes);
  add("memory.bytes_per_item", m.bytes_per_item);
  add("memory.overhead_ratio", m.overhead_ratio);
  add("origin.busy_s", m.origin_busy_s);
  flat.emplace_back("duration_s", m.duration_s);
  for (int i = 0; i < kTimingCount; ++i) {
    if (result.timings[i].empty()) continue;
    const TimingMetrics t = derive_timing(result.timings[i]);
    const std::string_view name = timing_name(static_cast<Timing>(i));
    flat.emplace_back(fmt::format("{}.mean", name), t.mean_ns);
    flat.emplace_back(fmt::format("{}.p50", name), static_cast<double>(t.p50_ns));
    flat.emplace_back(fmt::format("{}.p90", name), static_cast<double>(t.p90_ns));
    flat.emplace_back(fmt::format("{}.p99", name), static_cast<double>(t.p99_ns));
    flat.emplace_back(fmt::format("{}.p999", name), static_cast<double>(t.p999_ns));
    flat.emplace_back(fmt::format("{}.p9999", name), static_cast<double>(t.p9999_ns));
    flat.emplace_back(fmt::format("{}.max", name), static_cast<double>(t.max_ns));
  }
  return flat;
}

}  // namespace cachegauge
