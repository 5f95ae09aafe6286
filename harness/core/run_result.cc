#include "harness/core/run_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/core/error.h"
#include "harness/core/histogram_text.h"
#include "harness/core/line_reader.h"
#include "harness/core/series_text.h"

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

struct LoadField {
  std::string_view name;
  int64_t LoadFigures::*field;
  bool by_maximum = false;
};
constexpr LoadField kLoadFields[] = {
    {"offered", &LoadFigures::offered},
    {"schedule_span_ns", &LoadFigures::schedule_span_ns, true},
    {"sent_span_ns", &LoadFigures::sent_span_ns, true},
    {"backlog_max", &LoadFigures::backlog_max},
    {"paused_ns", &LoadFigures::paused_ns, true},
    {"longest_pause_ns", &LoadFigures::longest_pause_ns, true},
    {"spin_ns", &LoadFigures::spin_ns},
};

constexpr std::string_view kHeader = "cachegauge-run-result 1";

struct StateField {
  std::string_view name;
  std::optional<uint64_t> AdapterState::*field;
};
constexpr StateField kStateFields[] = {
    {"evictions", &AdapterState::evictions},   {"expirations", &AdapterState::expirations},
    {"bytes_used", &AdapterState::bytes_used}, {"payload_bytes", &AdapterState::payload_bytes},
    {"items", &AdapterState::items},           {"rss_bytes", &AdapterState::rss_bytes},
    {"disk_bytes", &AdapterState::disk_bytes}, {"not_admitted", &AdapterState::not_admitted},
};

// One line of text; newlines and backslashes are escaped.
std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i] == 'n' ? '\n' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<int> read_cpus(LineReader& line) {
  std::vector<int> cpus;
  while (!line.rest().empty()) cpus.push_back(line.number<int>());
  return cpus;
}

void merge_cpus(std::vector<int>& cpus, const std::vector<int>& others) {
  std::vector<int> both;
  std::ranges::set_union(cpus, others, std::back_inserter(both));
  cpus = std::move(both);
}

void read_counter(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  for (const CounterField& field : kCounterFields) {
    if (field.name == name) {
      result.counters.*field.field = line.number<uint64_t>();
      return line.finish();
    }
  }
  throw Error::failed(fmt::format("a run result with an unknown counter \"{}\"", name));
}

// One of the counts that are there, or not, all together.
template <class Counts, class Field>
void read_count(std::string_view kind, std::span<const Field> fields, std::optional<Counts>& counts,
                LineReader& line) {
  const std::string_view name = line.word();
  for (const Field& field : fields) {
    if (field.name == name) {
      if (!counts) counts.emplace();
      (*counts).*field.field = line.number<uint64_t>();
      return line.finish();
    }
  }
  throw Error::failed(fmt::format("a run result with an unknown {} count \"{}\"", kind, name));
}

void read_timing(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  const auto* at = std::find(std::begin(kTimingNames), std::end(kTimingNames), name);
  if (at == std::end(kTimingNames)) {
    throw Error::failed(fmt::format("a run result with an unknown histogram \"{}\"", name));
  }
  result.timings[at - std::begin(kTimingNames)] = read_histogram(line);
}

void read_state(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  if (name == "memory_source") {
    result.adapter.memory_source = unescape(line.rest());
    return;
  }
  if (name == "server_cpu_ns") {
    result.adapter.server_cpu_ns = line.number<int64_t>();
    return line.finish();
  }
  for (const StateField& field : kStateFields) {
    if (field.name == name) {
      result.adapter.*field.field = line.number<uint64_t>();
      return line.finish();
    }
  }
  throw Error::failed(fmt::format("a run result with an unknown figure \"{}\"", name));
}

void read_load(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  for (const LoadField& field : kLoadFields) {
    if (field.name == name) {
      result.load.*field.field = line.number<int64_t>();
      return line.finish();
    }
  }
  throw Error::failed(fmt::format("a run result with an unknown load figure \"{}\"", name));
}

// "capacity RATE|none LIMITED_BY|none SLO", "trial RATE ACHIEVED HELD CLIENT_BOUND P,P,… WHY"
void read_capacity(RunResult& result, LineReader& line) {
  Capacity& capacity = result.capacity.emplace();
  if (const std::string_view rate = line.word(); rate != "none") {
    capacity.rate = LineReader::to_number<double>(rate);
  }
  if (const std::string_view by = line.word(); by != "none") capacity.limited_by = by;
  capacity.slo = unescape(line.rest());
}

void read_trial(RunResult& result, LineReader& line) {
  if (!result.capacity) throw Error::failed("a run result with a trial before its capacity");
  CapacityTrial trial;
  trial.rate = line.number<double>();
  trial.achieved = line.number<double>();
  trial.held = line.number<int>() != 0;
  trial.client_bound = line.number<int>() != 0;
  for (auto terms = line.number<size_t>(); terms > 0; --terms) {
    trial.percentiles_ns.push_back(line.number<int64_t>());
  }
  trial.why = unescape(line.rest());
  result.capacity->trials.push_back(std::move(trial));
}

void append_capacity(std::string& out, const Capacity& capacity) {
  fmt::format_to(std::back_inserter(out), "capacity {} {} {}\n",
                 capacity.rate ? fmt::to_string(*capacity.rate) : "none",
                 capacity.limited_by.empty() ? "none" : capacity.limited_by, escape(capacity.slo));
  for (const CapacityTrial& trial : capacity.trials) {
    fmt::format_to(std::back_inserter(out), "trial {} {} {:d} {:d} {}", trial.rate, trial.achieved,
                   trial.held, trial.client_bound, trial.percentiles_ns.size());
    for (int64_t ns : trial.percentiles_ns) fmt::format_to(std::back_inserter(out), " {}", ns);
    fmt::format_to(std::back_inserter(out), " {}\n", escape(trial.why));
  }
}

OriginFigure read_figure(LineReader& line) {
  OriginFigure figure{std::string(line.word()), line.number<uint64_t>()};
  line.finish();
  return figure;
}

void read_line(RunResult& result, std::string_view text) {
  LineReader line(text);
  const std::string_view kind = line.word();
  if (kind == "counter") {
    read_counter(result, line);
  } else if (kind == "guard") {
    read_count(kind, guard_count_fields(), result.guard, line);
  } else if (kind == "pattern") {
    if (!result.pattern) result.pattern.emplace();
    read_pattern(*result.pattern, line);
  } else if (kind == "layer") {
    read_count(kind, layer_count_fields(), result.layers, line);
  } else if (kind == "histogram") {
    read_timing(result, line);
  } else if (kind == "adapter") {
    read_state(result, line);
  } else if (kind == "load") {
    read_load(result, line);
  } else if (kind == "capacity") {
    read_capacity(result, line);
  } else if (kind == "trial") {
    read_trial(result, line);
  } else if (kind == "duration_ns") {
    result.duration_ns = line.number<int64_t>();
    line.finish();
  } else if (kind == "bytes_used_before") {
    result.bytes_used_before = line.number<uint64_t>();
    line.finish();
  } else if (kind == "cpu_ns") {
    result.client_user_ns = line.number<int64_t>();
    result.client_system_ns = line.number<int64_t>();
    line.finish();
  } else if (kind == "concurrency") {
    result.concurrency_ns = line.number<int64_t>();
    result.concurrency_max = line.number<uint64_t>();
    line.finish();
  } else if (kind == "series") {
    result.series = read_series(line);
  } else if (kind == "bucket") {
    result.series.append(read_series_bucket(line));
  } else if (kind == "hit_history") {
    result.hit_history = read_hit_history(line);
  } else if (kind == "virtual_ns") {
    result.virtual_ns = line.number<int64_t>();
    line.finish();
  } else if (kind == "fault") {
    result.faults.push_back(read_fault_line(line));
  } else if (kind == "fault_window") {
    if (result.faults.empty()) throw Error::failed("a run result with a window of no fault");
    read_fault_window(line, result.faults.back());
  } else if (kind == "cache_errors") {
    result.cache_errors = read_cache_errors(line);
  } else if (kind == "version") {
    result.adapter_version = unescape(line.rest());
  } else if (kind == "setting") {
    std::string name(line.word());
    result.adapter_settings.push_back({std::move(name), unescape(line.rest())});
  } else if (kind == "adapter_statistic") {
    result.adapter_statistics.push_back(read_figure(line));
  } else if (kind == "origin_version") {
    result.origin_version = unescape(line.rest());
  } else if (kind == "origin_setting") {
    std::string name(line.word());
    result.origin_settings.push_back({std::move(name), unescape(line.rest())});
  } else if (kind == "origin_statistic") {
    result.origin_statistics.push_back(read_figure(line));
  } else if (kind == "client_cpus") {
    result.client_cpus = read_cpus(line);
  } else if (kind == "server_cpus") {
    result.server_cpus = read_cpus(line);
  } else if (kind == "warning") {
    result.warnings.push_back(unescape(line.rest()));
  } else if (kind == "flag") {
    result.flags.push_back(unescape(line.rest()));
  } else if (kind == "interrupted") {
    result.interrupted = true;
    line.finish();
  } else if (kind == "failure") {
    result.failure = unescape(line.rest());
  } else {
    throw Error::failed(fmt::format("a run result with an unknown line \"{}\"", kind));
  }
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

std::string serialize(const RunResult& result) {
  std::string out(kHeader);
  out += '\n';
  auto line = [&out](std::initializer_list<std::string_view> words) {
    fmt::format_to(std::back_inserter(out), "{}\n", fmt::join(words, " "));
  };
  for (const CounterField& field : kCounterFields) {
    line({"counter", field.name, fmt::to_string(result.counters.*field.field)});
  }
  if (result.guard) {
    for (const GuardCountField& field : kGuardCountFields) {
      line({"guard", field.name, fmt::to_string((*result.guard).*field.field)});
    }
  }
  if (result.pattern) append_pattern(out, *result.pattern);
  if (result.layers) {
    for (const LayerCountField& field : kLayerCountFields) {
      line({"layer", field.name, fmt::to_string((*result.layers).*field.field)});
    }
  }
  for (int i = 0; i < kTimingCount; ++i) {
    if (result.timings[i].empty()) continue;
    fmt::format_to(std::back_inserter(out), "histogram {} ", kTimingNames[i]);
    append_histogram(out, result.timings[i]);
    out += '\n';
  }
  for (const StateField& field : kStateFields) {
    if (const auto& value = result.adapter.*field.field) {
      line({"adapter", field.name, fmt::to_string(*value)});
    }
  }
  if (result.adapter.server_cpu_ns) {
    line({"adapter", "server_cpu_ns", fmt::to_string(*result.adapter.server_cpu_ns)});
  }
  if (const auto& before = result.bytes_used_before) {
    line({"bytes_used_before", fmt::to_string(*before)});
  }
  line({"adapter", "memory_source", escape(result.adapter.memory_source)});
  line({"duration_ns", fmt::to_string(result.duration_ns)});
  line({"cpu_ns", fmt::to_string(result.client_user_ns), fmt::to_string(result.client_system_ns)});
  line({"concurrency", fmt::to_string(result.concurrency_ns),
        fmt::to_string(result.concurrency_max)});
  for (const LoadField& field : kLoadFields) {
    line({"load", field.name, fmt::to_string(result.load.*field.field)});
  }
  if (result.capacity) append_capacity(out, *result.capacity);
  append_series(out, result.series);
  append_hit_history(out, result.hit_history);
  if (result.virtual_ns > 0) line({"virtual_ns", fmt::to_string(result.virtual_ns)});
  for (const FaultResult& fault : result.faults) append_fault(out, fault);
  if (result.cache_errors) append_cache_errors(out, *result.cache_errors);
  line({"version", escape(result.adapter_version)});
  for (const auto& setting : result.adapter_settings) {
    line({"setting", setting.name, escape(setting.value)});
  }
  for (const AdapterFigure& figure : result.adapter_statistics) {
    line({"adapter_statistic", figure.name, fmt::to_string(figure.value)});
  }
  if (!result.origin_version.empty()) line({"origin_version", escape(result.origin_version)});
  for (const auto& setting : result.origin_settings) {
    line({"origin_setting", setting.name, escape(setting.value)});
  }
  for (const OriginFigure& figure : result.origin_statistics) {
    line({"origin_statistic", figure.name, fmt::to_string(figure.value)});
  }
  auto cpus = [&line](std::string_view name, const std::vector<int>& list) {
    if (!list.empty()) line({name, fmt::format("{}", fmt::join(list, " "))});
  };
  cpus("client_cpus", result.client_cpus);
  cpus("server_cpus", result.server_cpus);
  for (const std::string& warning : result.warnings) line({"warning", escape(warning)});
  for (const std::string& flag : result.flags) line({"flag", escape(flag)});
  if (result.interrupted) out += "interrupted\n";
  if (!result.failure.empty()) line({"failure", escape(result.failure)});
  out += "end\n";
  return out;
}

RunResult parse_run_result(std::string_view text) {
  RunResult result;
  bool first = true;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) break;
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    if (first) {
      if (line != kHeader) throw Error::failed("not a run result of this version");
      first = false;
    } else if (line == "end") {
      return result;
    } else {
      read_line(result, line);
    }
  }
  throw Error::failed("a run result that was cut short");
}

}  // namespace cachegauge
