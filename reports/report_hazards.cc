#include "reports/report_hazards.h"

#include "reports/run_hazards.h"
#include "reports/stampede_hazards.h"

namespace cachegauge {

std::vector<Hazard> report_hazards(const NamedReport& named) {
  return named.stampede ? stampede_hazards(*named.stampede) : run_hazards(named.report);
}

}  // namespace cachegauge
