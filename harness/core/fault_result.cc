#include "harness/core/fault_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/recovery.h"
#include "harness/core/series_text.h"
#include "harness/core/statistics.h"

namespace cachegauge {
namespace {

constexpr FaultWindowField kWindowFields[] = {
    {"requests", &FaultWindow::requests},
    {"gets", &FaultWindow::gets},
    {"hits", &FaultWindow::hits},
    {"failed_requests", &FaultWindow::failed_requests},
    {"errors", &FaultWindow::errors},
    {"timeouts", &FaultWindow::timeouts},
    {"fallbacks", &FaultWindow::fallbacks},
    {"stale_served", &FaultWindow::stale_served},
    {"origin_calls", &FaultWindow::origin_calls},
    {"origin_errors", &FaultWindow::origin_errors},
};

constexpr std::string_view kNever = "-";

std::string time_text(std::optional<int64_t> ns) {
  return ns ? fmt::to_string(*ns) : std::string(kNever);
}

std::optional<int64_t> read_time(std::string_view word) {
  if (word == kNever) return std::nullopt;
  return LineReader::to_number<int64_t>(word);
}

FaultMeans read_means(std::string_view word) {
  for (FaultMeans means : {FaultMeans::kSession, FaultMeans::kServer, FaultMeans::kProxy}) {
    if (fault_means_name(means) == word) return means;
  }
  throw Error::failed(fmt::format("a run result with a fault brought about by \"{}\"", word));
}

void merge_moment(std::optional<int64_t>& moment, std::optional<int64_t> other) {
  if (!moment) moment = other;
}

}  // namespace

std::span<const FaultWindowField> fault_window_fields() { return kWindowFields; }

void FaultWindow::merge(const FaultWindow& other) {
  for (const FaultWindowField& f : kWindowFields) this->*f.field += other.*f.field;
  duration_ns = std::max(duration_ns, other.duration_ns);
  times.merge(other.times);
}

void FaultResult::merge(const FaultResult& other) {
  if (spec.empty()) {
    *this = other;
    return;
  }
  merge_moment(began_ns, other.began_ns);
  merge_moment(ended_ns, other.ended_ns);
  for (size_t i = 0; i < kFaultStretches; ++i) windows[i].merge(other.windows[i]);
}

void CacheErrorCounts::merge(const CacheErrorCounts& other) {
  fallbacks += other.fallbacks;
  stale_served += other.stale_served;
  outdated_served += other.outdated_served;
  failed_requests += other.failed_requests;
}

FaultWindowMetrics derive_fault_window(const FaultWindow& window) {
  const double duration_s = static_cast<double>(window.duration_ns) / 1e9;
  return {.duration_s = duration_s,
          .hit_ratio = ratio(window.hits, window.gets),
          .p50_ns = window.times.percentile(0.5),
          .p99_ns = window.times.percentile(0.99),
          .max_ns = window.times.percentile(1),
          .throughput_rps = ratio(static_cast<double>(window.requests), duration_s),
          .origin_calls_per_s = ratio(static_cast<double>(window.origin_calls), duration_s)};
}

FaultRecovery fault_recovery(const FaultResult& fault, const Series& series) {
  FaultRecovery recovery;
  if (!fault.ended_ns) return recovery;
  const FaultWindowMetrics before = derive_fault_window(fault.window(FaultStretch::kBefore));
  std::vector<RecoveryPoint> points;
  std::vector<int64_t> begins_ns;  // of their intervals, from the fault's end
  int64_t begin_ns = 0;
  for (const SeriesBucket& bucket : series.buckets()) {
    const int64_t end_ns = begin_ns + series.interval_ns();
    if (end_ns > *fault.ended_ns && bucket.counts.requests > 0) {
      points.push_back(
          {ratio(bucket.counts.hits, bucket.counts.gets), bucket.times.percentile(0.99)});
      begins_ns.push_back(std::max<int64_t>(0, begin_ns - *fault.ended_ns));
    }
    begin_ns = end_ns;
  }
  const RecoveryIndices indices = settled(points, {before.hit_ratio, before.p99_ns});
  if (indices.hit_ratio) recovery.hit_ratio_ns = begins_ns[*indices.hit_ratio];
  if (indices.p99) recovery.p99_ns = begins_ns[*indices.p99];
  return recovery;
}

// "fault MEANS cache|origin AT BEGAN ENDED NAME SPEC", "fault_window WHICH DURATION COUNT…
// SLOT:COUNT…"
void append_fault(std::string& out, const FaultResult& fault) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "fault {} {} {} {} {} {} {}\n", fault_means_name(fault.means),
                 fault.on_origin ? "origin" : "cache", fault.at_ns, time_text(fault.began_ns),
                 time_text(fault.ended_ns), fault.name, fault.spec);
  for (size_t i = 0; i < kFaultStretches; ++i) {
    const FaultWindow& window = fault.windows[i];
    fmt::format_to(to, "fault_window {} {}", kFaultStretchNames[i], window.duration_ns);
    for (const FaultWindowField& f : kWindowFields) fmt::format_to(to, " {}", window.*f.field);
    append_times(out, window.times);
    out += '\n';
  }
}

FaultResult read_fault_line(LineReader& line) {
  FaultResult fault;
  fault.means = read_means(line.word());
  fault.on_origin = line.word() == "origin";
  fault.at_ns = line.number<int64_t>();
  fault.began_ns = read_time(line.word());
  fault.ended_ns = read_time(line.word());
  fault.name = line.word();
  fault.spec = line.rest();
  return fault;
}

void read_fault_window(LineReader& line, FaultResult& fault) {
  const std::string_view name = line.word();
  const auto* at = std::find(kFaultStretchNames.begin(), kFaultStretchNames.end(), name);
  if (at == kFaultStretchNames.end()) {
    throw Error::failed(fmt::format("a run result with an unknown stretch \"{}\"", name));
  }
  FaultWindow& window = fault.windows[static_cast<size_t>(at - kFaultStretchNames.begin())];
  window.duration_ns = line.number<int64_t>();
  for (const FaultWindowField& f : kWindowFields) window.*f.field = line.number<uint64_t>();
  window.times = read_times(line);
}

void append_cache_errors(std::string& out, const CacheErrorCounts& counts) {
  fmt::format_to(std::back_inserter(out), "cache_errors {} {} {} {}\n", counts.fallbacks,
                 counts.stale_served, counts.outdated_served, counts.failed_requests);
}

CacheErrorCounts read_cache_errors(LineReader& line) {
  CacheErrorCounts counts;
  for (uint64_t* count : {&counts.fallbacks, &counts.stale_served, &counts.outdated_served,
                          &counts.failed_requests}) {
    *count = line.number<uint64_t>();
  }
  line.finish();
  return counts;
}

}  // namespace cachegauge
