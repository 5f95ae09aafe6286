#include "harness/core/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cachegauge {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::vector<std::string_view> nearest_names(std::string_view name,
                                            const std::vector<std::string_view>& valid) {
  if (name.size() > 64) return {};
  std::vector<std::pair<size_t, std::string_view>> scored;
  for (std::string_view candidate : valid) {
    const bool extends = !name.empty() && candidate.substr(0, name.size()) == name;
    const size_t distance = extends ? 1 : edit_distance(lower(name), lower(candidate));
    const size_t tolerated = 1 + std::max(name.size(), candidate.size()) / 3;
    if (distance <= tolerated && distance < std::max(name.size(), candidate.size())) {
      scored.emplace_back(distance, candidate);
    }
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::string_view> names;
  for (size_t i = 0; i < scored.size() && i < 3; ++i) names.push_back(scored[i].second);
  return names;
}

std::string unknown_name_message(std::string_view what, std::string_view name,
                                 const std::vector<std::string_view>& valid) {
  const auto near = nearest_names(name, valid);
  std::string message = fmt::format("unknown {} \"{}\"", what, name);
  if (valid.empty()) return message + "; none can be given here";
  if (!near.empty()) message += fmt::format("; did you mean {}?", fmt::join(near, " or "));
  return message + fmt::format("{} Valid: {}", near.empty() ? "." : "", fmt::join(valid, ", "));
}

}  // namespace cachegauge
