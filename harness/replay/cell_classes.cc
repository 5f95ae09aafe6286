#include "harness/replay/cell_classes.h"

#include "harness/core/metrics.h"

namespace cachegauge {

PatternFigures pattern_of(const RunResult& result) {
  PatternFigures figures = result.pattern.value_or(PatternFigures());
  for (const ClassFigures& one : result.classes) {
    if (one.pattern) figures.merge(*one.pattern);
  }
  return figures;
}

bool classes_add_up(const RunResult& result) {
  if (result.classes.empty()) return true;
  const ClassFigures sum = sum_of(result.classes);
  const Counters& c = result.counters;
  return sum.gets == c.gets && sum.hits == c.hits && sum.misses == c.misses &&
         sum.get_errors == c.get_errors && sum.sets == c.sets && sum.adds == c.adds &&
         sum.deletes == c.deletes && sum.stale == c.stale && sum.origin_calls == c.origin_calls &&
         sum.origin_errors == c.origin_errors &&
         sum.get_response_ns.count() == result.timing(Timing::kResponseGet).count() &&
         sum.write_response_ns.count() == write_responses(result).count();
}

void drop_empty_other(std::vector<ClassFigures>& classes) {
  if (classes.empty() || classes.back().requests() > 0) return;
  const auto& pattern = classes.back().pattern;
  if (!pattern || pattern->checked_keys.value_or(0) == 0) classes.pop_back();
}

}  // namespace cachegauge
