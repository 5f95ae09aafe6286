// What the traffic of a profiled trace is like, in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/profile_report.h"

namespace cachegauge {

struct TrafficFact {
  std::string_view name;  // empty: it goes on with the one before
  std::string text;       // fit for a terminal
};

// None without requests.
std::vector<TrafficFact> traffic_facts(const ProfileReport& report);

}  // namespace cachegauge
