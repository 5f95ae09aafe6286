#include "harness/core/class_figures.h"

#include <fmt/format.h>

#include <iterator>

#include "harness/core/error.h"
#include "harness/core/histogram_text.h"
#include "harness/core/registry.h"

namespace cachegauge {
namespace {

constexpr ClassCountField kClassCounts[] = {
    {"gets", &ClassFigures::gets},
    {"hits", &ClassFigures::hits},
    {"misses", &ClassFigures::misses},
    {"get_errors", &ClassFigures::get_errors},
    {"sets", &ClassFigures::sets},
    {"adds", &ClassFigures::adds},
    {"deletes", &ClassFigures::deletes},
    {"stale", &ClassFigures::stale},
    {"origin_calls", &ClassFigures::origin_calls, "origin.calls"},
    {"origin_errors", &ClassFigures::origin_errors, "origin.errors"},
};

struct ClassHistogramField {
  std::string_view name;
  Histogram ClassFigures::*field;
};
constexpr ClassHistogramField kClassHistograms[] = {
    {"get_response_ns", &ClassFigures::get_response_ns},
    {"write_response_ns", &ClassFigures::write_response_ns},
};

}  // namespace

std::span<const ClassCountField> class_count_fields() { return kClassCounts; }

void ClassFigures::merge(const ClassFigures& other) {
  for (const ClassCountField& f : kClassCounts) this->*f.field += other.*f.field;
  for (const ClassHistogramField& f : kClassHistograms) (this->*f.field).merge(other.*f.field);
  if (!other.pattern) return;
  if (!pattern) pattern.emplace();
  pattern->merge(*other.pattern);
}

void merge_classes(std::vector<ClassFigures>& classes, const std::vector<ClassFigures>& others) {
  if (classes.empty()) {
    classes = others;
    return;
  }
  for (size_t i = 0; i < others.size(); ++i) classes.at(i).merge(others[i]);
}

ClassFigures sum_of(const std::vector<ClassFigures>& classes) {
  ClassFigures sum;
  for (const ClassFigures& one : classes) sum.merge(one);
  return sum;
}

void append_classes(std::string& out, const std::vector<ClassFigures>& classes) {
  const auto end = std::back_inserter(out);
  for (size_t i = 0; i < classes.size(); ++i) {
    const ClassFigures& one = classes[i];
    const std::string prefix = fmt::format("class {} ", i);
    fmt::format_to(end, "{}name {}\n", prefix, escape_line(one.name));
    fmt::format_to(end, "{}spec {}\n", prefix, escape_line(one.pattern_spec));
    for (const ClassCountField& f : kClassCounts) {
      fmt::format_to(end, "{}{} {}\n", prefix, f.name, one.*f.field);
    }
    for (const ClassHistogramField& f : kClassHistograms) {
      if ((one.*f.field).empty()) continue;
      fmt::format_to(end, "{}{} ", prefix, f.name);
      append_histogram(out, one.*f.field);
      out += '\n';
    }
    if (one.pattern) append_pattern(out, *one.pattern, prefix);
  }
}

void read_class_line(std::vector<ClassFigures>& classes, LineReader& line) {
  const auto number = line.number<size_t>();
  if (number > classes.size()) throw Error::failed("a run result with a class out of turn");
  if (number == classes.size()) classes.emplace_back();
  ClassFigures& one = classes[number];
  const std::string_view what = line.word();
  if (what == "pattern") {
    if (!one.pattern) one.pattern.emplace();
    return read_pattern(*one.pattern, line);
  }
  if (what == "name") {
    one.name = unescape_line(line.rest());
  } else if (what == "spec") {
    one.pattern_spec = unescape_line(line.rest());
  } else if (const auto* count = find_row(class_count_fields(), what)) {
    one.*count->field = line.number<uint64_t>();
    line.finish();
  } else if (const auto* histogram =
                 find_row(std::span<const ClassHistogramField>(kClassHistograms), what)) {
    one.*histogram->field = read_histogram(line);
    line.finish();
  } else {
    throw Error::failed(fmt::format("a run result with an unknown figure \"{}\" of a class", what));
  }
}

}  // namespace cachegauge
