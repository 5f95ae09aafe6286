#include "harness/core/simulation_report.h"

#include "harness/core/part_of_id.h"
#include "harness/core/statistics.h"

namespace cachegauge {
namespace {

std::string curve_part(const MissRatioCurve& curve) {
  return curve.in_bytes ? "curve-bytes" : "curve";
}

std::string size_part(const SimulationResult& result) {
  return result.size.empty() ? "unlimited" : part_of_id(result.size);
}

}  // namespace

std::span<const SimulationField> simulation_fields() {
  using Counts = SimulationCounts;
  static constexpr SimulationField kFields[] = {{"requests", &Counts::requests},
                                                {"gets", &Counts::gets},
                                                {"hits", &Counts::hits},
                                                {"misses", &Counts::misses},
                                                {"sets", &Counts::sets},
                                                {"write_hits", &Counts::write_hits},
                                                {"adds", &Counts::adds},
                                                {"deletes", &Counts::deletes},
                                                {"admissions", &Counts::admissions},
                                                {"declined", &Counts::declined},
                                                {"not_admitted", &Counts::not_admitted},
                                                {"evictions", &Counts::evictions},
                                                {"expirations", &Counts::expirations},
                                                {"get_bytes", &Counts::get_bytes},
                                                {"hit_bytes", &Counts::hit_bytes},
                                                {"delayed_hits", &Counts::delayed_hits},
                                                {"waited_ns", &Counts::waited_ns}};
  return kFields;
}

std::optional<double> hit_ratio(const SimulationCounts& c) { return ratio(c.hits, c.gets); }
std::optional<double> miss_ratio(const SimulationCounts& c) { return ratio(c.misses, c.gets); }
std::optional<double> byte_hit_ratio(const SimulationCounts& c) {
  return ratio(c.hit_bytes, c.get_bytes);
}
std::optional<double> byte_miss_ratio(const SimulationCounts& c) {
  return ratio(c.get_bytes - c.hit_bytes, c.get_bytes);
}

std::optional<double> SimulationWindow::miss_ratio() const { return ratio(gets - hits, gets); }

std::optional<double> MissRatioCurve::miss_ratio(const CurvePoint& point) const {
  return ratio(point.misses, gets);
}
std::optional<double> MissRatioCurve::byte_miss_ratio(const CurvePoint& point) const {
  return ratio(point.miss_bytes, get_bytes);
}

std::optional<double> SimulationResult::requests_per_second() const {
  if (cpu_ns <= 0) return std::nullopt;
  return static_cast<double>(simulated) / static_cast<double>(cpu_ns) * 1e9;
}

std::optional<double> SimulationReport::mean_response_ns(const SimulationResult& result) const {
  if (!origin_ns || result.counts.gets == 0) return std::nullopt;
  return static_cast<double>(cache_rtt_ns) +
         static_cast<double>(result.counts.waited_ns) / static_cast<double>(result.counts.gets);
}

std::string SimulationReport::id(const SimulationResult& result) const {
  return part_of_id(workload_label) + "/" + part_of_id(result.policy) + "/" + size_part(result);
}

std::string SimulationReport::match_key(const SimulationResult& result) const {
  return part_of_id(workload_label) + "/" + size_part(result);
}

std::string SimulationReport::id(const MissRatioCurve& curve) const {
  return part_of_id(workload_label) + "/" + part_of_id(curve.policy) + "/" + curve_part(curve);
}

std::string SimulationReport::match_key(const MissRatioCurve& curve) const {
  return part_of_id(workload_label) + "/" + curve_part(curve);
}

}  // namespace cachegauge
