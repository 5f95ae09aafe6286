#include "adapters/server/loopback.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/server/unique_fd.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

// Port 0: one that the kernel chooses. Returns the port, or 0 with errno set.
uint16_t bind_to(uint16_t port) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t length = sizeof(address);
  if (!fd || bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

// Of the sockets that listen there, as /proc/PID/fd names them: "socket:[4711]".
std::vector<std::string> listeners(pid_t pid, uint16_t port) {
  constexpr std::string_view kListening = "0A";
  std::ifstream table(fmt::format("/proc/{}/net/tcp", pid));
  // The address as the kernel writes it: the bytes of the network, read as a number of ours.
  const std::string local = fmt::format("{:08X}:{:04X}", htonl(INADDR_LOOPBACK), port);
  std::vector<std::string> names;
  std::string line;
  while (std::getline(table, line)) {
    // sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; row.size() < 10 && words >> word;) row.push_back(word);
    if (row.size() == 10 && row[1] == local && row[3] == kListening) {
      names.push_back(fmt::format("socket:[{}]", row[9]));
    }
  }
  return names;
}

}  // namespace

uint16_t free_loopback_port() {
  const uint16_t port = bind_to(0);
  if (port == 0) {
    throw Error::failed(fmt::format("no free port on 127.0.0.1: {}", std::strerror(errno)));
  }
  return port;
}

bool is_free_loopback_port(uint16_t port) { return bind_to(port) == port; }

bool listens_on_loopback(pid_t pid, uint16_t port) {
  const std::vector<std::string> names = listeners(pid, port);
  if (names.empty()) return false;
  std::error_code error;
  std::filesystem::directory_iterator open_files(fmt::format("/proc/{}/fd", pid), error);
  for (; !error && open_files != std::filesystem::directory_iterator();
       open_files.increment(error)) {
    std::error_code closed;
    const auto target = std::filesystem::read_symlink(open_files->path(), closed).string();
    if (std::ranges::find(names, target) != names.end()) return true;
  }
  return false;
}

}  // namespace cachegauge
