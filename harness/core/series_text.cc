#include "harness/core/series_text.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace cachegauge {
namespace {

// Of a bucket's memory, where it is no number.
constexpr std::string_view kNotAsked = "-";
constexpr std::string_view kNotKnown = "?";

// "12:345"
std::pair<uint64_t, uint64_t> read_pair(std::string_view word) {
  const size_t colon = word.find(':');
  if (colon == std::string_view::npos) {
    throw Error::failed(fmt::format("a run result with \"{}\" for a pair of numbers", word));
  }
  return {LineReader::to_number<uint64_t>(word.substr(0, colon)),
          LineReader::to_number<uint64_t>(word.substr(colon + 1))};
}

MemorySample read_memory(std::string_view word) {
  if (word == kNotAsked) return {};
  if (word == kNotKnown) return {.taken = true, .bytes_used = {}};
  return {.taken = true, .bytes_used = LineReader::to_number<uint64_t>(word)};
}

}  // namespace

void append_times(std::string& out, const CoarseTimes& times) {
  for (const CoarseTimes::Slot& slot : times.slots) {
    fmt::format_to(std::back_inserter(out), " {}:{}", uint64_t{slot.index}, uint64_t{slot.count});
  }
}

CoarseTimes read_times(LineReader& line) {
  CoarseTimes times;
  auto& slots = times.slots;
  while (!line.rest().empty()) {
    const auto [index, count] = read_pair(line.word());
    if (index >= CoarseTimes::kSlots || (!slots.empty() && index <= slots.back().index) ||
        count == 0 || count > CoarseTimes::kMostCounted) {
      throw Error::failed("a bucket of a series with bad response times");
    }
    slots.push_back({index, count});
  }
  return times;
}

void append_series(std::string& out, const Series& series) {
  if (series.interval_ns() == 0) return;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "series {}\n", series.interval_ns());
  for (const SeriesBucket& bucket : series.buckets()) {
    const SeriesCounts& c = bucket.counts;
    const MemorySample& memory = bucket.memory;
    fmt::format_to(to, "bucket {} {} {} {} {} ", c.requests, c.gets, c.hits, c.misses, c.errors);
    if (memory.bytes_used) {
      fmt::format_to(to, "{}", *memory.bytes_used);
    } else {
      out += memory.taken ? kNotKnown : kNotAsked;
    }
    append_times(out, bucket.times);
    out += '\n';
  }
}

void append_hit_history(std::string& out, const HitHistory& history) {
  if (history.end() == history.begin()) return;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "hit_history {} {} {}", history.begin(), history.end(), history.length());
  for (const HitCounts& segment : history.segments()) {
    fmt::format_to(to, " {}:{}", segment.gets, segment.hits);
  }
  out += '\n';
}

Series read_series(LineReader& line) {
  const auto interval_ns = line.number<int64_t>();
  if (interval_ns <= 0 || interval_ns > Series::kLongestIntervalNs) {
    throw Error::failed("a series with an interval that none has");
  }
  line.finish();
  return Series(interval_ns);
}

SeriesBucket read_series_bucket(LineReader& line) {
  SeriesBucket bucket;
  for (uint64_t* count : {&bucket.counts.requests, &bucket.counts.gets, &bucket.counts.hits,
                          &bucket.counts.misses, &bucket.counts.errors}) {
    *count = line.number<uint64_t>();
  }
  bucket.memory = read_memory(line.word());
  bucket.times = read_times(line);
  return bucket;
}

HitHistory read_hit_history(LineReader& line) {
  const auto begin = line.number<uint64_t>();
  const auto end = line.number<uint64_t>();
  const auto length = line.number<uint64_t>();
  std::vector<HitCounts> segments;
  while (!line.rest().empty()) {
    const auto [gets, hits] = read_pair(line.word());
    segments.push_back({.gets = gets, .hits = hits});
  }
  return HitHistory::restore(begin, end, length, std::move(segments));
}

}  // namespace cachegauge
