#include "reports/stampede_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/read_parts.h"

namespace cachegauge {
namespace {

uint32_t small_count(const JsonNode& node) {
  return static_cast<uint32_t>(std::min<uint64_t>(node.count(), UINT32_MAX));
}

std::vector<uint64_t> counts_in(const JsonNode& node, std::string_view name) {
  return list_in(node, name, [](const JsonNode& count) { return count.count(); });
}

ServedCounts read_served_kinds(const JsonNode& node) {
  ServedCounts served;
  for (size_t i = 0; i < kServedCount; ++i) served.by_kind[i] = node.at(kServedNames[i]).count();
  return served;
}

ServedCounts read_served(const JsonNode& node) {
  const ServedCounts served = read_served_kinds(node);
  if (served.total() != node.at("total").count()) {
    node.at("total").fail(fmt::format("is {}, but its kinds are {} together",
                                      node.at("total").count(), served.total()));
  }
  return served;
}

StampedeExpectation read_expectation(const JsonNode& node) {
  return {.origin_calls = node.at("origin_calls_per_expiry").number(),
          .standard_error = node.at("standard_error").number(),
          .formula = plain_text(node.at("formula"))};
}

void read_episodes(const JsonNode& result, StampedeFigures& figures) {
  const JsonNode node = result.at("episode");
  figures.episode_calls = counts_in(node, "origin_calls");
  if (figures.episode_calls.size() != result.at("episodes").count()) {
    result.at("episodes")
        .fail(fmt::format("is {}, but episode.origin_calls has {}", result.at("episodes").count(),
                          figures.episode_calls.size()));
  }
  figures.window_ms = number_in(node, "window_ms");
  figures.rest_ms = number_in(node, "rest_ms");
  figures.rest_deviation_ms = number_in(node, "rest_stddev_ms");
  figures.hard_misses = node.at("hard_misses").count();
  figures.time_to_recover_ms = number_in(result, "time_to_recover_ms");
  if (const auto rounds = result.find("rounds")) {
    figures.round_calls = counts_in(*rounds, "origin_calls");
    if (figures.round_calls.empty()) rounds->at("origin_calls").fail("is empty");
  }
}

StampedePoint read_stampede_point(const JsonNode& node) {
  StampedePoint point;
  point.t_ms = node.at("t_ms").signed_number();
  point.arrivals_rps = number_in(node, "arrivals_rps");
  point.origin_calls_rps = number_in(node, "origin_calls_rps");
  point.at_origin_mean = number_in(node, "at_origin_mean");
  point.at_origin_peak = node.at("at_origin_peak").count();
  point.served = read_served_kinds(node);
  point.hit_ratio = number_in(node, "hit_ratio");
  const auto nanoseconds = [](const JsonNode& ns) { return ns.nanoseconds(); };
  point.p50_ns = part_in(node, "p50_ns", nanoseconds);
  point.p99_ns = part_in(node, "p99_ns", nanoseconds);
  return point;
}

void read_stampede_series(const JsonNode& result, StampedeFigures& figures) {
  figures.series_interval_ms = number_in(result, "series_interval_ms");
  figures.series = list_in(result, "series", read_stampede_point);
  for (size_t i = 1; i < figures.series.size(); ++i) {
    if (figures.series[i].t_ms <= figures.series[i - 1].t_ms) {
      result.at("series").fail("its times do not rise");
    }
  }
  const JsonNode recovery = result.at("recovery");
  figures.recovery.baseline_hit_ratio = number_in(recovery, "baseline_hit_ratio");
  figures.recovery.baseline_p99_ns =
      part_in(recovery, "baseline_p99_ns", [](const JsonNode& ns) { return ns.nanoseconds(); });
  figures.recovery.hit_ratio_ms = number_in(recovery, "hit_ratio_ms");
  figures.recovery.p99_ms = number_in(recovery, "p99_ms");
}

void read_tally(const JsonNode& node, StampedeTally& tally) {
  const JsonNode locks = node.at("locks"), responses = node.at("response_time_ns");
  tally.served = read_served(node.at("requests"));
  tally.served_in_window = read_served(node.at("requests_in_window"));
  tally.response_ns = read_histogram(responses.at("all"));
  tally.response_in_window_ns = read_histogram(responses.at("in_window"));
  tally.origin_ns = read_histogram(node.at("origin_time_ns"));
  tally.stale_ns = read_histogram(node.at("stale_age_ns"));
  tally.lag_ns = read_histogram(node.at("schedule_lag_ns"));
  tally.origin_calls = node.at("origin_calls").count();
  tally.origin_errors = node.at("origin_errors").count();
  tally.peak_origin_concurrency = node.at("peak_origin_concurrency").count();
  tally.fill_errors = node.at("fill_errors").count();
  tally.cache_errors = node.at("cache_errors").count();
  tally.lock_attempts = locks.at("attempts").count();
  tally.locks = locks.at("taken").count();
  tally.polls = locks.at("polls").count();
  tally.double_holders = node.at("double_holders").count();
  tally.faults = node.at("faults").count();
  tally.late_stale_writes = node.at("late_stale_writes").count();
}

StampedeCell read_stampede_cell(const JsonNode& node) {
  StampedeCell cell;
  node.at("id").text();  // which is made anew
  const JsonNode adapter = node.at("adapter");
  cell.interrupted = truth_in(node, "interrupted").value_or(false);
  cell.adapter = adapter.at("spec").text();
  cell.adapter_kind = adapter.at("kind").text();
  cell.adapter_version = text_in(adapter, "version");
  cell.guard = node.at("guard").text();
  cell.scenario = node.at("scenario").text();
  cell.fault = text_in(node, "fault");
  cell.driver = node.at("driver").text();
  cell.origin = node.at("origin").at("spec").text();
  cell.time = plain_text(node.at("time"));
  cell.workload = text_in(node, "workload");
  cell.keys = small_count(node.at("keys"));
  cell.clients = part_in(node, "clients", small_count).value_or(0);
  cell.processes = small_count(node.at("processes"));
  cell.ttl_ns = node.at("ttl_ms").milliseconds_as_ns();
  cell.asked_rate = number_in(node.at("asked"), "rate");
  cell.figures.rate = node.at("achieved").at("rate").number();
  read_tally(node, cell.figures);
  read_episodes(node, cell.figures);
  read_stampede_series(node, cell.figures);
  cell.expected = part_in(node, "expected", read_expectation);
  cell.expected_window_ms = number_in(node.at("episode"), "expected_window_ms");
  cell.flags = node.at("flags").texts();
  cell.warnings = node.at("warnings").texts();
  return cell;
}

}  // namespace

StampedeReport read_stampede(const JsonNode& root) {
  StampedeReport report;
  read_head(root, report);
  report.cells = list_in(root, "results", read_stampede_cell);
  return report;
}

}  // namespace cachegauge
