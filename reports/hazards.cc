#include "reports/hazards.h"

#include <fmt/format.h>

#include <algorithm>

namespace cachegauge {

void put_gravest_first(std::vector<Hazard>& hazards) {
  std::ranges::stable_sort(hazards, {}, [](const Hazard& hazard) {
    return std::ranges::find(kHazardKinds, hazard.kind);
  });
}

void HazardNotes::add(const std::string& text, const std::string& from) {
  auto note =
      std::find_if(notes_.begin(), notes_.end(), [&](const Note& n) { return n.text == text; });
  if (note == notes_.end()) note = notes_.insert(notes_.end(), {text, {}});
  auto& names = note->from;
  if (!from.empty() && std::find(names.begin(), names.end(), from) == names.end()) {
    names.push_back(from);
  }
}

void HazardNotes::append_to(std::vector<Hazard>& out, std::string_view kind) const {
  for (const Note& note : notes_) {
    std::string from = fmt::format("{}", fmt::join(note.from, ", "));
    // An adapter's text may open with its own name.
    if (!from.empty()) from = note.text.starts_with(from + ":") ? "" : from + ": ";
    out.push_back({kind, from + note.text});
  }
}

std::string count_hazards(const std::vector<Hazard>& hazards) {
  std::vector<std::string> parts;
  for (std::string_view kind : kHazardKinds) {
    const auto count = std::count_if(hazards.begin(), hazards.end(),
                                     [&](const Hazard& hazard) { return hazard.kind == kind; });
    if (count == 0) continue;
    const bool has_plural = kind != "failed" && count > 1;
    parts.push_back(kind == "interrupted"
                        ? std::string(kind)
                        : fmt::format("{} {}{}", count, kind, has_plural ? "s" : ""));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace cachegauge
