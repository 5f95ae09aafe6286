#include "harness/core/micro_report.h"

#include <algorithm>

namespace cachegauge {

std::span<const MicroCounter> micro_counters() {
  static constexpr MicroCounter kCounters[] = {
      {"items", &MicroFigure::items},
      {"bytes_per_item", &MicroFigure::bytes_per_item},
      {"payload_per_item", &MicroFigure::payload_per_item},
      {"hit_ratio", &MicroFigure::hit_ratio},
      {"evictions_per_set", &MicroFigure::evictions_per_set},
      {"encoded_bytes", &MicroFigure::encoded_bytes}};
  return kCounters;
}

const MicroFigure* clearly_fastest(const std::vector<const MicroFigure*>& figures) {
  std::vector<const MicroFigure*> known;
  for (const MicroFigure* figure : figures) {
    if (!figure || !figure->time_ns) continue;
    if (figure->time_ns->n < kEnoughMicroRepetitions) return nullptr;
    known.push_back(figure);
  }
  if (known.size() < 2) return nullptr;
  std::sort(known.begin(), known.end(), [](const MicroFigure* a, const MicroFigure* b) {
    return a->time_ns->median < b->time_ns->median;
  });
  const double high = known.front()->time_ns->high;
  const bool is_apart = std::all_of(known.begin() + 1, known.end(), [&](const MicroFigure* other) {
    return other->time_ns->low > high;
  });
  return is_apart ? known.front() : nullptr;
}

double times_as_long(const MicroFigure& figure, const MicroFigure& other) {
  return ratio(figure.time_ns->median, other.time_ns->median).value_or(1);
}

}  // namespace cachegauge
