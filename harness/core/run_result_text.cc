// A result as text, and back: serialize() and parse_run_result() of run_result.h. The format is
// written down in docs/run_result.md.
#include <fmt/format.h>

#include <iterator>

#include "harness/core/error.h"
#include "harness/core/histogram_text.h"
#include "harness/core/line_reader.h"
#include "harness/core/run_result.h"
#include "harness/core/run_result_fields.h"
#include "harness/core/series_text.h"

namespace cachegauge {
namespace {

constexpr std::string_view kHeader = "cachegauge-run-result 1";

std::vector<int> read_cpus(LineReader& line) {
  std::vector<int> cpus;
  while (!line.rest().empty()) cpus.push_back(line.number<int>());
  return cpus;
}

void read_counter(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  for (const CounterField& field : counter_fields()) {
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
  for (int i = 0; i < kTimingCount; ++i) {
    if (timing_name(static_cast<Timing>(i)) != name) continue;
    result.timings[i] = read_histogram(line);
    return;
  }
  throw Error::failed(fmt::format("a run result with an unknown histogram \"{}\"", name));
}

void read_state(RunResult& result, LineReader& line) {
  const std::string_view name = line.word();
  if (name == "memory_source") {
    result.adapter.memory_source = unescape_line(line.rest());
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
  capacity.slo = unescape_line(line.rest());
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
  trial.why = unescape_line(line.rest());
  result.capacity->trials.push_back(std::move(trial));
}

void append_capacity(std::string& out, const Capacity& capacity) {
  fmt::format_to(std::back_inserter(out), "capacity {} {} {}\n",
                 capacity.rate ? fmt::to_string(*capacity.rate) : "none",
                 capacity.limited_by.empty() ? "none" : capacity.limited_by,
                 escape_line(capacity.slo));
  for (const CapacityTrial& trial : capacity.trials) {
    fmt::format_to(std::back_inserter(out), "trial {} {} {:d} {:d} {}", trial.rate, trial.achieved,
                   trial.held, trial.client_bound, trial.percentiles_ns.size());
    for (int64_t ns : trial.percentiles_ns) fmt::format_to(std::back_inserter(out), " {}", ns);
    fmt::format_to(std::back_inserter(out), " {}\n", escape_line(trial.why));
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
  } else if (kind == "class") {
    read_class_line(result.classes, line);
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
    result.adapter_version = unescape_line(line.rest());
  } else if (kind == "setting") {
    std::string name(line.word());
    result.adapter_settings.push_back({std::move(name), unescape_line(line.rest())});
  } else if (kind == "adapter_statistic") {
    result.adapter_statistics.push_back(read_figure(line));
  } else if (kind == "origin_version") {
    result.origin_version = unescape_line(line.rest());
  } else if (kind == "origin_setting") {
    std::string name(line.word());
    result.origin_settings.push_back({std::move(name), unescape_line(line.rest())});
  } else if (kind == "origin_statistic") {
    result.origin_statistics.push_back(read_figure(line));
  } else if (kind == "client_cpus") {
    result.client_cpus = read_cpus(line);
  } else if (kind == "server_cpus") {
    result.server_cpus = read_cpus(line);
  } else if (kind == "warning") {
    result.warnings.push_back(unescape_line(line.rest()));
  } else if (kind == "flag") {
    result.flags.push_back(unescape_line(line.rest()));
  } else if (kind == "interrupted") {
    result.interrupted = true;
    line.finish();
  } else if (kind == "failure") {
    result.failure = unescape_line(line.rest());
  } else {
    throw Error::failed(fmt::format("a run result with an unknown line \"{}\"", kind));
  }
}

}  // namespace

std::string serialize(const RunResult& result) {
  std::string out(kHeader);
  out += '\n';
  auto line = [&out](std::initializer_list<std::string_view> words) {
    fmt::format_to(std::back_inserter(out), "{}\n", fmt::join(words, " "));
  };
  for (const CounterField& field : counter_fields()) {
    line({"counter", field.name, fmt::to_string(result.counters.*field.field)});
  }
  if (result.guard) {
    for (const GuardCountField& field : guard_count_fields()) {
      line({"guard", field.name, fmt::to_string((*result.guard).*field.field)});
    }
  }
  if (result.pattern) append_pattern(out, *result.pattern);
  append_classes(out, result.classes);
  if (result.layers) {
    for (const LayerCountField& field : layer_count_fields()) {
      line({"layer", field.name, fmt::to_string((*result.layers).*field.field)});
    }
  }
  for (int i = 0; i < kTimingCount; ++i) {
    if (result.timings[i].empty()) continue;
    fmt::format_to(std::back_inserter(out), "histogram {} ", timing_name(static_cast<Timing>(i)));
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
  line({"adapter", "memory_source", escape_line(result.adapter.memory_source)});
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
  line({"version", escape_line(result.adapter_version)});
  for (const auto& setting : result.adapter_settings) {
    line({"setting", setting.name, escape_line(setting.value)});
  }
  for (const AdapterFigure& figure : result.adapter_statistics) {
    line({"adapter_statistic", figure.name, fmt::to_string(figure.value)});
  }
  if (!result.origin_version.empty()) line({"origin_version", escape_line(result.origin_version)});
  for (const auto& setting : result.origin_settings) {
    line({"origin_setting", setting.name, escape_line(setting.value)});
  }
  for (const OriginFigure& figure : result.origin_statistics) {
    line({"origin_statistic", figure.name, fmt::to_string(figure.value)});
  }
  auto cpus = [&line](std::string_view name, const std::vector<int>& list) {
    if (!list.empty()) line({name, fmt::format("{}", fmt::join(list, " "))});
  };
  cpus("client_cpus", result.client_cpus);
  cpus("server_cpus", result.server_cpus);
  for (const std::string& warning : result.warnings) line({"warning", escape_line(warning)});
  for (const std::string& flag : result.flags) line({"flag", escape_line(flag)});
  if (result.interrupted) out += "interrupted\n";
  if (!result.failure.empty()) line({"failure", escape_line(result.failure)});
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
