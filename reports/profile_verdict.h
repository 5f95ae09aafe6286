// The verdict of a profile in words, with the arithmetic that leads to it.
#pragma once

#include <string>

#include "harness/core/profile_report.h"

namespace cachegauge {

// Size, policies, origin, each candidate, expiries and money; empty without requests.
std::string verdict_text(const ProfileReport& report);

// Lines that end it: what was found, `not measured: …`, `next: …`; empty without requests.
std::string verdict_finding(const ProfileReport& report);

}  // namespace cachegauge
