// Simulations and profiles as GitHub-flavoured Markdown: what stands below the report's name.
#pragma once

#include <string>

#include "harness/core/profile_report.h"
#include "harness/core/simulation_report.h"

namespace cachegauge {

// The tables of its text, the sizes of its curves, the finding; all counts folded.
std::string simulation_markdown(const SimulationReport& report);

// The finding, the verdict with its arithmetic, what to beware of; the traffic folded.
std::string profile_markdown(const ProfileReport& report);

}  // namespace cachegauge
