#include "reports/stampede_json.h"

#include "reports/json_parts.h"
#include "reports/json_report.h"

namespace cachegauge {
namespace {

Json milliseconds(const std::optional<double>& ns) { return ns ? Json(*ns / 1e6) : Json(); }

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
  const StampedeCounts& counts = cell.counts;
  const auto calls = origin_calls_per_episode(counts);
  const auto rest = rest_between_episodes(counts);
  Json json = {{"calls_stddev", calls ? Json(calls->deviation) : Json()},
               {"calls_min", calls ? Json(calls->least) : Json()},
               {"calls_max", calls ? Json(calls->most) : Json()},
               {"window_ms", milliseconds(mean_window_ns(counts))},
               {"expected_window_ms", milliseconds(cell.expected_window_ns)},
               {"rest_ms", rest ? Json(rest->mean_ns / 1e6) : Json()},
               {"rest_stddev_ms", rest ? Json(rest->deviation_ns / 1e6) : Json()},
               {"hard_misses", hard_misses(counts)},
               {"origin_calls", Json::array()}};
  for (const StampedeEpisode& episode : counts.episodes) {
    json["origin_calls"].push_back(episode.origin_calls);
  }
  return json;
}

Json rounds_json(const StampedeCounts& counts) {
  const auto calls = origin_calls_per_round(counts);
  if (!calls) return nullptr;
  return {{"count", counts.round_calls.size()},
          {"origin_calls_mean", calls->mean},
          {"origin_calls_stddev", calls->deviation},
          {"origin_calls_max", calls->most},
          {"origin_calls", counts.round_calls}};
}

Json recovery_json(const StampedeSeries& series) {
  const StampedeRecovery recovery = recovery_of(series);
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
               {"p50_ns", known(point.p50_ns)},
               {"p99_ns", known(point.p99_ns)}};
  add_served(json, point.served);
  return json;
}

Json series_json(const StampedeSeries& series) {
  Json json = Json::array();
  for (const StampedePoint& point : stampede_points(series)) json.push_back(point_json(point));
  return json;
}

Json result_json(const StampedeCell& cell) {
  const StampedeCounts& c = cell.counts;
  const auto calls = origin_calls_per_episode(c);
  const Json interval =
      c.series.interval_ns > 0 ? Json(static_cast<double>(c.series.interval_ns) / 1e6) : Json();
  return {
      {"id", cell.id()},
      {"match_key", cell.match_key()},
      {"repetition", 1},
      {"adapter",
       {{"spec", cell.adapter},
        {"kind", cell.adapter_kind},
        {"version", text_or_null(cell.adapter_version)}}},
      {"guard", cell.guard},
      {"scenario", cell.scenario},
      {"fault", text_or_null(cell.fault)},
      {"faults", c.faults},
      {"driver", cell.driver},
      {"origin", {{"spec", cell.origin}}},
      {"time", cell.time},
      {"workload", text_or_null(cell.workload)},
      {"keys", cell.keys},
      {"clients", count_or_null(cell.clients)},
      {"processes", cell.processes},
      {"ttl_ms", static_cast<double>(cell.ttl_ns) / 1e6},
      {"asked", {{"rate", known(cell.asked_rate)}}},
      {"achieved",
       {{"rate", achieved_rate(c)},
        {"origin_latency_ms", c.origin_ns.empty() ? Json() : Json(c.origin_ns.mean() / 1e6)}}},
      {"episodes", c.episodes.size()},
      {"episode", episodes_json(cell)},
      {"origin_calls", c.origin_calls},
      {"origin_calls_per_expiry", calls ? Json(calls->mean) : Json()},
      {"expected", expected_json(cell.expected)},
      {"origin_errors", c.origin_errors},
      {"peak_origin_concurrency", c.peak_origin_concurrency},
      {"wasted_calls", wasted_calls(c)},
      {"requests", served_json(c.served)},
      {"requests_in_window", served_json(c.served_in_window)},
      {"stale_served", c.served[Served::kStale]},
      {"stale_age_ns", timing_json(c.stale_ns)},
      {"failed", c.served[Served::kFailed]},
      {"time_to_recover_ms", milliseconds(mean_time_to_recover_ns(c))},
      {"recovery", recovery_json(c.series)},
      {"rounds", rounds_json(c)},
      {"response_time_ns",
       {{"all", timing_json(c.response_ns)}, {"in_window", timing_json(c.response_in_window_ns)}}},
      {"origin_time_ns", timing_json(c.origin_ns)},
      {"schedule_lag_ns", cell.time == "real" ? timing_json(c.lag_ns) : Json()},
      {"locks", {{"attempts", c.lock_attempts}, {"taken", c.locks}, {"polls", c.polls}}},
      {"double_holders", c.double_holders},
      {"late_stale_writes", c.late_stale_writes},
      {"fill_errors", c.fill_errors},
      {"cache_errors", c.cache_errors},
      {"series_interval_ms", interval},
      {"series", series_json(c.series)},
      {"flags", cell.flags},
      {"warnings", cell.warnings}};
}

}  // namespace

std::string stampede_report_json(const StampedeReport& report) {
  Json json = report_head("stampede", report);
  json["results"] = Json::array();
  for (const StampedeCell& cell : report.cells) json["results"].push_back(result_json(cell));
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
