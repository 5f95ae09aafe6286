// The class of a key: its text before the first ":", as keys of an application are mostly named.
// "session:42" is of the class "session"; a key without ":" has none.
#pragma once

#include <string_view>

namespace cachegauge {

inline std::string_view key_class(std::string_view key) {
  const size_t colon = key.find(':');
  return colon == std::string_view::npos ? std::string_view() : key.substr(0, colon);
}

}  // namespace cachegauge
