#include "harness/core/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "harness/core/statistics.h"

namespace cachegauge {
namespace {

std::optional<double> ratio_if_known(std::optional<uint64_t> part, std::optional<uint64_t> whole) {
  if (!part || !whole) return std::nullopt;
  return ratio(*part, *whole);
}

std::optional<uint64_t> beyond(std::optional<uint64_t> whole, std::optional<uint64_t> part) {
  if (!whole || !part || *whole < *part) return std::nullopt;
  return *whole - *part;
}

std::optional<double> break_even_origin_ns(const RunResult& result) {
  const Counters& c = result.counters;
  const Histogram& gets = result.timing(Timing::kServiceGet);
  const Histogram& fills = result.timing(Timing::kServiceFill);
  if (gets.empty() || (c.fills > 0 && fills.empty())) return std::nullopt;
  const double answered = static_cast<double>(c.hits + c.misses);
  const double cost_ns = gets.mean() * answered + fills.mean() * static_cast<double>(c.fills);
  return ratio(cost_ns, static_cast<double>(c.hits));
}

PatternShares derive_shares(const PatternFigures& figures, uint64_t stale, uint64_t gets) {
  PatternShares shares;
  const bool is_counted = !figures.killed_at_ns;  // else what was counted is gone
  if (is_counted) shares.stale = ratio_if_known(stale + figures.stale_loads, gets);
  if (is_counted) shares.unread = ratio_if_known(figures.unread_writes, figures.cache_writes);
  shares.lost = ratio_if_known(figures.lost_writes, figures.acknowledged_writes);
  return shares;
}

using AddMetric = std::function<void(const std::string& name, double value)>;

void add_timing(const std::string& name, const Histogram& histogram, const AddMetric& add) {
  if (histogram.empty()) return;
  const TimingMetrics t = derive_timing(histogram);
  add(name + ".count", static_cast<double>(t.count));
  add(name + ".min", static_cast<double>(t.min_ns));
  add(name + ".mean", t.mean_ns);
  add(name + ".max", static_cast<double>(t.max_ns));
  add(name + ".p50", static_cast<double>(t.p50_ns));
  add(name + ".p90", static_cast<double>(t.p90_ns));
  add(name + ".p99", static_cast<double>(t.p99_ns));
  add(name + ".p999", static_cast<double>(t.p999_ns));
  add(name + ".p9999", static_cast<double>(t.p9999_ns));
}

void add_pattern(std::string prefix, const PatternFigures& figures, const PatternShares& shares,
                 const Histogram& writes, const AddMetric& add) {
  prefix += "pattern_figures.";
  if (!figures.killed_at_ns) {
    for (const PatternCountField& field : pattern_count_fields()) {
      add(prefix + std::string(field.name), static_cast<double>(figures.*field.field));
    }
  } else {
    add(prefix + "acknowledged_writes", static_cast<double>(figures.acknowledged_writes));
    add(prefix + "killed_at_ns", static_cast<double>(*figures.killed_at_ns));
  }
  for (const PatternFindingField& field : pattern_finding_fields()) {
    const auto& value = figures.*field.field;
    if (value) add(prefix + std::string(field.name), static_cast<double>(*value));
  }
  if (shares.stale) add(prefix + "stale_share", *shares.stale);
  if (shares.unread) add(prefix + "unread_share", *shares.unread);
  if (shares.lost) add(prefix + "lost_share", *shares.lost);
  add_timing(prefix + "write_response_ns", writes, add);
  for (const PatternHistogramField& field : pattern_histogram_fields()) {
    add_timing(prefix + std::string(field.name), figures.*field.field, add);
  }
}

void add_class(const ClassFigures& figures, const AddMetric& add) {
  const std::string prefix = fmt::format("classes.{}.", figures.name);
  add(prefix + "requests", static_cast<double>(figures.requests()));
  for (const ClassCountField& f : class_count_fields()) {
    const std::string_view name = f.report_name.empty() ? f.name : f.report_name;
    add(prefix + std::string(name), static_cast<double>(figures.*f.field));
  }
  if (const auto hits = hit_ratio(figures)) add(prefix + "hit_ratio", *hits);
  add_timing(prefix + "response_time_ns.all", all_responses(figures), add);
  add_timing(prefix + "response_time_ns.get", figures.get_response_ns, add);
  add_timing(prefix + "response_time_ns.write", figures.write_response_ns, add);
  if (!figures.pattern) return;
  add_pattern(prefix, *figures.pattern, pattern_shares(figures), figures.write_response_ns, add);
}

// "faults.0.during.p99_ns", so that summaries and the gate know them.
template <class Add, class AddKnown>
void add_fault_metrics(const RunResult& result, const Add& add, const AddKnown& add_known) {
  if (const auto& counts = result.cache_errors) {
    add("cache_errors.fallbacks", counts->fallbacks);
    add("cache_errors.stale_served", counts->stale_served);
    add("cache_errors.outdated_served", counts->outdated_served);
    add("cache_errors.failed_requests", counts->failed_requests);
  }
  for (size_t i = 0; i < result.faults.size(); ++i) {
    const FaultResult& fault = result.faults[i];
    const std::string path = fmt::format("faults.{}.", i);
    for (size_t s = 0; s < kFaultStretches; ++s) {
      const FaultWindow& window = fault.windows[s];
      const FaultWindowMetrics m = derive_fault_window(window);
      const std::string stretch = fmt::format("{}{}.", path, kFaultStretchNames[s]);
      for (const FaultWindowField& f : fault_window_fields()) {
        add(stretch + std::string(f.name), window.*f.field);
      }
      add_known(stretch + "hit_ratio", m.hit_ratio);
      add_known(stretch + "p99_ns", m.p99_ns);
      add_known(stretch + "origin_calls_per_s", m.origin_calls_per_s);
    }
    const FaultRecovery recovery = fault_recovery(fault, result.series);
    if (recovery.hit_ratio_ns) {
      add(path + "recovery_s.hit_ratio", static_cast<double>(*recovery.hit_ratio_ns) / 1e9);
    }
    if (recovery.p99_ns) add(path + "recovery_s.p99", static_cast<double>(*recovery.p99_ns) / 1e9);
  }
}

// By least squares. Null where the memory is known at fewer than two counts of requests.
std::optional<double> growth_bytes_per_request(const RunResult& result) {
  double n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
  const auto add = [&](uint64_t requests, uint64_t bytes) {
    const auto x = static_cast<double>(requests), y = static_cast<double>(bytes);
    n += 1;
    x_sum += x;
    y_sum += y;
    xx_sum += x * x;
    xy_sum += x * y;
  };
  if (result.bytes_used_before) add(0, *result.bytes_used_before);
  uint64_t requests = 0;
  for (const SeriesBucket& bucket : result.series.buckets()) {
    requests += bucket.counts.requests;
    // The first may hold the sample that was taken before them.
    if (bucket.memory.bytes_used && requests > 0) add(requests, *bucket.memory.bytes_used);
  }
  const double spread = n * xx_sum - x_sum * x_sum;
  return spread > 0 ? std::optional((n * xy_sum - x_sum * y_sum) / spread) : std::nullopt;
}

std::optional<double> copied_bytes_per_hit(const RunResult& result) {
  const auto copy = std::ranges::find(result.adapter_settings, "copy", &Spec::Param::name);
  if (copy == result.adapter_settings.end()) return std::nullopt;
  if (copy->value == "share") return 0;
  const Counters& c = result.counters;
  return ratio(static_cast<double>(c.hit_bytes), static_cast<double>(c.hits));
}

// Commands of in-process caches are sampled, and their codec's work is not.
std::optional<double> codec_share(const RunResult& result, double requests) {
  const Histogram responses = all_responses(result);
  const auto work_ns = static_cast<double>(result.timing(Timing::kEncode).sum() +
                                           result.timing(Timing::kDecode).sum());
  if (responses.empty() || work_ns == 0) return std::nullopt;
  return ratio(work_ns, responses.mean() * requests);
}

void derive_layers(const RunResult& result, Metrics& m) {
  if (!result.layers) return;
  const LayerCounts& l = *result.layers;
  const auto named = static_cast<double>(l.keys_named);
  m.encoded_ratio = ratio(static_cast<double>(l.encoded_bytes), static_cast<double>(l.plain_bytes));
  m.codec_share = codec_share(result, static_cast<double>(m.requests));
  m.named_key_bytes = ratio(static_cast<double>(l.named_key_bytes), named);
  m.plain_key_bytes = ratio(static_cast<double>(l.plain_key_bytes), named);
}

}  // namespace

Histogram all_responses(const RunResult& result) {
  Histogram all = result.timing(Timing::kResponseGet);
  all.merge(write_responses(result));
  return all;
}

Histogram all_responses(const ClassFigures& figures) {
  Histogram all = figures.get_response_ns;
  all.merge(figures.write_response_ns);
  return all;
}

std::optional<double> hit_ratio(const ClassFigures& figures) {
  return ratio(static_cast<double>(figures.hits),
               static_cast<double>(figures.hits + figures.misses));
}

PatternShares pattern_shares(const ClassFigures& figures) {
  if (!figures.pattern) return {};
  return derive_shares(*figures.pattern, figures.stale, figures.gets);
}

Histogram write_responses(const RunResult& result) {
  Histogram writes = result.timing(Timing::kResponseSet);
  writes.merge(result.timing(Timing::kResponseAdd));
  writes.merge(result.timing(Timing::kResponseDelete));
  return writes;
}

std::vector<std::pair<std::string, std::optional<double>>> part_hit_ratios(
    const RunResult& result) {
  constexpr std::string_view kHits = "_hits";
  const auto& figures = result.adapter_statistics;
  std::vector<std::pair<std::string, std::optional<double>>> ratios;
  for (const AdapterFigure& hits : figures) {
    if (!hits.name.ends_with(kHits)) continue;
    const std::string part = hits.name.substr(0, hits.name.size() - kHits.size());
    const auto misses = std::ranges::find(figures, part + "_misses", &AdapterFigure::name);
    if (misses == figures.end()) continue;
    ratios.emplace_back(part, ratio(static_cast<double>(hits.value),
                                    static_cast<double>(hits.value + misses->value)));
  }
  return ratios;
}

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
  if (is_counted(result)) m.throughput_rps = ratio(requests, m.duration_s);
  const auto duration_ns = static_cast<double>(result.duration_ns);
  if (result.concurrency_ns > 0) {  // under virtual time nobody adds it up
    const uint64_t timed = all_responses(result).count();
    // In-process requests are sampled.
    const double scale = timed > 0 ? requests / static_cast<double>(timed) : 1;
    m.concurrency_mean = ratio(static_cast<double>(result.concurrency_ns) * scale, duration_ns);
  }
  if (const LoadFigures& load = result.load; load.offered > 0) {
    // From the first request to the last there is one gap less than there are requests.
    const auto gaps = static_cast<double>(load.offered - 1);
    if (gaps > 0) {
      m.offered_rps = ratio(gaps * 1e9, static_cast<double>(load.schedule_span_ns));
      m.sent_rps = ratio(gaps * 1e9, static_cast<double>(load.sent_span_ns));
    }
    m.backlog_mean =
        ratio(static_cast<double>(result.timing(Timing::kConnectionWait).sum()), duration_ns);
  }
  m.error_ratio = ratio(static_cast<double>(c.errors), requests + static_cast<double>(c.fills));
  const AdapterState& state = result.adapter;
  m.bytes_per_item = ratio_if_known(state.bytes_used, state.items);
  m.overhead_ratio = ratio_if_known(state.bytes_used, state.payload_bytes);
  m.payload_bytes_per_item = ratio_if_known(state.payload_bytes, state.items);
  m.overhead_bytes_per_item =
      ratio_if_known(beyond(state.bytes_used, state.payload_bytes), state.items);
  m.rss_extra_bytes_per_item =
      ratio_if_known(beyond(state.rss_bytes, state.bytes_used), state.items);
  m.growth_bytes_per_request = growth_bytes_per_request(result);
  m.copied_bytes_per_hit = copied_bytes_per_hit(result);
  derive_layers(result, m);
  m.break_even_origin_ns = break_even_origin_ns(result);
  const Histogram& origin = result.timing(Timing::kServiceOrigin);
  if (!origin.empty()) m.origin_busy_s = static_cast<double>(origin.sum()) / 1e9;
  if (c.origin_calls > 0) m.origin_relief = ratio_if_known(beyond(c.gets, c.origin_calls), c.gets);
  if (result.pattern) m.pattern = derive_shares(*result.pattern, c.stale, c.gets);
  // Clocks of different kinds: where they contradict each other nothing can be said.
  const int64_t busy_ns = result.client_user_ns + result.client_system_ns - result.load.spin_ns;
  if (busy_ns >= 0) m.client_cpu_ns_per_request = ratio(static_cast<double>(busy_ns), requests);
  m.client_user_s = static_cast<double>(result.client_user_ns) / 1e9;
  m.client_system_s = static_cast<double>(result.client_system_ns) / 1e9;
  m.client_spin_s = static_cast<double>(result.load.spin_ns) / 1e9;
  m.client_paused_s = static_cast<double>(result.load.paused_ns) / 1e9;
  m.client_longest_pause_s = static_cast<double>(result.load.longest_pause_ns) / 1e9;
  if (const auto& server = result.adapter.server_cpu_ns) {
    m.server_s = static_cast<double>(*server) / 1e9;
  }
  return m;
}

bool is_counted(const RunResult& result) {
  return std::ranges::find(result.flags, kNotCounted) == result.flags.end();
}

std::optional<double> unprovoked_error_ratio(const RunResult& result) {
  if (result.faults.empty()) return derive_metrics(result).error_ratio;
  const FaultWindow& before = result.faults.front().window(FaultStretch::kBefore);
  return ratio(before.errors, before.requests);
}

std::vector<std::pair<std::string, double>> flat_metrics(const RunResult& result) {
  std::vector<std::pair<std::string, double>> flat;
  auto add = [&flat](std::string_view name, auto value) {
    flat.emplace_back(std::string(name), static_cast<double>(value));
  };
  if (!is_counted(result)) {  // but what the origin was found to hold
    const Metrics m = derive_metrics(result);
    if (result.duration_ns > 0) add("duration_s", m.duration_s);
    if (result.pattern) add_pattern({}, *result.pattern, m.pattern, Histogram(), add);
    return flat;
  }
  auto add_known = [&add](std::string_view name, const auto& value) {
    if (value) add(name, *value);
  };
  for (const CounterField& field : counter_fields()) {
    add(field.report_name.empty() ? field.name : field.report_name, result.counters.*field.field);
  }
  if (result.guard) {
    for (const GuardCountField& field : guard_count_fields()) {
      add(fmt::format("guard_counts.{}", field.name), (*result.guard).*field.field);
    }
  }
  add_fault_metrics(result, add, add_known);
  const AdapterState& state = result.adapter;
  const Metrics m = derive_metrics(result);
  add_known("evictions", state.evictions);
  add_known("expirations", state.expirations);
  add_known("not_admitted", state.not_admitted);
  add_known("hit_ratio", m.hit_ratio);
  add_known("byte_hit_ratio", m.byte_hit_ratio);
  add_known("error_ratio", m.error_ratio);
  add("duration_s", m.duration_s);
  add_known("throughput_rps", m.throughput_rps);
  if (result.capacity) add_known("capacity.rate_rps", result.capacity->rate);
  add_known("offered_rps", m.offered_rps);
  add_known("sent_rps", m.sent_rps);
  if (m.backlog_mean) {
    add("backlog.mean", *m.backlog_mean);
    add("backlog.max", result.load.backlog_max);
  }
  add_known("concurrency.mean", m.concurrency_mean);
  add("concurrency.max", result.concurrency_max);
  add_known("memory.bytes_used", state.bytes_used);
  add_known("memory.payload_bytes", state.payload_bytes);
  add_known("memory.items", state.items);
  add_known("memory.bytes_per_item", m.bytes_per_item);
  add_known("memory.overhead_ratio", m.overhead_ratio);
  add_known("memory.payload_bytes_per_item", m.payload_bytes_per_item);
  add_known("memory.overhead_bytes_per_item", m.overhead_bytes_per_item);
  add_known("memory.rss_extra_bytes_per_item", m.rss_extra_bytes_per_item);
  add_known("memory.rss_bytes", state.rss_bytes);
  add_known("memory.disk_bytes", state.disk_bytes);
  add_known("memory.growth_bytes_per_request", m.growth_bytes_per_request);
  add_known("memory.copied_bytes_per_hit", m.copied_bytes_per_hit);
  if (result.layers) {
    for (const LayerCountField& field : layer_count_fields()) {
      add(fmt::format("layer_counts.{}", field.name), (*result.layers).*field.field);
    }
  }
  add_known("encoded_ratio", m.encoded_ratio);
  add_known("codec_share", m.codec_share);
  add_known("key_bytes.plain", m.plain_key_bytes);
  add_known("key_bytes.sent", m.named_key_bytes);
  add_known("origin.busy_s", m.origin_busy_s);
  add_known("origin.break_even_ns", m.break_even_origin_ns);
  add_known("origin.relief", m.origin_relief);
  for (const OriginFigure& figure : result.origin_statistics) {
    add("origin.statistics." + figure.name, figure.value);
  }
  for (const AdapterFigure& figure : result.adapter_statistics) {
    add("adapter.statistics." + figure.name, figure.value);
  }
  for (const auto& [part, value] : part_hit_ratios(result)) {
    add_known(fmt::format("adapter.hit_ratios.{}", part), value);
  }
  add("cpu.client_user_s", m.client_user_s);
  add("cpu.client_system_s", m.client_system_s);
  add("cpu.client_spin_s", m.client_spin_s);
  add("client_pauses.total_s", m.client_paused_s);
  add("client_pauses.longest_s", m.client_longest_pause_s);
  add_known("cpu.server_s", m.server_s);
  add_known("cpu.client_ns_per_request", m.client_cpu_ns_per_request);
  const AddMetric add_metric = [&add](const std::string& name, double value) { add(name, value); };
  if (result.pattern) {
    add_pattern({}, *result.pattern, m.pattern, write_responses(result), add_metric);
  }
  for (const ClassFigures& figures : result.classes) add_class(figures, add_metric);
  for (int i = 0; i < kTimingCount; ++i) {
    add_timing(std::string(timing_name(static_cast<Timing>(i))), result.timings[i], add_metric);
  }
  return flat;
}

}  // namespace cachegauge
