#include "reports/curve_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/sparkline.h"

namespace cachegauge {
namespace {

constexpr size_t kMostCurveBars = 60;

std::string size_text(const MissRatioCurve& curve, uint64_t size) {
  return curve.in_bytes ? format_size(size) : format_count(size);
}

// At the largest of its sizes that is not above this; below its smallest, all are missed, or it is
// not known.
std::optional<double> miss_ratio_at(const MissRatioCurve& curve, double size) {
  std::optional<double> ratio = 1;
  if (curve.holds_from > 1) ratio = std::nullopt;
  for (const CurvePoint& point : curve.points) {
    if (static_cast<double>(point.size) > size) break;
    ratio = curve.miss_ratio(point).value_or(1);
  }
  return ratio;
}

std::vector<std::optional<double>> bars(const MissRatioCurve& curve, uint64_t first, uint64_t last,
                                        size_t count) {
  const double low = std::log(static_cast<double>(first)),
               high = std::log(static_cast<double>(last));
  std::vector<std::optional<double>> ratios;
  for (size_t i = 0; i < count; ++i) {
    const double place =
        static_cast<double>(i) / static_cast<double>(std::max<size_t>(1, count - 1));
    // Half an entry more, against what a logarithm rounds off; which of a large size is more.
    const double size = std::exp(low + (high - low) * place) + 0.5;
    ratios.push_back(miss_ratio_at(curve, i + 1 < count ? size : static_cast<double>(last)));
  }
  return ratios;
}

std::string worth(const MissRatioCurve& curve) {
  std::vector<std::string> parts;
  for (const int percent : {50, 80, 90, 95}) {
    const auto size = size_for_share(curve, percent / 100.0);
    if (size) parts.push_back(fmt::format("{} % at {}", percent, size_text(curve, *size)));
  }
  return parts.empty() ? "no hits at any size" : fmt::format("{}", fmt::join(parts, ", "));
}

// ", ± 0.31% at most"; empty for a curve without errors.
std::string largest_error(const MissRatioCurve& curve) {
  std::optional<double> most;
  for (const CurvePoint& point : curve.points) {
    if (point.miss_ratio_error) most = std::max(most.value_or(0), *point.miss_ratio_error);
  }
  return most ? fmt::format(", ± {} at most", format_percent(*most)) : "";
}

// Of those that are known, as it has its largest size.
std::string range_of(const std::vector<std::optional<double>>& ratios) {
  const auto first =
      std::find_if(ratios.begin(), ratios.end(), [](const auto& ratio) { return ratio; });
  return fmt::format("{} to {}", format_percent(**first), format_percent(*ratios.back()));
}

bool has_points(const MissRatioCurve& curve) { return !curve.points.empty() && curve.gets > 0; }

// Smaller caches may have hits, too.
bool begins_late(const MissRatioCurve& curve) {
  return curve.holds_from > 1 && curve.points.front().misses < curve.gets;
}

}  // namespace

std::optional<uint64_t> size_for_share(const MissRatioCurve& curve, double share) {
  if (!has_points(curve)) return std::nullopt;
  uint64_t least = curve.gets;
  for (const CurvePoint& point : curve.points) least = std::min(least, point.misses);
  const double wanted = share * static_cast<double>(curve.gets - least);
  if (wanted <= 0) return std::nullopt;
  for (const CurvePoint& point : curve.points) {
    if (static_cast<double>(curve.gets - point.misses) >= wanted) return point.size;
  }
  return std::nullopt;
}

std::string curve_lines(const SimulationReport& report, const TextTableStyle& style) {
  uint64_t first = UINT64_MAX, last = 0;
  size_t name_width = 0;
  for (const MissRatioCurve& curve : report.curves) {
    if (!has_points(curve)) continue;
    first = std::min(first, curve.points.front().size);
    last = std::max(last, curve.points.back().size);
    name_width = std::max(name_width, curve.policy.size());
  }
  if (last == 0) return {};
  const size_t room = style.width > 0 ? static_cast<size_t>(std::max(style.width, 40)) : 100;
  const size_t count = std::min(kMostCurveBars, room - std::min(room - 10, name_width + 22));
  const MissRatioCurve& any = report.curves.front();
  std::string text =
      fmt::format("miss ratio from {} to {}{}, each bar a step of the same factor\n",
                  size_text(any, first), size_text(any, last), any.in_bytes ? "" : " entries");
  for (const MissRatioCurve& curve : report.curves) {
    if (!has_points(curve)) continue;
    const auto ratios = bars(curve, first, last, count);
    text += fmt::format("  {:<{}}  {}  {}{}\n", printable(curve.policy), name_width,
                        sparkline(ratios, 0, 1, count), range_of(ratios), largest_error(curve));
  }
  text += "of the hits of the largest size\n";
  for (const MissRatioCurve& curve : report.curves) {
    if (!has_points(curve)) continue;
    const bool approximate = !curve.exact && !report.sample;
    text += fmt::format("  {:<{}}  {}{}\n", printable(curve.policy), name_width, worth(curve),
                        approximate ? " (about: it has TTLs, adds or sizes that change)" : "");
  }
  for (const MissRatioCurve& curve : report.curves) {
    if (!has_points(curve) || !begins_late(curve)) continue;
    text += fmt::format(
        "{} is known from {} on, what its largest object takes: --policy {} --size SIZE simulates "
        "smaller caches\n",
        printable(curve.policy), size_text(curve, curve.holds_from), printable(curve.policy));
  }
  return text + "\n";
}

std::string curve_csv(const SimulationReport& report) {
  std::string out = "policy,unit,size,gets,misses,miss_ratio,byte_miss_ratio,miss_ratio_error\n";
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::to_string(*value) : std::string();
  };
  for (const MissRatioCurve& curve : report.curves) {
    for (const CurvePoint& point : curve.points) {
      out += fmt::format("\"{}\",{},{},{},{},{},{},{}\n", curve.policy,
                         curve.in_bytes ? "bytes" : "objects", point.size, curve.gets, point.misses,
                         number(curve.miss_ratio(point)), number(curve.byte_miss_ratio(point)),
                         number(point.miss_ratio_error));
    }
  }
  return out;
}

}  // namespace cachegauge
