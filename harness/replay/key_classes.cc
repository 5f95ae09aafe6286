#include "harness/replay/key_classes.h"

#include <algorithm>

namespace cachegauge {
namespace {

const ClassLabel* find_label(std::span<const ClassLabel> labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &ClassLabel::name);
  return found == labels.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ClassLabel> label_classes(std::span<const std::string> by_workload,
                                      std::span<const ClassLabel> by_pattern,
                                      const std::string& pattern) {
  if (by_workload.empty() && by_pattern.empty()) return {};
  const ClassLabel* other = find_label(by_pattern, kOtherClass);
  const std::string& of_others = other ? other->pattern_spec : pattern;
  std::vector<ClassLabel> labels;
  const auto add = [&](const std::string& name) {
    if (name == kOtherClass || find_label(labels, name)) return;
    const ClassLabel* own = find_label(by_pattern, name);
    labels.push_back({name, own ? own->pattern_spec : of_others});
  };
  for (const std::string& name : by_workload) add(name);
  for (const ClassLabel& label : by_pattern) add(label.name);
  labels.push_back({std::string(kOtherClass), of_others});
  return labels;
}

std::vector<ClassFigures> KeyClasses::figures() const {
  std::vector<ClassFigures> classes;
  for (const ClassLabel& label : labels_) {
    ClassFigures& one = classes.emplace_back();
    one.name = label.name;
    one.pattern_spec = label.pattern_spec;
  }
  return classes;
}

}  // namespace cachegauge
