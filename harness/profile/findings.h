// What a user should know about the traffic before a cache goes in front of it: a table, a row for
// each thing that may be found.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/core/profile_report.h"

namespace cachegauge {

struct FindingKind {
  std::string_view name;
  // Null where the report gives no reason.
  std::optional<ProfileFinding> (*look)(const ProfileReport& report);
};

std::span<const FindingKind> finding_kinds();

// Traffic and verdict must be there.
std::vector<ProfileFinding> find_all(const ProfileReport& report);

}  // namespace cachegauge
