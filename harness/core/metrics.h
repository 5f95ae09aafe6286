// Ratios and percentiles of a merged RunResult: derived here, once, for every reporter and the
// gate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/run_result.h"

namespace cachegauge {

struct TimingMetrics {
  uint64_t count = 0;  // of the values timed: in-process commands are sampled
  int64_t min_ns = 0, max_ns = 0;
  double mean_ns = 0;
  int64_t p50_ns = 0, p90_ns = 0, p99_ns = 0, p999_ns = 0, p9999_ns = 0;
};

// Of what a pattern that writes to the origin did; null where there is nothing to divide by.
struct PatternShares {
  // Gets answered with less than was acknowledged when they began, values put into the cache that
  // nobody read, acknowledged writes that the origin lacks.
  std::optional<double> stale, unread, lost;
};

// Null where there is nothing to divide by, or the backend does not say.
struct Metrics {
  std::optional<double> hit_ratio;       // hits / (hits + misses)
  std::optional<double> byte_hit_ratio;  // value bytes served / asked for, errors left out
  std::optional<double> throughput_rps;  // completed requests / duration
  std::optional<double> offered_rps;     // of an open loop: what its schedule asked for
  std::optional<double> sent_rps;        // and what the client got round to
  std::optional<double> backlog_mean;    // commands in line for a connection (Little's law)
  std::optional<double> concurrency_mean;
  std::optional<double> error_ratio;  // failed commands / all commands
  std::optional<double> bytes_per_item;
  std::optional<double> overhead_ratio;  // bytes_used / payload_bytes
  // What an item takes, in parts: its key and value; what else the backend claims for it; what the
  // process holds beyond that claim. Null also where the whole is less than what it is made of.
  std::optional<double> payload_bytes_per_item;
  std::optional<double> overhead_bytes_per_item;
  std::optional<double> rss_extra_bytes_per_item;
  // Bytes that the cache grows by for each request: the slope of the line of least squares through
  // what the backend said of its memory over the requests until then.
  std::optional<double> growth_bytes_per_request;
  // Bytes of a hit's value that the cache in this process copies for its caller; 0 where it hands
  // out the stored ones. Null for a server, whose answer is a copy in any case.
  std::optional<double> copied_bytes_per_hit;
  // Serialisation: encoded bytes by plain ones, and the part of all response time that encoding and
  // decoding take.
  std::optional<double> encoded_ratio, codec_share;
  std::optional<double> named_key_bytes, plain_key_bytes;  // mean, as sent and as they were
  // Where the mean call to an origin takes longer than this, caching pays. With a get of G and a
  // fill of F (mean service times), f fills and h hits a get, a get costs G + f·F + (1 - h)·O
  // through the cache and O without it: the two are equal at O = (G + f·F) / h.
  std::optional<double> break_even_origin_ns;
  std::optional<double> origin_busy_s;
  // Share of the gets that did not reach the origin: what the cache takes off it. Null without
  // calls.
  std::optional<double> origin_relief;
  PatternShares pattern;  // of one that writes to the origin
  std::optional<double> client_cpu_ns_per_request;
  double client_user_s = 0, client_system_s = 0, client_spin_s = 0;
  double client_paused_s = 0, client_longest_pause_s = 0;
  std::optional<double> server_s;  // CPU time of the backend's processes
  uint64_t requests = 0;
  double duration_s = 0;
};

// Response times of requests of every kind, failed ones included.
Histogram all_responses(const RunResult& result);

// Of the sets, adds and deletes among them.
Histogram write_responses(const RunResult& result);
// The hit ratio of each part of the cache that counts its own hits and misses: "l1", "l2". Null for
// one that was not asked.
std::vector<std::pair<std::string, std::optional<double>>> part_hit_ratios(const RunResult& result);

// Of one class: the same, of all its requests and of what its pattern did.
Histogram all_responses(const ClassFigures& figures);
std::optional<double> hit_ratio(const ClassFigures& figures);
PatternShares pattern_shares(const ClassFigures& figures);

TimingMetrics derive_timing(const Histogram& histogram);
Metrics derive_metrics(const RunResult& result);

// Of a result that did not begin, or whose process died with what it had counted: a flag of it. Its
// counts and times are not known, and 0 says nothing.
inline constexpr std::string_view kNotCounted = "not_counted";
bool is_counted(const RunResult& result);

// What is held against --max-errors: failed commands / all commands, as error_ratio, but of a run
// with faults up to the first of them; what fails from then on is what it was asked for.
std::optional<double> unprovoked_error_ratio(const RunResult& result);

// Every measured number of a result under the path it has in results[] ("hit_ratio", "hits",
// "response_time_ns.get.p99", "origin.calls"), unknown ones left out: what summaries[] are made of.
std::vector<std::pair<std::string, double>> flat_metrics(const RunResult& result);

}  // namespace cachegauge
