// What the stores say when the disk or a file does not play along, each with its remedy.
#pragma once

#include <string>
#include <string_view>

#include "adapters/server/threaded_session.h"
#include "harness/core/error.h"

namespace cachegauge {

// Of another program, and not touched.
Error not_ours(std::string_view path);

std::string damage_text(std::string_view path, std::string_view why);
std::string disk_full_text(std::string_view path, std::string_view why);
std::string no_access_text(std::string_view path, std::string_view why);

BlockingClient::Result disk_failure(std::string text);
BlockingClient::Result disk_rejection(std::string text);

}  // namespace cachegauge
