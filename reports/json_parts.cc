#include "reports/json_parts.h"

#include <algorithm>
#include <sstream>

#include "harness/core/metrics.h"
#include "harness/core/version.h"
#include "reports/hdr_encoding.h"

namespace cachegauge {

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }
Json count_or_null(uint64_t count) { return count ? Json(count) : Json(); }

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json timing_json(const Histogram& histogram) {
  if (histogram.empty()) return nullptr;
  const TimingMetrics t = derive_timing(histogram);
  return {{"count", t.count},    {"min", t.min_ns},
          {"mean", t.mean_ns},   {"max", t.max_ns},
          {"p50", t.p50_ns},     {"p90", t.p90_ns},
          {"p99", t.p99_ns},     {"p999", t.p999_ns},
          {"p9999", t.p9999_ns}, {"histogram", encode_hdr_histogram(histogram)}};
}

Json lines_json(const std::string& text) {
  Json json = Json::array();
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) json.push_back(line);
  return json;
}

Json summary_json(const Summary& summary) {
  return {{"median", summary.median},
          {"low", summary.low},
          {"high", summary.high},
          {"n", summary.n},
          {"is_interval", summary.is_interval}};
}

Json traced_workload_json(const std::string& label, const WorkloadFacts& workload) {
  return {{"label", label},
          {"spec", workload.spec},
          {"given", text_or_null(workload.given)},
          {"format", text_or_null(workload.format)},
          {"requests", workload.requests},
          {"unique_keys", workload.unique_keys},
          {"fingerprint", text_or_null(workload.fingerprint)}};
}

Json tool_json() {
  const ToolVersion tool = tool_version();
  return {{"name", tool.name},
          {"version", tool.version},
          {"git_commit", text_or_null(tool.git_commit)},
          {"build_type", text_or_null(tool.build_type)}};
}

Json context_json(const MachineContext& context) {
  return {{"host", text_or_null(context.host)},
          {"cpu_model", text_or_null(context.cpu_model)},
          {"cores", count_or_null(static_cast<uint64_t>(std::max(context.cores, 0)))},
          {"kernel", text_or_null(context.kernel)},
          {"governor", text_or_null(context.governor)},
          {"load", known(context.load)},
          {"steal", known(context.steal)},
          {"timer_floor_ns", known(context.timer_floor_ns)},
          {"null_floor_ns", known(context.null_floor_ns)},
          {"started_at", text_or_null(context.started_at)}};
}

// Bytes that are not UTF-8 are replaced before parsing, since the parser refuses them.
Json experiment_json(const std::string& text) {
  const std::string quoted = dump(Json(text), -1);
  const std::string clean = Json::parse(quoted).get<std::string>();
  Json experiment = Json::parse(clean, nullptr, false);
  if (experiment.is_object()) return experiment;
  return text.empty() ? Json::object() : Json{{"text", clean}};
}

}  // namespace cachegauge
