#pragma once

#include <vector>

#include "reports/hazards.h"
#include "reports/report_reader.h"

namespace cachegauge {

// Of a report of any kind.
std::vector<Hazard> report_hazards(const NamedReport& named);

}  // namespace cachegauge
