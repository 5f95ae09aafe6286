// Reads one line of a RunResult's text: words parted by one space, numbers, the rest. Throws
// Error::failed for a word that is no number of the type asked for.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "harness/core/error.h"

namespace cachegauge {

// One line of text; newlines and backslashes are escaped.
inline std::string escape_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

inline std::string unescape_line(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i] == 'n' ? '\n' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  std::string_view word() {
    const size_t space = rest_.find(' ');
    const std::string_view word = rest_.substr(0, space);
    rest_.remove_prefix(space == std::string_view::npos ? rest_.size() : space + 1);
    return word;
  }
  std::string_view rest() const { return rest_; }
  void finish() const {
    if (!rest_.empty()) throw Error::failed(fmt::format("a run result with a stray \"{}\"", rest_));
  }

  template <class Int>
  Int number() {
    return to_number<Int>(word());
  }

  template <class Int>
  static Int to_number(std::string_view word) {
    Int value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) {
      throw Error::failed(fmt::format("a run result with \"{}\" for a number", word));
    }
    return value;
  }

 private:
  std::string_view rest_;
};

}  // namespace cachegauge
