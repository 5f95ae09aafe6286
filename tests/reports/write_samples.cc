// write_samples FOLDER: writes reports for check_schema.py, and histograms for hdr_decode_test.cjs.
#include <fmt/format.h>

#include <fstream>
#include <string>

#include "harness/core/random.h"
#include "reports/hdr_encoding.h"
#include "reports/json_report.h"
#include "reports/profile_json.h"
#include "reports/simulation_json.h"
#include "reports/stampede_json.h"
#include "tests/reports/sample_report.h"
#include "tests/reports/sample_stampede.h"

namespace cachegauge {
namespace {

Histogram histogram_of(uint64_t seed, uint64_t values, int least_shift) {
  SplitMix64 random(seed);
  Histogram h;
  for (uint64_t i = 0; i < values; ++i) {
    h.record(static_cast<int64_t>(random.next() >> (least_shift + random.below(64 - least_shift))));
  }
  return h;
}

// One line of JSON an entry: the text and what a decoder must find in it.
std::string histogram_line(const Histogram& h) {
  std::string counts;
  for (size_t i = 0; i < h.bucket_counts().size(); ++i) {
    if (h.bucket_counts()[i] == 0) continue;
    counts += fmt::format("{}[{}, {}]", counts.empty() ? "" : ", ", i, h.bucket_counts()[i]);
  }
  std::string percentiles;
  for (double q : {0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    percentiles += fmt::format("{}[{}, {}]", percentiles.empty() ? "" : ", ", q, h.percentile(q));
  }
  return fmt::format(R"({{"text": "{}", "total": {}, "counts": [{}], "percentiles": [{}]}})",
                     encode_hdr_histogram(h), h.count(), counts, percentiles);
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void write_samples(const std::string& folder) {
  RunReport interrupted = sample_report();
  interrupted.interrupted = true;
  RunReport empty;
  write_file(folder + "/sample.report.json", run_report_json(sample_report()));
  write_file(folder + "/open_loop.report.json", run_report_json(open_loop_report()));
  write_file(folder + "/failed.report.json", run_report_json(failed_report()));
  write_file(folder + "/killed.report.json", run_report_json(killed_report()));
  write_file(folder + "/hostile.report.json", run_report_json(hostile_report()));
  write_file(folder + "/interrupted.report.json", run_report_json(interrupted));
  write_file(folder + "/empty.report.json", run_report_json(empty));
  SimulationReport no_simulation = sample_simulation();
  no_simulation.results.clear();
  write_file(folder + "/simulation.report.json", simulation_report_json(sample_simulation()));
  write_file(folder + "/estimate.report.json", simulation_report_json(sample_estimate()));
  write_file(folder + "/profile.report.json", profile_report_json(sample_profile()));
  write_file(folder + "/empty_profile.report.json", profile_report_json({}));
  write_file(folder + "/stampede.report.json", stampede_report_json(sample_stampede()));
  write_file(folder + "/flushed_stampede.report.json", stampede_report_json(flushed_stampede()));
  write_file(folder + "/empty_stampede.report.json", stampede_report_json({}));
  write_file(folder + "/empty_simulation.report.json", simulation_report_json(no_simulation));

  Histogram one, edges;
  one.record(1);
  for (size_t i = 0; i < Histogram::kBuckets; i += 7) edges.record(Histogram::bucket_low(i));
  edges.record(Histogram::kHighest - 1);
  const Histogram many = Histogram::restore({0, 1, uint64_t{1} << 50}, 1, 2,
                                            (static_cast<unsigned __int128>(1) << 51) + 1);
  std::string lines;
  for (const Histogram& h : {one, edges, many, histogram_of(1, 1000, 21),
                             histogram_of(2, 100'000, 30), histogram_of(3, 10, 44)}) {
    lines += (lines.empty() ? "" : ",\n") + histogram_line(h);
  }
  write_file(folder + "/histograms.json", "[\n" + lines + "\n]\n");
}

}  // namespace
}  // namespace cachegauge

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  cachegauge::write_samples(argv[1]);
  return 0;
}
