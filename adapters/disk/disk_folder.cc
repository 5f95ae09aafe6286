#include "adapters/disk/disk_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "adapters/disk/disk_errors.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr const char* kMark = "/cachegauge-layout";

// A process that is killed while it makes it leaves an empty folder, or an empty mark.
bool is_fresh(const std::string& path) {
  std::error_code error;
  const bool is_empty = std::filesystem::is_empty(path, error);
  if (error) throw Error::failed(no_access_text(path, error.message()));
  return is_empty || (exists_on_disk(path + kMark) && std::filesystem::is_empty(path + kMark));
}

}  // namespace

void claim_folder(const std::string& path, const std::string& layout) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error::failed(no_access_text(path, std::strerror(errno)));
  }
  if (!std::filesystem::is_directory(path)) throw not_ours(path);
  if (is_fresh(path)) {
    std::ofstream mark(path + kMark);
    if (mark << layout << '\n' << std::flush) return;
    throw Error::failed(disk_full_text(path, std::strerror(errno)));
  }
  std::string found;
  std::getline(std::ifstream(path + kMark), found);
  if (found.empty()) throw not_ours(path);
  if (found != layout) {
    throw Error::usage(
        fmt::format("{} was laid out as \"{}\", and \"{}\" is asked for: name another path", path,
                    found, layout));
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
