#include "reports/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr mode_t kMode = 0666;  // less the umask

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct Place {
  std::string folder;  // to open; "." for none
  std::string name;
  std::string path() const { return folder + "/" + name; }
  std::string new_path() const { return fmt::format("{}/.{}.cachegauge-new", folder, name); }
};

[[noreturn]] void fail(const std::string& path) {
  throw Error::failed(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

// The target of a symbolic link, if it has one; otherwise the path.
std::string resolve(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (!real) return path;
  std::string resolved(real);
  std::free(real);
  return resolved;
}

Place place_of(const std::string& path) {
  const std::string resolved = resolve(path);
  const size_t slash = resolved.rfind('/');
  if (slash == std::string::npos) return {".", resolved};
  return {slash == 0 ? "/" : resolved.substr(0, slash), resolved.substr(slash + 1)};
}

// The descriptor that a path such as /dev/stdout means. Opening such a path anew would write from
// the start of a redirected file, over what is there.
std::optional<int> descriptor_of(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view digits = path.substr(prefix.size());
    int fd = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
    if (error == std::errc() && end == digits.data() + digits.size()) return fd;
  }
  return std::nullopt;
}

// False, with errno, if not all could be written.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A file without a name in the folder; invalid where the file system has none.
int open_unnamed(const Place& place) {
  return open(place.folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
}

// A new file under Place::new_path(), in place of one that a killed process left there.
int open_named(const Place& place) {
  unlink(place.new_path().c_str());
  return open(place.new_path().c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kMode);
}

bool give_name(int fd, const std::string& path) {
  const std::string source = fmt::format("/proc/self/fd/{}", fd);
  return linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

bool fill(int fd, const Place& place, std::string_view bytes) {
  struct stat old {};
  const bool replaces = stat(place.path().c_str(), &old) == 0;
  return write_all(fd, bytes) && (!replaces || fchmod(fd, old.st_mode & 07777) == 0) &&
         fsync(fd) == 0;
}

bool rename_new(const Place& place) {
  if (rename(place.new_path().c_str(), place.path().c_str()) == 0) return true;
  const int reason = errno;
  unlink(place.new_path().c_str());
  errno = reason;
  return false;
}

// A rename is on the disk when its folder is. Not every file system can sync one: no reason to
// fail.
void sync_folder(const Place& place) {
  const Descriptor folder(open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) fsync(folder.get());
}

// False if a file without a name cannot be made or named here (no O_TMPFILE, no /proc).
bool replace_by_unnamed(const Place& place, std::string_view bytes, const std::string& path) {
  const Descriptor file(open_unnamed(place));
  if (!file.valid()) return false;
  if (!fill(file.get(), place, bytes)) fail(path);
  if (give_name(file.get(), place.path())) return true;
  if (errno != EEXIST) return false;
  unlink(place.new_path().c_str());
  if (!give_name(file.get(), place.new_path()) || !rename_new(place)) fail(path);
  return true;
}

void replace_by_named(const Place& place, std::string_view bytes, const std::string& path) {
  const Descriptor file(open_named(place));
  if (!file.valid()) fail(path);
  if (!fill(file.get(), place, bytes)) {
    const int reason = errno;
    unlink(place.new_path().c_str());
    errno = reason;
    fail(path);
  }
  if (!rename_new(place)) fail(path);
}

void write_stream(const std::string& path, std::string_view bytes) {
  if (const auto fd = descriptor_of(path)) {
    if (!write_all(*fd, bytes)) fail(path);
    return;
  }
  const Descriptor stream(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!stream.valid() || !write_all(stream.get(), bytes)) fail(path);
}

void check_folder(const std::string& path, const Place& place) {
  struct stat info {};
  if (stat(place.folder.c_str(), &info) != 0) {
    throw Error::usage(fmt::format("cannot write {}: there is no folder {} (mkdir -p {})", path,
                                   place.folder, place.folder));
  }
  if (!S_ISDIR(info.st_mode)) {
    throw Error::usage(fmt::format("cannot write {}: {} is not a folder", path, place.folder));
  }
  // A file is really made: permissions alone do not tell of a read-only file system, or to root.
  const Descriptor unnamed(open_unnamed(place));
  if (unnamed.valid()) return;
  const Descriptor named(open_named(place));
  if (!named.valid()) {
    throw Error::usage(fmt::format("cannot write {}: no file can be made in {}: {}; name another",
                                   path, place.folder, std::strerror(errno)));
  }
  unlink(place.new_path().c_str());
}

}  // namespace

bool is_stream(const std::string& path) {
  struct stat info {};
  return descriptor_of(path) ||
         (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

void check_writable(const std::string& path, bool force) {
  if (path.empty()) throw Error::usage("the name of the file to write is empty");
  if (const auto fd = descriptor_of(path)) {
    if (fcntl(*fd, F_GETFD) < 0) {
      throw Error::usage(fmt::format("cannot write {}: it is not open", path));
    }
    return;
  }
  struct stat info {};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (path.back() == '/' || (exists && S_ISDIR(info.st_mode))) {
    throw Error::usage(fmt::format("{} is a folder: name a file in it, such as {}{}report.json",
                                   path, path, path.back() == '/' ? "" : "/"));
  }
  if (is_stream(path)) {
    if (access(path.c_str(), W_OK) != 0) {
      throw Error::usage(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return;
  }
  if (exists && !force) {
    throw Error::usage(
        fmt::format("{} exists already: give --force to replace it, or name another", path));
  }
  check_folder(path, place_of(path));
}

void write_atomically(const std::string& path, std::string_view bytes) {
  if (is_stream(path)) return write_stream(path, bytes);
  const Place place = place_of(path);
  if (!replace_by_unnamed(place, bytes, path)) replace_by_named(place, bytes, path);
  sync_folder(place);
}

}  // namespace cachegauge
