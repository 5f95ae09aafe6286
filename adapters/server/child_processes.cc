#include "adapters/server/child_processes.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace cachegauge {
namespace {

// "/proc/17/task/17/children"
class ChildrenPath {
 public:
  explicit ChildrenPath(pid_t parent) {
    add("/proc/");
    add(parent);
    add("/task/");
    add(parent);
    add("/children");
  }
  const char* text() const { return text_.data(); }

 private:
  void add(std::string_view part) { at_ = std::ranges::copy(part, at_).out; }
  void add(pid_t number) { at_ = std::to_chars(at_, text_.end(), number).ptr; }

  std::array<char, 64> text_{};
  char* at_ = text_.data();
};

}  // namespace

bool can_find_children() { return access(ChildrenPath(getpid()).text(), R_OK) == 0; }

void signal_children(pid_t parent, int signal) {
  const int fd = open(ChildrenPath(parent).text(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::array<char, 4096> buffer;
  pid_t child = 0;
  const auto end_number = [&] {
    if (child > 0) kill(child, signal);
    child = 0;
  };
  for (ssize_t size; (size = read(fd, buffer.data(), buffer.size())) > 0;) {
    for (const char c : std::string_view(buffer.data(), static_cast<size_t>(size))) {
      if (c >= '0' && c <= '9') {
        child = child * 10 + (c - '0');
      } else {
        end_number();
      }
    }
  }
  end_number();
  close(fd);
}

}  // namespace cachegauge
