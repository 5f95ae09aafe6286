// Labels of results are parts with slashes between them.
#pragma once

#include <algorithm>
#include <string>

namespace cachegauge {

// As a part: without slashes of its own.
inline std::string part_of_id(std::string text) {
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace cachegauge
