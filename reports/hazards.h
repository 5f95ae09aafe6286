// What a reader must know before the figures of a report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

// Gravest first: what makes figures wrong comes before what makes them uncertain.
inline constexpr std::string_view kHazardKinds[] = {"interrupted", "failed", "alarm", "flag",
                                                    "warning"};

struct Hazard {
  std::string_view kind;
  std::string text;  // as it came: not yet fit for a terminal or a page
};

// By kind, in that order; those of a kind stay in theirs.
void put_gravest_first(std::vector<Hazard>& hazards);

// "interrupted, 1 failed, 2 warnings", gravest first; empty if there is nothing to tell.
std::string count_hazards(const std::vector<Hazard>& hazards);

// Texts of one kind, each once, with what they came from.
class HazardNotes {
 public:
  void add(const std::string& text, const std::string& from);
  void append_to(std::vector<Hazard>& out, std::string_view kind) const;

 private:
  struct Note {
    std::string text;
    std::vector<std::string> from;
  };
  std::vector<Note> notes_;
};

}  // namespace cachegauge
