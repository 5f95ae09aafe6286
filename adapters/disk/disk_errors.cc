#include "adapters/disk/disk_errors.h"

#include <fmt/format.h>

#include <utility>

namespace cachegauge {

Error not_ours(std::string_view path) {
  return Error::usage(fmt::format(
      "{} is not a cache of cachegauge's, and was left as it is: name another path", path));
}

std::string damage_text(std::string_view path, std::string_view why) {
  return fmt::format("{} is damaged: {}: move it away, or name another path=", path, why);
}

std::string disk_full_text(std::string_view path, std::string_view why) {
  return fmt::format(
      "{}: {}: free space on its disk (a file size limit counts as well), give it less capacity=, "
      "or name another path=",
      path, why);
}

std::string no_access_text(std::string_view path, std::string_view why) {
  return fmt::format(
      "{}: {}: it takes a folder that is there, and in which files can be made and written; create "
      "it, or name another path=",
      path, why);
}

BlockingClient::Result disk_failure(std::string text) {
  return {.outcome = Outcome::kError, .connection_lost = false, .text = std::move(text)};
}

BlockingClient::Result disk_rejection(std::string text) {
  return {.outcome = Outcome::kRejected, .connection_lost = false, .text = std::move(text)};
}

}  // namespace cachegauge
