// The JSON of this box: members keep the order in which they are written.
#pragma once

#include <nlohmann/json.hpp>

namespace cachegauge {

using Json = nlohmann::ordered_json;

}  // namespace cachegauge
