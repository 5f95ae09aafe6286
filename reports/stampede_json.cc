#include "reports/stampede_json.h"

#include "reports/json_parts.h"
#include "reports/stampede_finding.h"

namespace cachegauge {
namespace {

void add_served(Json& json, const ServedCounts& served) {
  for (size_t i = 0; i < kServedCount; ++i) {
    json[std::string(kServedNames[i])] = served.by_kind[i];
  }
}

Json served_json(const ServedCounts& served) {
  Json json = {{"total", served.total()}};
  add_served(json, served);
  json["blocked_share"] = known(blocked_share(served));
  json["stale_share"] = known(share_of(served, Served::kStale));
  return json;
}

Json expected_json(const std::optional<StampedeExpectation>& expected) {
  if (!expected) return nullptr;
  return {{"origin_calls_per_expiry", expected->origin_calls},
          {"standard_error", expected->standard_error},
          {"formula", expected->formula}};
}

Json episodes_json(const StampedeCell& cell) {
  const StampedeFigures& f = cell.figures;
  const auto calls = f.calls();
  return {{"calls_stddev", calls ? Json(calls->deviation) : Json()},
          {"calls_min", calls ? Json(calls->least) : Json()},
          {"calls_max", calls ? Json(calls->most) : Json()},
          {"window_ms", known(f.window_ms)},
          {"expected_window_ms", known(cell.expected_window_ms)},
          {"rest_ms", known(f.rest_ms)},
          {"rest_stddev_ms", known(f.rest_deviation_ms)},
          {"hard_misses", f.hard_misses},
          {"origin_calls", f.episode_calls}};
}

Json rounds_json(const StampedeFigures& figures) {
  const auto calls = figures.calls_of_rounds();
  if (!calls) return nullptr;
  return {{"count", figures.round_calls.size()},
          {"origin_calls_mean", calls->mean},
          {"origin_calls_stddev", calls->deviation},
          {"origin_calls_max", calls->most},
          {"origin_calls", figures.round_calls}};
}

Json recovery_json(const StampedeRecovery& recovery) {
  return {{"baseline_hit_ratio", known(recovery.baseline_hit_ratio)},
          {"baseline_p99_ns", known(recovery.baseline_p99_ns)},
          {"hit_ratio_ms", known(recovery.hit_ratio_ms)},
          {"p99_ms", known(recovery.p99_ms)}};
}

Json point_json(const StampedePoint& point) {
  Json json = {{"t_ms", point.t_ms},
               {"arrivals_rps", known(point.arrivals_rps)},
               {"origin_calls_rps", known(point.origin_calls_rps)},
               {"at_origin_mean", known(point.at_origin_mean)},
               {"at_origin_peak", point.at_origin_peak},
               {"hit_ratio", known(point.hit_ratio)},
               {"blocked_share", known(blocked_share(point.served))},
               {"stale_share", known(share_of(point.served, Served::kStale))},
               {"p50_ns", known(point.p50_ns)},
               {"p99_ns", known(point.p99_ns)}};
  add_served(json, point.served);
  return json;
}

Json series_json(const std::vector<StampedePoint>& series) {
  Json json = Json::array();
  for (const StampedePoint& point : series) json.push_back(point_json(point));
  return json;
}

Json result_json(const StampedeCell& cell) {
  const StampedeFigures& f = cell.figures;
  const auto calls = f.calls();
  return {
      {"id", cell.id()},
      {"match_key", cell.match_key()},
      {"repetition", 1},
      {"interrupted", cell.interrupted},
      {"adapter",
       {{"spec", cell.adapter},
        {"kind", cell.adapter_kind},
        {"version", text_or_null(cell.adapter_version)}}},
      {"guard", cell.guard},
      {"scenario", cell.scenario},
      {"fault", text_or_null(cell.fault)},
      {"faults", f.faults},
      {"driver", cell.driver},
      {"origin", {{"spec", cell.origin}}},
      {"time", cell.time},
      {"workload", text_or_null(cell.workload)},
      {"keys", cell.keys},
      {"clients", count_or_null(cell.clients)},
      {"processes", cell.processes},
      {"ttl_ms", static_cast<double>(cell.ttl_ns) / 1e6},
      {"asked", {{"rate", known(cell.asked_rate)}}},
      {"achieved", {{"rate", f.rate}, {"origin_latency_ms", known(f.origin_latency_ms())}}},
      {"episodes", f.episode_calls.size()},
      {"episode", episodes_json(cell)},
      {"origin_calls", f.origin_calls},
      {"origin_calls_per_expiry", calls ? Json(calls->mean) : Json()},
      {"expected", expected_json(cell.expected)},
      {"origin_errors", f.origin_errors},
      {"peak_origin_concurrency", f.peak_origin_concurrency},
      {"wasted_calls", f.wasted_calls()},
      {"requests", served_json(f.served)},
      {"requests_in_window", served_json(f.served_in_window)},
      {"stale_served", f.served[Served::kStale]},
      {"stale_age_ns", timing_json(f.stale_ns)},
      {"failed", f.served[Served::kFailed]},
      {"time_to_recover_ms", known(f.time_to_recover_ms)},
      {"recovery", recovery_json(f.recovery)},
      {"rounds", rounds_json(f)},
      {"response_time_ns",
       {{"all", timing_json(f.response_ns)}, {"in_window", timing_json(f.response_in_window_ns)}}},
      {"origin_time_ns", timing_json(f.origin_ns)},
      {"schedule_lag_ns", cell.time == "real" ? timing_json(f.lag_ns) : Json()},
      {"locks", {{"attempts", f.lock_attempts}, {"taken", f.locks}, {"polls", f.polls}}},
      {"double_holders", f.double_holders},
      {"late_stale_writes", f.late_stale_writes},
      {"fill_errors", f.fill_errors},
      {"cache_errors", f.cache_errors},
      {"series_interval_ms", known(f.series_interval_ms)},
      {"series", series_json(f.series)},
      {"flags", cell.flags},
      {"warnings", cell.warnings}};
}

}  // namespace

std::string stampede_report_json(const StampedeReport& report) {
  Json json = report_head("stampede", report);
  json["results"] = Json::array();
  for (const StampedeCell& cell : report.cells) json["results"].push_back(result_json(cell));
  json["finding"] = lines_json(stampede_finding(report));
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
