#include "harness/core/pattern_figures.h"

#include <fmt/format.h>

#include <iterator>

#include "harness/core/error.h"
#include "harness/core/histogram_text.h"
#include "harness/core/registry.h"

namespace cachegauge {
namespace {

using P = PatternFigures;

constexpr PatternCountField kCounts[] = {
    {"acknowledged_writes", &P::acknowledged_writes},
    {"failed_writes", &P::failed_writes},
    {"origin_writes", &P::origin_writes},
    {"origin_write_calls", &P::origin_write_calls},
    {"origin_write_errors", &P::origin_write_errors},
    {"shared_loads", &P::shared_loads},
    {"queue_reads", &P::queue_reads},
    {"stale_loads", &P::stale_loads},
    {"cache_writes", &P::cache_writes},
    {"unread_writes", &P::unread_writes},
    {"coalesced_writes", &P::coalesced_writes},
    {"blocked_writes", &P::blocked_writes},
    {"dropped_writes", &P::dropped_writes},
    {"queued_at_end", &P::queued_at_end},
};

constexpr PatternHistogramField kHistograms[] = {
    {"batch_rows", &P::batch_rows},
    {"queue_depth", &P::queue_depth},
    {"blocked_ns", &P::blocked_ns},
    {"origin_write_ns", &P::origin_write_ns},
    {"inconsistency_ns", &P::inconsistency_ns},
    {"stale_age_ns", &P::stale_age_ns},
    {"stale_versions", &P::stale_versions},
};

constexpr PatternFindingField kFindings[] = {
    {"lost_writes", &P::lost_writes},
    {"checked_keys", &P::checked_keys},
    {"drifted_keys", &P::drifted_keys},
};

constexpr std::string_view kKilledAt = "killed_at_ns";

template <class T>
void add(std::optional<T>& sum, const std::optional<T>& part) {
  if (part) sum = sum.value_or(0) + *part;
}

}  // namespace

std::span<const PatternCountField> pattern_count_fields() { return kCounts; }
std::span<const PatternHistogramField> pattern_histogram_fields() { return kHistograms; }
std::span<const PatternFindingField> pattern_finding_fields() { return kFindings; }

void PatternFigures::merge(const PatternFigures& other) {
  for (const PatternCountField& f : kCounts) this->*f.field += other.*f.field;
  for (const PatternHistogramField& f : kHistograms) (this->*f.field).merge(other.*f.field);
  for (const PatternFindingField& f : kFindings) add(this->*f.field, other.*f.field);
  if (!killed_at_ns) killed_at_ns = other.killed_at_ns;
}

void append_pattern(std::string& out, const PatternFigures& figures, std::string_view prefix) {
  const auto end = std::back_inserter(out);
  for (const PatternCountField& f : kCounts) {
    fmt::format_to(end, "{}pattern {} {}\n", prefix, f.name, figures.*f.field);
  }
  for (const PatternHistogramField& f : kHistograms) {
    if ((figures.*f.field).empty()) continue;
    fmt::format_to(end, "{}pattern {} ", prefix, f.name);
    append_histogram(out, figures.*f.field);
    out += '\n';
  }
  for (const PatternFindingField& f : kFindings) {
    if (const auto& value = figures.*f.field) {
      fmt::format_to(end, "{}pattern {} {}\n", prefix, f.name, *value);
    }
  }
  if (figures.killed_at_ns) {
    fmt::format_to(end, "{}pattern {} {}\n", prefix, kKilledAt, *figures.killed_at_ns);
  }
}

void read_pattern(PatternFigures& figures, LineReader& line) {
  const std::string_view name = line.word();
  if (const auto* count = find_row(pattern_count_fields(), name)) {
    figures.*count->field = line.number<uint64_t>();
  } else if (const auto* histogram = find_row(pattern_histogram_fields(), name)) {
    figures.*histogram->field = read_histogram(line);
  } else if (const auto* finding = find_row(pattern_finding_fields(), name)) {
    figures.*finding->field = line.number<uint64_t>();
  } else if (name == kKilledAt) {
    figures.killed_at_ns = line.number<int64_t>();
  } else {
    throw Error::failed(fmt::format("a run result with an unknown pattern figure \"{}\"", name));
  }
  line.finish();
}

}  // namespace cachegauge
