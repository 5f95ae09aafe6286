#include "workloads/trace.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/check_params.h"
#include "workloads/detect_format.h"
#include "workloads/formats/csv.h"
#include "workloads/formats/csv_layout.h"
#include "workloads/sizes.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kCommonParams[] = {
    {"path", "file", "of the trace; gzip, xz and zstd are decompressed on the way"},
    {"format", "name", "of `cachegauge list formats`, if neither name nor content says it"},
    {"skip-bad-rows", "count = 0", "how many malformed rows may be passed over"},
    {"value", "size | lognormal | uniform | pareto | weighted | etc = 100",
     "value size, if the trace carries none"},
    {"compressibility", "share = 0", "how much of a value repeats itself: 50% compresses to half"},
    {"seed", "count = 42", "of value sizes that are drawn"},
};

// What csv has columns for, and other formats a value for all rows.
constexpr ParamInfo kFallbackParams[] = {
    {"key", "size", "key size: integer keys are padded to it"},
    {"ttl", "time = 0", "TTL of every request; 0 never expires"},
};

std::vector<ParamInfo> join(std::span<const ParamInfo> first, std::span<const ParamInfo> second) {
  std::vector<ParamInfo> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

// Sizes drawn for a trace that carries none.
class SizedSource final : public RequestSource {
 public:
  SizedSource(std::unique_ptr<RequestSource> source, std::shared_ptr<const Sizes> sizes)
      : source_(std::move(source)), sizes_(std::move(sizes)) {}
  size_t read(std::span<Request> out) override {
    const size_t count = source_->read(out);
    assign_value_sizes(*sizes_, out.first(count));
    return count;
  }
  uint64_t skipped_rows() const override { return source_->skipped_rows(); }
  uint64_t backward_times() const override { return source_->backward_times(); }

 private:
  std::unique_ptr<RequestSource> source_;
  std::shared_ptr<const Sizes> sizes_;
};

class Trace final : public Workload {
 public:
  Trace(Spec spec, WorkloadTraits traits, TraceOpener opener,
        std::shared_ptr<const Sizes> drawn_sizes)
      : spec_(std::move(spec)),
        traits_(std::move(traits)),
        opener_(std::move(opener)),
        drawn_sizes_(std::move(drawn_sizes)) {}

  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override {
    auto source = opener_();
    if (!drawn_sizes_) return source;
    return std::make_unique<SizedSource>(std::move(source), drawn_sizes_);
  }

 private:
  Spec spec_;
  WorkloadTraits traits_;
  TraceOpener opener_;
  std::shared_ptr<const Sizes> drawn_sizes_;  // null unless sizes differ between keys
};

// A parameter that csv alone has says that the trace is one.
bool implies_csv(const Spec& spec) {
  for (const ParamInfo& param : csv_params()) {
    if (param.name != "key" && param.name != "ttl" && spec.has(param.name)) return true;
  }
  return false;
}

const TraceFormat& choose_format(const Spec& spec, const TraceSample& sample) {
  const std::string* name = spec.find("format");
  if (!name && !implies_csv(spec)) return detect_format(sample);
  const TraceFormat& format = require_row(trace_formats(), name ? *name : "csv", "trace format");
  if (format.is_text && !sample.is_text()) {
    throw Error::failed(
        fmt::format("{}: expected text ({}), got binary data", sample.path, format.name));
  }
  return format;
}

// The text of a value for all rows; null if there is none, or if it names one of the format's
// columns.
const std::string* find_constant(const Spec& spec, const TraceFormat& format,
                                 std::string_view name) {
  const std::string* value = spec.find(name);
  const bool is_column = find_row(format.params, name) && value && !is_csv_constant(name, *value);
  return is_column ? nullptr : value;
}

Request read_defaults(const Spec& spec, const TraceFormat& format) {
  constexpr uint64_t kLongestKeyBytes = 1 << 20;
  Request defaults;
  const std::string_view key_size = find_row(format.params, "key_size") ? "key_size" : "key";
  if (find_constant(spec, format, key_size)) {
    const uint64_t bytes = spec.size_bytes(key_size, 0);
    if (bytes > kLongestKeyBytes) {
      throw Error::usage(fmt::format("trace:{}: a key of more than 1 MiB", key_size));
    }
    defaults.key_size_bytes = static_cast<uint32_t>(bytes);
  }
  if (find_constant(spec, format, "ttl")) defaults.ttl_ns = spec.duration_ns("ttl", 0);
  return defaults;
}

// A generator's name with a slip in it reads as a path, so the names near it are part of the error.
void require_file(const std::string& path) {
  if (path.empty()) throw Error::usage("trace: which file? trace:path=FILE, or FILE alone");
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) || ignored) return;
  const auto near = nearest_names(path, row_names(workload_kinds()));
  throw Error::failed(
      fmt::format("{}: no such file{}", path,
                  near.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(near, " or "))));
}

std::vector<ParamInfo> params_of(const TraceFormat& format) {
  std::vector<ParamInfo> params = join(kCommonParams, format.params);
  for (const ParamInfo& param : kFallbackParams) {
    if (!find_row(format.params, param.name)) params.push_back(param);
  }
  return params;
}

void require_requests(const Workload& workload, const std::string& path) {
  Request first;
  const auto source = workload.open();
  if (source->read({&first, 1}) == 0) {
    throw Error::failed(fmt::format("{}: the trace is empty: no row of it is a request", path));
  }
}

}  // namespace

std::span<const ParamInfo> trace_params() {
  static const std::vector<ParamInfo> kAll = join(kCommonParams, csv_params());
  return kAll;
}

std::unique_ptr<Workload> make_trace(const Spec& given) {
  Spec spec = given;
  check_params(spec, trace_params());
  TraceOptions options;
  options.path = spec.text("path", "");
  require_file(options.path);
  options.skip_bad_rows = spec.count("skip-bad-rows", 0);
  const TraceSample sample = read_trace_sample(options.path);
  const TraceFormat& format = choose_format(spec, sample);
  check_params(spec, params_of(format));
  spec.set("format", std::string(format.name));
  options.defaults = read_defaults(spec, format);
  // Whether the trace carries sizes is known when the format has looked, and the format wants the
  // defaults before: so these are always made.
  const uint64_t seed = spec.count("seed", 42);
  Spec sized_spec = spec;
  const auto sizes = make_value_sizes(sized_spec, seed);
  options.defaults.value_size_bytes = sizes->fixed_bytes().value_or(0);

  WorkloadTraits traits;
  traits.format = format.name;
  traits.carries_time = format.carries_time;
  traits.carries_value_size = format.carries_value_size;
  traits.compressibility = spec.share("compressibility", 0);
  traits.has_sets = format.records_cache_commands;
  TraceOpener opener = format.make(options, sample, spec, traits);
  if (traits.carries_value_size && spec.has("value")) {
    throw Error::usage(fmt::format("{}: carries object sizes, so value={} would change nothing",
                                   options.path, *spec.find("value")));
  }
  const bool draws = !traits.carries_value_size && !sizes->fixed_bytes();
  if (!traits.carries_value_size) {
    for (const Spec::Param& param : sized_spec.params()) {
      if (param.name.starts_with("value")) spec.set(param.name, param.value);
    }
  }
  if (draws) spec.set("seed", fmt::format("{}", seed));
  auto trace = std::make_unique<Trace>(std::move(spec), std::move(traits), std::move(opener),
                                       draws ? sizes : nullptr);
  require_requests(*trace, options.path);
  return trace;
}

}  // namespace cachegauge
