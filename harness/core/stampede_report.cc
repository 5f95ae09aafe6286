#include "harness/core/stampede_report.h"

#include "harness/core/part_of_id.h"

namespace cachegauge {
namespace {

std::string scenario_part(const StampedeCell& cell) {
  return part_of_id(cell.fault.empty() ? cell.scenario : cell.scenario + "+" + cell.fault);
}

}  // namespace

std::string StampedeCell::id() const {
  return scenario_part(*this) + "/" + part_of_id(adapter) + "/" + part_of_id(guard) + "/" +
         part_of_id(driver);
}

std::string StampedeCell::match_key() const {
  return scenario_part(*this) + "/" + part_of_id(guard) + "/" + part_of_id(driver);
}

}  // namespace cachegauge
