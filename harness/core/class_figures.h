// What a run did with the keys of one class (key_class.h), within the measured interval. The
// classes of a run are those that its workload or its pattern names, and "other" for all else:
// their counts add up to those of the whole.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/line_reader.h"
#include "harness/core/pattern_figures.h"

namespace cachegauge {

struct ClassFigures {
  std::string name;
  std::string pattern_spec;  // how the application uses keys of this class
  // As in Counters.
  uint64_t gets = 0, hits = 0, misses = 0, get_errors = 0;
  uint64_t sets = 0, adds = 0, deletes = 0;
  uint64_t stale = 0;
  uint64_t origin_calls = 0, origin_errors = 0;
  Histogram get_response_ns;
  Histogram write_response_ns;            // of sets, adds and deletes
  std::optional<PatternFigures> pattern;  // as in RunResult

  uint64_t requests() const { return gets + sets + adds + deletes; }
  void merge(const ClassFigures& other);  // of the same class
};

struct ClassCountField {
  std::string_view name;
  uint64_t ClassFigures::*field;
  std::string_view report_name = {};  // in reports, where it is not `name`
};
std::span<const ClassCountField> class_count_fields();

// Both lists name the same classes in the same order, or one is empty.
void merge_classes(std::vector<ClassFigures>& classes, const std::vector<ClassFigures>& others);

// Of all classes together.
ClassFigures sum_of(const std::vector<ClassFigures>& classes);

// Lines of a RunResult's text: "class NUMBER …".
void append_classes(std::string& out, const std::vector<ClassFigures>& classes);
// What follows "class" on one of them. Throws Error::failed.
void read_class_line(std::vector<ClassFigures>& classes, LineReader& line);

}  // namespace cachegauge
