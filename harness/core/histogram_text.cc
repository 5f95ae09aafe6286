#include "harness/core/histogram_text.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "harness/core/error.h"

namespace cachegauge {

void append_histogram(std::string& out, const Histogram& histogram) {
  const unsigned __int128 sum = histogram.sum();
  fmt::format_to(std::back_inserter(out), "{} {} {} {}", histogram.min(), histogram.max(),
                 static_cast<uint64_t>(sum >> 64), static_cast<uint64_t>(sum));
  const auto& counts = histogram.bucket_counts();
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i]) fmt::format_to(std::back_inserter(out), " {}:{}", i, counts[i]);
  }
}

Histogram read_histogram(LineReader& line) {
  const auto min = line.number<int64_t>();
  const auto max = line.number<int64_t>();
  const auto high = line.number<uint64_t>();
  const auto low = line.number<uint64_t>();
  std::vector<uint64_t> counts;
  while (!line.rest().empty()) {
    const std::string_view entry = line.word();
    const size_t colon = entry.find(':');
    if (colon == std::string_view::npos) throw Error::failed("a run result with a bad histogram");
    const auto index = LineReader::to_number<size_t>(entry.substr(0, colon));
    if (index >= Histogram::kBuckets) throw Error::failed("a histogram with too many buckets");
    counts.resize(std::max(counts.size(), index + 1));
    counts[index] = LineReader::to_number<uint64_t>(entry.substr(colon + 1));
  }
  return Histogram::restore(std::move(counts), min, max,
                            (static_cast<unsigned __int128>(high) << 64) | low);
}

}  // namespace cachegauge
