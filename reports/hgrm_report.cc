// Percentile distributions as HdrHistogram's tools print and plot them (Gil Tene, "HdrHistogram",
// 2012-: outputPercentileDistribution). One for each cell and timing, its repetitions merged; lines
// that begin with "#" say which. Values are nanoseconds.
#include <fmt/format.h>

#include <cmath>

#include "reports/report_formats.h"
#include "reports/run_hazards.h"

namespace cachegauge {
namespace {

// Lines for each halving of what is left above a percentile: 5 from 0 to 50 %, 5 from there to
// 75 %, and so on, as HdrHistogram's tools have it unless told otherwise.
constexpr double kTicksPerHalving = 5;

double next_level(double level) {
  const double halvings = std::floor(std::log2(1 / (1 - level))) + 1;
  return level + 1 / (kTicksPerHalving * std::exp2(halvings));
}

// Of the buckets' middles: for a person to read.
double standard_deviation(const Histogram& histogram) {
  const double mean = histogram.mean();
  double sum = 0;
  const auto& counts = histogram.bucket_counts();
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto middle =
        static_cast<double>(Histogram::bucket_low(i) + Histogram::bucket_high(i)) / 2;
    sum += static_cast<double>(counts[i]) * (middle - mean) * (middle - mean);
  }
  return std::sqrt(sum / static_cast<double>(histogram.count()));
}

std::string lines(const Histogram& histogram) {
  std::string out = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  const auto& counts = histogram.bucket_counts();
  const auto total = static_cast<double>(histogram.count());
  uint64_t seen = 0;
  double level = 0;
  for (size_t i = 0; i < counts.size() && seen < histogram.count(); ++i) {
    if (counts[i] == 0) continue;
    seen += counts[i];
    const double reached = static_cast<double>(seen) / total;
    const auto value = static_cast<double>(std::min(Histogram::bucket_high(i), histogram.max()));
    for (; level <= reached && level < 1; level = next_level(level)) {
      out += fmt::format("{:12.3f} {:2.12f} {:10} {:14.2f}\n", value, level, seen, 1 / (1 - level));
      if (seen == histogram.count()) break;  // the rest of the levels would all read like this
    }
  }
  out += fmt::format("{:12.3f} {:2.12f} {:10}\n", static_cast<double>(histogram.max()), 1.0, seen);
  out += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", histogram.mean(),
                     standard_deviation(histogram));
  out += fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n",
                     static_cast<double>(histogram.max()), histogram.count());
  return out + fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n", 37, 256);
}

std::string distributions(const NamedReport& named) {
  std::string out = fmt::format("# {}, values in nanoseconds\n", printable(named.name));
  for (const Hazard& hazard : run_hazards(named.report)) {
    out += fmt::format("# {}: {}\n", hazard.kind, printable(hazard.text));
  }
  for (const CellSummary& summary : summarize_cells(named.report.cells)) {
    for (int i = 0; i < kTimingCount; ++i) {
      const auto timing = static_cast<Timing>(i);
      const Histogram histogram = merged_timing(named.report.cells, summary.id, timing);
      if (histogram.empty()) continue;
      out += fmt::format("\n# {} {}\n{}", printable(summary.id), timing_name(timing),
                         lines(histogram));
    }
  }
  return out;
}

}  // namespace

std::string write_hgrm(NamedReports reports, const TextTableStyle&) {
  std::string out;
  for (const NamedReport& named : reports) out += (out.empty() ? "" : "\n") + distributions(named);
  return out;
}

}  // namespace cachegauge
