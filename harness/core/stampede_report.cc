#include "harness/core/stampede_report.h"

#include "harness/core/part_of_id.h"

namespace cachegauge {
std::string StampedeCell::id() const {
  return part_of_id(scenario) + "/" + part_of_id(adapter) + "/" + part_of_id(guard) + "/" +
         part_of_id(driver);
}

std::string StampedeCell::match_key() const {
  return part_of_id(scenario) + "/" + part_of_id(guard) + "/" + part_of_id(driver);
}

}  // namespace cachegauge
