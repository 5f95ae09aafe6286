#include "harness/core/stampede_report.h"

#include <algorithm>

namespace cachegauge {
namespace {

std::string part_of_id(std::string text) {
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace

std::string StampedeCell::id() const {
  return part_of_id(scenario) + "/" + part_of_id(adapter) + "/" + part_of_id(guard) + "/" +
         part_of_id(driver);
}

std::string StampedeCell::match_key() const {
  return part_of_id(scenario) + "/" + part_of_id(guard) + "/" + part_of_id(driver);
}

}  // namespace cachegauge
