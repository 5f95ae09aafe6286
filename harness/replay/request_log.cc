#include "harness/replay/request_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kFlushBytes = 256 * 1024;

int open_log(const std::string& path, int flags) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
  if (fd < 0) throw Error::failed(fmt::format("{}: {}", path, std::strerror(errno)));
  return fd;
}

// 0, or the errno.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

void begin_request_log(const std::string& path) {
  const int fd = open_log(path, O_TRUNC);
  const int error = write_all(fd, "index,op,result,intended_ns,started_ns,completed_ns\n");
  close(fd);
  if (error != 0) throw Error::failed(fmt::format("{}: {}", path, std::strerror(error)));
}

RequestLog::RequestLog(const std::string& path) : fd_(open_log(path, O_APPEND)), path_(path) {
  buffer_.reserve(kFlushBytes + 256);
}

RequestLog::~RequestLog() { close(fd_); }

void RequestLog::add(const Entry& entry) {
  if (start_ns_ < 0) return;
  auto out = std::back_inserter(buffer_);
  fmt::format_to(out, "{},{},{},{},", entry.index, entry.op, entry.result,
                 entry.intended_ns - start_ns_);
  if (entry.started_ns != 0) fmt::format_to(out, "{}", entry.started_ns - start_ns_);
  fmt::format_to(out, ",{}\n", entry.completed_ns - start_ns_);
  if (buffer_.size() >= kFlushBytes) flush();
}

void RequestLog::flush() {
  if (error_ == 0) error_ = write_all(fd_, buffer_);
  buffer_.clear();
}

void RequestLog::finish() {
  flush();
  start_ns_ = -1;
  if (error_ != 0) {
    throw Error::failed(fmt::format("{}: {}; the log is not whole", path_, std::strerror(error_)));
  }
}

}  // namespace cachegauge
