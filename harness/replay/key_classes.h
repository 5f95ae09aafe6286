// The classes of keys (harness/core/key_class.h) that a cell's figures are kept by, beside those of
// the whole: what the workload draws its keys from, and what the pattern tells apart. Immutable, so
// that all threads share one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/class_figures.h"
#include "harness/core/key_class.h"

namespace cachegauge {

inline constexpr std::string_view kOtherClass = "other";

struct ClassLabel {
  std::string name;
  std::string pattern_spec;  // how the application uses keys of this class
};

// Those of the workload first, "other" last; none at all if neither names one. `by_pattern` has
// "other", if it has any; else all classes have `pattern`.
std::vector<ClassLabel> label_classes(std::span<const std::string> by_workload,
                                      std::span<const ClassLabel> by_pattern,
                                      const std::string& pattern);

class KeyClasses {
 public:
  // At least one label: keys of none of the others are of the last. `key_prefix_bytes` are no part
  // of a key.
  KeyClasses(std::vector<ClassLabel> labels, size_t key_prefix_bytes)
      : labels_(std::move(labels)), key_prefix_bytes_(key_prefix_bytes) {}

  // The place of the key's class.
  size_t of(std::string_view key) const {
    const std::string_view name = key_class(key.substr(key_prefix_bytes_));
    size_t i = 0;
    while (i + 1 < labels_.size() && labels_[i].name != name) ++i;
    return i;
  }
  // One for each class, with nothing counted.
  std::vector<ClassFigures> figures() const;

 private:
  const std::vector<ClassLabel> labels_;
  const size_t key_prefix_bytes_;
};

}  // namespace cachegauge
