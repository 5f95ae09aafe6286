#include "adapters/disk/value_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "adapters/disk/disk_store.h"
#include "adapters/server/unique_fd.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr size_t kDigits = 16;

int64_t check_of(std::string_view bytes) { return std::bit_cast<int64_t>(hash_text_key(bytes)); }

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

bool read_all(int fd, std::span<char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = read(fd, bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) bytes = bytes.subspan(static_cast<size_t>(got));
  }
  return true;
}

}  // namespace

ValueFiles::ValueFiles(std::string folder) : folder_(std::move(folder)) {}

std::string ValueFiles::path(int64_t id) const {
  return fmt::format("{}/{:016x}", folder_, std::bit_cast<uint64_t>(id));
}

int ValueFiles::write(std::string_view value, Reference& reference) const {
  UniqueFd file;
  do {
    if (getrandom(&reference.id, sizeof(reference.id), 0) != sizeof(reference.id)) return EIO;
    file =
        UniqueFd(open(path(reference.id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  } while (!file && (errno == EEXIST || (errno == ENOENT && mkdir(folder_.c_str(), 0700) == 0)));
  if (!file) return errno;
  reference.size = value.size();
  reference.check = check_of(value);
  const int error = write_all(file.get(), value);
  if (error != 0) remove(reference.id);
  return error;
}

bool ValueFiles::read(const Reference& reference, std::string& value) const {
  const UniqueFd file(open(path(reference.id).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0) return false;
  if (static_cast<uint64_t>(info.st_size) != reference.size) return false;
  const size_t before = value.size();
  value.resize(before + reference.size);
  const std::span<char> bytes(value.data() + before, reference.size);
  if (read_all(file.get(), bytes) && check_of({bytes.data(), bytes.size()}) == reference.check) {
    return true;
  }
  value.resize(before);
  return false;
}

void ValueFiles::remove(int64_t id) const { unlink(path(id).c_str()); }

std::vector<int64_t> ValueFiles::list() const {
  std::vector<int64_t> ids;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    uint64_t id = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id, 16);
    if (name.size() == kDigits && parsed.ptr == name.data() + kDigits) {
      ids.push_back(std::bit_cast<int64_t>(id));
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

uint64_t ValueFiles::disk_bytes() const {
  uint64_t sum = 0;
  for (const int64_t id : list()) sum += allocated_bytes(path(id));
  return sum;
}

void ValueFiles::remove_all() const {
  for (const int64_t id : list()) remove(id);
  rmdir(folder_.c_str());
}

}  // namespace cachegauge
