#include "harness/core/run_result.h"

#include <algorithm>
#include <iterator>

#include "harness/core/run_result_fields.h"

namespace cachegauge {
namespace {

constexpr CounterField kCounterFields[] = {
    {"gets", &Counters::gets},
    {"hits", &Counters::hits},
    {"misses", &Counters::misses},
    {"get_errors", &Counters::get_errors},
    {"sets", &Counters::sets},
    {"adds", &Counters::adds},
    {"deletes", &Counters::deletes},
    {"fills", &Counters::fills, false, "fill_count"},
    {"not_stored", &Counters::not_stored},
    {"rejected", &Counters::rejected},
    {"errors", &Counters::errors},
    {"timeouts", &Counters::timeouts},
    {"corrupt", &Counters::corrupt},
    {"stale", &Counters::stale},
    {"unverifiable", &Counters::unverifiable},
    {"get_bytes", &Counters::get_bytes},
    {"hit_bytes", &Counters::hit_bytes},
    {"unique_keys", &Counters::unique_keys},
    {"origin_calls", &Counters::origin_calls, false, "origin.calls"},
    {"origin_errors", &Counters::origin_errors, false, "origin.errors"},
    {"origin_peak_concurrency", &Counters::origin_peak_concurrency, true,
     "origin.peak_concurrency"},
    {"skipped_rows", &Counters::skipped_rows, true},
};

constexpr GuardCountField kGuardCountFields[] = {
    {"waited", &GuardCounts::waited},
    {"stale_served", &GuardCounts::stale_served},
    {"unanswered", &GuardCounts::unanswered},
    {"early_loads", &GuardCounts::early_loads},
    {"background_loads", &GuardCounts::background_loads},
    {"lock_attempts", &GuardCounts::lock_attempts},
    {"locks_taken", &GuardCounts::locks_taken},
    {"polls", &GuardCounts::polls},
};

constexpr LayerCountField kLayerCountFields[] = {
    {"values_encoded", &LayerCounts::values_encoded},
    {"values_decoded", &LayerCounts::values_decoded},
    {"undecodable", &LayerCounts::undecodable},
    {"plain_bytes", &LayerCounts::plain_bytes},
    {"encoded_bytes", &LayerCounts::encoded_bytes},
    {"keys_named", &LayerCounts::keys_named},
    {"plain_key_bytes", &LayerCounts::plain_key_bytes},
    {"named_key_bytes", &LayerCounts::named_key_bytes},
    {"keys_in_collisions", &LayerCounts::keys_in_collisions},
    {"values_changed", &LayerCounts::values_changed},
};

constexpr std::string_view kTimingNames[kTimingCount] = {
    "response_time_ns.get",
    "response_time_ns.get_hit",
    "response_time_ns.get_miss",
    "response_time_ns.set",
    "response_time_ns.add",
    "response_time_ns.delete",
    "service_time_ns.get",
    "service_time_ns.set",
    "service_time_ns.add",
    "service_time_ns.delete",
    "service_time_ns.fill",
    "service_time_ns.origin",
    "connection_wait_ns",
    "schedule_lag_ns",
    "codec_time_ns.encode",
    "codec_time_ns.decode",
    "key_time_ns",
};

void merge_cpus(std::vector<int>& cpus, const std::vector<int>& others) {
  std::vector<int> both;
  std::ranges::set_union(cpus, others, std::back_inserter(both));
  cpus = std::move(both);
}

}  // namespace

std::span<const CounterField> counter_fields() { return kCounterFields; }

std::span<const GuardCountField> guard_count_fields() { return kGuardCountFields; }

std::span<const LayerCountField> layer_count_fields() { return kLayerCountFields; }

std::string_view timing_name(Timing timing) { return kTimingNames[static_cast<int>(timing)]; }

void Counters::merge(const Counters& other) {
  for (const CounterField& f : kCounterFields) {
    this->*f.field =
        f.by_maximum ? std::max(this->*f.field, other.*f.field) : this->*f.field + other.*f.field;
  }
}

void GuardCounts::merge(const GuardCounts& other) {
  for (const GuardCountField& f : kGuardCountFields) this->*f.field += other.*f.field;
}

void LayerCounts::merge(const LayerCounts& other) {
  for (const LayerCountField& f : kLayerCountFields) this->*f.field += other.*f.field;
}

void LoadFigures::merge(const LoadFigures& other) {
  for (const LoadField& f : kLoadFields) {
    this->*f.field =
        f.by_maximum ? std::max(this->*f.field, other.*f.field) : this->*f.field + other.*f.field;
  }
}

void RunResult::merge(const RunResult& other) {
  counters.merge(other.counters);
  if (other.guard) {
    if (!guard) guard.emplace();
    guard->merge(*other.guard);
  }
  if (other.pattern) {
    if (!pattern) pattern.emplace();
    pattern->merge(*other.pattern);
  }
  merge_classes(classes, other.classes);
  if (other.layers) {
    if (!layers) layers.emplace();
    layers->merge(*other.layers);
  }
  for (int i = 0; i < kTimingCount; ++i) timings[i].merge(other.timings[i]);
  duration_ns = std::max(duration_ns, other.duration_ns);
  client_user_ns += other.client_user_ns;
  client_system_ns += other.client_system_ns;
  concurrency_ns += other.concurrency_ns;
  concurrency_max += other.concurrency_max;
  load.merge(other.load);
  if (!capacity) capacity = other.capacity;
  series.merge(other.series);
  hit_history.merge(other.hit_history);
  virtual_ns = std::max(virtual_ns, other.virtual_ns);
  if (faults.size() < other.faults.size()) faults.resize(other.faults.size());
  for (size_t i = 0; i < other.faults.size(); ++i) faults[i].merge(other.faults[i]);
  if (other.cache_errors) {
    if (!cache_errors) cache_errors.emplace();
    cache_errors->merge(*other.cache_errors);
  }
  for (const StateField& field : kStateFields) {
    if (!(adapter.*field.field)) adapter.*field.field = other.adapter.*field.field;
  }
  if (!bytes_used_before) bytes_used_before = other.bytes_used_before;
  if (!adapter.server_cpu_ns) adapter.server_cpu_ns = other.adapter.server_cpu_ns;
  if (adapter.memory_source.empty()) adapter.memory_source = other.adapter.memory_source;
  if (adapter_version.empty()) adapter_version = other.adapter_version;
  if (adapter_settings.empty()) adapter_settings = other.adapter_settings;
  if (adapter_statistics.empty()) adapter_statistics = other.adapter_statistics;
  if (origin_version.empty()) origin_version = other.origin_version;
  if (origin_settings.empty()) origin_settings = other.origin_settings;
  if (origin_statistics.empty()) origin_statistics = other.origin_statistics;
  merge_cpus(client_cpus, other.client_cpus);
  merge_cpus(server_cpus, other.server_cpus);
  warnings.insert(warnings.end(), other.warnings.begin(), other.warnings.end());
  for (const std::string& flag : other.flags) {
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  }
  interrupted |= other.interrupted;
  if (failure.empty()) failure = other.failure;
}

}  // namespace cachegauge
