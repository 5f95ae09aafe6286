#include "harness/simulate/sampled_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <numeric>

#include "harness/core/error.h"
#include "harness/core/statistics.h"
#include "harness/simulate/chosen_keys.h"

namespace cachegauge {
namespace {

struct Asked {
  uint64_t gets, bytes;
};

// What the parts of a sample say of one cache, as shares of the whole's gets and their bytes.
class PartRatios {
 public:
  // Of a part at this rate; `whole` is the estimate by the sample.
  void add(uint64_t misses, uint64_t miss_bytes, double rate, const Asked& whole) {
    misses_.push_back(share(misses, rate, whole.gets));
    bytes_.push_back(share(miss_bytes, rate, whole.bytes));
  }
  std::optional<double> mean() const {
    if (misses_.size() < KeySample::kParts) return std::nullopt;  // interrupted
    return std::accumulate(misses_.begin(), misses_.end(), 0.0) / KeySample::kParts;
  }
  std::optional<double> error(double rate) const { return error_of(misses_, rate); }
  std::optional<double> byte_error(double rate) const { return error_of(bytes_, rate); }

 private:
  static double share(uint64_t part, double rate, uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / rate / static_cast<double>(whole);
  }
  static std::optional<double> error_of(const std::vector<double>& ratios, double rate) {
    if (ratios.size() < KeySample::kParts) return std::nullopt;  // interrupted
    return standard_error(ratios) * std::sqrt(1 - rate);
  }
  std::vector<double> misses_, bytes_;
};

uint64_t missed_bytes(const SimulationCounts& counts) {
  return counts.get_bytes - counts.hit_bytes;
}

// The same numbers of entries for the sample as for its parts.
void resolve_shares(std::vector<CacheSize>& sizes, uint64_t unique_keys) {
  for (CacheSize& size : sizes) {
    if (size.unit != CacheSize::Unit::kShare) continue;
    size.value = static_cast<double>(size.resolve(unique_keys).limit);
    size.unit = CacheSize::Unit::kEntries;
  }
}

}  // namespace

SampledTrace::SampledTrace(const Workload& workload, const RequestRules& rules,
                           const KeySample& keys, uint64_t most_bytes_in_memory, ArrivalTimes times)
    : keys_(keys),
      trace_(keys.holds_all() ? InternedTrace(workload, rules, most_bytes_in_memory, times)
                              : InternedTrace(SampledWorkload(workload, rules, keys_, whole_), {},
                                              most_bytes_in_memory, times)),
      summary_(trace_.summary()) {
  if (keys_.holds_all()) return;
  if (whole_.all.requests > 0 && summary_.requests == 0) {
    throw Error::usage(
        fmt::format("no key of the workload is in a sample of {:g}%: take a larger --sample",
                    keys_.rate() * 100));
  }
  summary_.requests = whole_.all.requests;
  summary_.ops = whole_.all.ops;
  summary_.unique_keys = of_whole(summary_.unique_keys);
  summary_.with_ttl = of_whole(summary_.with_ttl);
  summary_.footprint_bytes = of_whole(summary_.footprint_bytes);
  summary_.misstated_key_bytes = of_whole(summary_.misstated_key_bytes);
  summary_.fingerprint = whole_.fingerprint;
}

SampledTrace::SampledTrace(const Workload& sample, const KeySample& keys, const TraceSummary& whole)
    : keys_(keys), trace_(sample, {}, UINT64_MAX), summary_(whole) {
  whole_.all.requests = whole.requests;
  whole_.all.ops = whole.ops;
}

uint64_t SampledTrace::of_whole(uint64_t sampled) const {
  return static_cast<uint64_t>(std::llround(static_cast<double>(sampled) / keys_.rate()));
}

uint64_t SampledTrace::compulsory_misses(uint64_t warmup_requests) const {
  if (keys_.holds_all()) return trace_.compulsory_misses(warmup_requests);
  const uint64_t sampled = trace_.compulsory_misses(whole_.up_to(warmup_requests).sampled);
  return std::min(of_whole(sampled), estimate({}, warmup_requests).gets);
}

uint64_t SampledTrace::warmed_up(uint64_t warmup_requests) const {
  return keys_.holds_all() ? warmup_requests : whole_.up_to(warmup_requests).requests;
}

SampledTrace::TurnedAway SampledTrace::turned_away(uint64_t capacity_bytes, double share) const {
  const PolicyCapacity whole = {.limit = capacity_bytes, .in_bytes = true};
  const double smaller = static_cast<double>(capacity_bytes) * share;
  uint64_t gets = 0, away = 0;
  TurnedAway turned;
  for (const TraceChunk& chunk : trace_.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      if (chunk.ops[i] != Op::kGet) continue;
      ++gets;
      const uint64_t bytes =
          charge(whole, trace_.key_size_bytes(chunk.ids[i]), chunk.value_sizes[i]);
      if (static_cast<double>(bytes) <= smaller || bytes > capacity_bytes) continue;
      ++away;
      turned.largest_bytes = std::max(turned.largest_bytes, bytes);
    }
  }
  if (gets > 0) turned.share_of_gets = static_cast<double>(away) / static_cast<double>(gets);
  return turned;
}

void SampledTrace::find_next_uses_for(const std::vector<Spec>& policies) {
  if (has_next_uses_ || !needs_the_future(policies)) return;
  trace_.find_next_uses();
  has_next_uses_ = true;
  summary_.intern_ns = trace_.summary().intern_ns;
}

GridOptions SampledTrace::options_of_sample(const GridOptions& options) const {
  if (keys_.holds_all()) return options;
  GridOptions of_sample = options;
  of_sample.sample_rate = keys_.rate();
  of_sample.warmup_requests = whole_.up_to(options.warmup_requests).sampled;
  return of_sample;
}

void SampledTrace::for_each_part(const GridOptions& of_sample, const std::atomic<bool>& stop,
                                 const VisitPart& visit) const {
  // Half of the parts at a time at most: then what fits in memory of the sample fits of each.
  const uint32_t threads = std::clamp(of_sample.threads, 1u, KeySample::kParts / 2);
  GridOptions of_part = of_sample;
  of_part.threads = std::max(1u, of_sample.threads / threads);
  of_part.sample_rate /= KeySample::kParts;
  of_part.max_memory_bytes -= std::min(of_part.max_memory_bytes, trace_.bytes_in_memory());
  of_part.max_memory_bytes /= threads;
  std::atomic<uint32_t> next = 0;
  const auto work = [&] {
    for (uint32_t p; !stop && (p = next++) < KeySample::kParts;) {
      const ChosenKeys workload(trace_,
                                [&](uint32_t id) { return keys_.part(trace_.key_hash(id)) == p; });
      InternedTrace part(workload, {}, of_part.max_memory_bytes / 2);
      if (has_next_uses_) part.find_next_uses();
      GridOptions options = of_part;
      options.warmup_requests = workload.requests_among(of_sample.warmup_requests);
      visit(p, part, options);
    }
  };
  std::vector<std::future<void>> others;
  for (uint32_t i = 1; i < threads; ++i) others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& other : others) other.get();
}

SimulationCounts SampledTrace::estimate(const SimulationCounts& sampled,
                                        uint64_t warmup_requests) const {
  const RequestCounts counted = whole_.all - whole_.up_to(warmup_requests);
  const auto count = [&](Op op) { return counted.ops[static_cast<int>(op)]; };
  SimulationCounts whole;
  whole.requests = counted.requests;
  whole.gets = count(Op::kGet);
  whole.sets = count(Op::kSet);
  whole.adds = count(Op::kAdd);
  whole.deletes = count(Op::kDelete);
  whole.misses = std::min(whole.gets, of_whole(sampled.misses));
  whole.hits = whole.gets - whole.misses;
  whole.write_hits = std::min(whole.sets, of_whole(sampled.write_hits));
  whole.admissions = of_whole(sampled.admissions);
  whole.declined = of_whole(sampled.declined);
  whole.not_admitted = of_whole(sampled.not_admitted);
  whole.evictions = of_whole(sampled.evictions);
  whole.expirations = of_whole(sampled.expirations);
  whole.delayed_hits = std::min(whole.misses, of_whole(sampled.delayed_hits));
  whole.waited_ns = of_whole(sampled.waited_ns);
  // Hits have the size that the object has, which may not be that which the get asked for.
  const double resized =
      static_cast<double>(sampled.get_bytes) - static_cast<double>(counted.sampled_get_bytes);
  whole.get_bytes = static_cast<uint64_t>(
      std::llround(std::max(0.0, static_cast<double>(counted.get_bytes) + resized / keys_.rate())));
  whole.hit_bytes = whole.get_bytes - std::min(whole.get_bytes, of_whole(missed_bytes(sampled)));
  return whole;
}

void SampledTrace::estimate(MissRatioCurve& curve, uint64_t warmup_requests) const {
  const uint64_t sampled_bytes = curve.get_bytes;
  const auto of_point = [&](const CurvePoint& point) {
    return estimate({.misses = point.misses,
                     .get_bytes = sampled_bytes,
                     .hit_bytes = sampled_bytes - point.miss_bytes},
                    warmup_requests);
  };
  for (CurvePoint& point : curve.points) {
    const SimulationCounts whole = of_point(point);
    point.misses = whole.misses;
    point.miss_bytes = missed_bytes(whole);
  }
  const SimulationCounts whole = of_point({});
  curve.gets = whole.gets;
  curve.get_bytes = whole.get_bytes;
  curve.exact = false;
}

std::vector<SimulationResult> SampledTrace::simulate(const std::vector<Spec>& policies,
                                                     std::vector<CacheSize> sizes,
                                                     const GridOptions& options,
                                                     const std::atomic<bool>& stop) {
  find_next_uses_for(policies);
  if (keys_.holds_all()) return simulate_grid(trace_, policies, sizes, options, stop);
  resolve_shares(sizes, summary_.unique_keys);
  const GridOptions of_sample = options_of_sample(options);
  std::vector<SimulationResult> results = simulate_grid(trace_, policies, sizes, of_sample, stop);
  for (SimulationResult& result : results) {
    result.counts = estimate(result.counts, options.warmup_requests);
  }
  std::array<std::vector<SimulationResult>, KeySample::kParts> results_of;
  for_each_part(of_sample, stop,
                [&](uint32_t p, const InternedTrace& part, const GridOptions& of_part) {
                  results_of[p] = simulate_grid(part, policies, sizes, of_part, stop);
                });
  std::vector<PartRatios> ratios(results.size());
  for (const std::vector<SimulationResult>& part : results_of) {
    if (part.size() < results.size()) continue;  // stopped
    for (size_t i = 0; i < results.size(); ++i) {
      ratios[i].add(part[i].counts.misses, missed_bytes(part[i].counts), part_rate(),
                    {results[i].counts.gets, results[i].counts.get_bytes});
      results[i].simulated += part[i].simulated;
      results[i].cpu_ns += part[i].cpu_ns;
    }
  }
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].miss_ratio_by_parts = ratios[i].mean();
    results[i].miss_ratio_error = ratios[i].error(keys_.rate());
    results[i].byte_miss_ratio_error = ratios[i].byte_error(keys_.rate());
  }
  return results;
}

std::vector<MissRatioCurve> SampledTrace::curves(const std::vector<Spec>& policies, bool in_bytes,
                                                 const GridOptions& options,
                                                 const std::atomic<bool>& stop) {
  find_next_uses_for(policies);
  const GridOptions of_sample = options_of_sample(options);
  std::vector<MissRatioCurve> curves =
      miss_ratio_curves(trace_, policies, in_bytes, of_sample, stop);
  if (keys_.holds_all()) return curves;
  for (MissRatioCurve& curve : curves) estimate(curve, options.warmup_requests);
  std::array<std::vector<MissRatioCurve>, KeySample::kParts> curves_of;
  for_each_part(
      of_sample, stop, [&](uint32_t p, const InternedTrace& part, const GridOptions& of_part) {
        curves_of[p] = miss_ratio_curves(part, policies, in_bytes, of_part, stop, &curves);
      });
  std::vector<std::vector<PartRatios>> ratios(curves.size());
  for (const std::vector<MissRatioCurve>& part : curves_of) {
    if (part.size() < curves.size()) continue;  // stopped
    for (size_t c = 0; c < curves.size(); ++c) {
      ratios[c].resize(curves[c].points.size());
      for (size_t i = 0; i < ratios[c].size(); ++i) {
        ratios[c][i].add(part[c].points[i].misses, part[c].points[i].miss_bytes, part_rate(),
                         {curves[c].gets, curves[c].get_bytes});
      }
      curves[c].cpu_ns += part[c].cpu_ns;
    }
  }
  for (size_t c = 0; c < curves.size(); ++c) {
    for (size_t i = 0; i < ratios[c].size(); ++i) {
      curves[c].points[i].miss_ratio_error = ratios[c][i].error(keys_.rate());
      curves[c].points[i].byte_miss_ratio_error = ratios[c][i].byte_error(keys_.rate());
    }
  }
  return curves;
}

}  // namespace cachegauge
