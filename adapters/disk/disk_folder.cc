#include "adapters/disk/disk_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr const char* kMark = "/cachegauge-layout";

}  // namespace

// A process that is killed while it makes it leaves an empty folder, or an empty mark.
void claim_folder(const std::string& path, const std::string& layout) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error::failed(fmt::format(
        "cannot make the folder {}: {}: name one in a folder that is there and can be written",
        path, std::strerror(errno)));
  }
  std::string found;
  std::getline(std::ifstream(path + kMark), found);
  std::error_code error;
  const bool is_fresh =
      std::filesystem::is_empty(path, error) || (found.empty() && exists_on_disk(path + kMark));
  if (is_fresh && !error) {
    std::ofstream mark(path + kMark);
    if (mark << layout << '\n' << std::flush) return;
    throw Error::failed(
        fmt::format("cannot write in the folder {}: {}: free space, or name another path", path,
                    std::strerror(errno)));
  }
  if (found.empty()) {
    throw Error::usage(fmt::format(
        "{} is not a cache of cachegauge's, and was left as it is: name another path", path));
  }
  if (found != layout) {
    throw Error::usage(
        fmt::format("{} was laid out as \"{}\", and \"{}\" is asked for: name "
                    "another path",
                    path, found, layout));
  }
}

void remove_folder(const std::string& path, std::initializer_list<const char*> files) {
  for (const char* file : files) unlink(fmt::format("{}/{}", path, file).c_str());
  unlink((path + kMark).c_str());
  rmdir(path.c_str());
}

uint64_t allocated_in(const std::string& path) {
  uint64_t sum = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    sum += allocated_bytes(at->path());
  }
  return sum;
}

}  // namespace cachegauge
