// What this program is: for reports, so that a figure can be traced to the code that took it.
#pragma once

#include <string_view>

namespace cachegauge {

struct ToolVersion {
  std::string_view name = "cachegauge";
  std::string_view version;     // "0.1.0"
  std::string_view git_commit;  // 12 hex digits, "-dirty" if the tree had changes; empty: not known
  std::string_view build_type;  // "Release", "RelWithDebInfo (address,undefined)"
};

// Of this build. The commit is looked up each time the program is built (write_version.cmake).
ToolVersion tool_version();

}  // namespace cachegauge
