#include "workloads/input/file_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kMagicBytes = 8;

[[noreturn]] void fail(const std::string& path, std::string_view problem) {
  throw Error::failed(fmt::format("{}: {}", path, problem));
}

}  // namespace

FileStream::FileStream(const std::string& path) : path_(path) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) {
    if (errno == ENOENT) fail(path, "no such file");
    fail(path, fmt::format("the trace cannot be opened: {}", std::strerror(errno)));
  }
  struct stat status;
  const bool known = fstat(fd_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const bool is_folder = known && S_ISDIR(status.st_mode);
    close(fd_);
    if (is_folder) fail(path, "is a directory\nname the trace file in it");
    fail(path, "is no regular file\na trace is read several times: write it to a file first");
  }
  size_bytes_ = static_cast<uint64_t>(status.st_size);
  posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

FileStream::~FileStream() { close(fd_); }

size_t FileStream::read(std::span<char> out) {
  while (true) {
    const ssize_t got = ::read(fd_, out.data(), out.size());
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) fail(path_, fmt::format("reading failed: {}", std::strerror(errno)));
  }
}

uint64_t FileStream::current_size_bytes() const {
  struct stat status;
  if (fstat(fd_, &status) != 0) fail(path_, fmt::format("fstat failed: {}", std::strerror(errno)));
  return static_cast<uint64_t>(status.st_size);
}

std::span<const char> FileStream::map(uint64_t offset, size_t bytes) const {
  void* const at =
      mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd_, static_cast<off_t>(offset));
  if (at == MAP_FAILED) fail(path_, fmt::format("mapping it failed: {}", std::strerror(errno)));
  return {static_cast<const char*>(at), bytes};
}

std::string FileStream::magic() const {
  char bytes[kMagicBytes];
  const ssize_t got = pread(fd_, bytes, sizeof(bytes), 0);
  return std::string(bytes, got > 0 ? static_cast<size_t>(got) : 0);
}

}  // namespace cachegauge
