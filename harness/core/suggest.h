// "Did you mean": the valid names nearest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

// Edit distance with transpositions (Damerau 1964; the restricted form, each substring edited
// once).
size_t edit_distance(std::string_view a, std::string_view b);

// Up to three names near `name` (upper or lower case alike), nearest first; empty when nothing is
// close.
std::vector<std::string_view> nearest_names(std::string_view name,
                                            const std::vector<std::string_view>& valid);

// `unknown adapter "rediss"; did you mean redis? Valid: lru, lfu, …`; `what` may be more than a
// word: "parameter of lru".
std::string unknown_name_message(std::string_view what, std::string_view name,
                                 const std::vector<std::string_view>& valid);

}  // namespace cachegauge
