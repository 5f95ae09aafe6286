#include "adapters/server/private_folder.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "harness/core/error.h"

namespace cachegauge {

uint64_t random_number() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
    throw Error::failed(fmt::format("getrandom: {}", std::strerror(errno)));
  }
  return number;
}

std::string temporary_base() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen && *chosen ? std::filesystem::absolute(chosen).string() : "/tmp";
}

std::string random_folder_name(const std::string& base) {
  return fmt::format("{}/cachegauge-{:016x}", base, random_number());
}

PrivateFolder::PrivateFolder() : path_(random_folder_name(temporary_base())), owner_(getpid()) {
  guardian_ = spawn_guardian({.directory = path_.c_str()});
  GuardianMessage message{GuardianMessage::kFailed, ECHILD};
  while (recv(guardian_.socket.get(), &message, sizeof(message), 0) < 0 && errno == EINTR) {
  }
  if (message.kind == GuardianMessage::kStarted) return;
  end_guardian(guardian_);
  throw Error::failed(
      fmt::format("cannot make the folder {} ({}): set TMPDIR to a directory that can be written",
                  path_, std::strerror(message.value)));
}

PrivateFolder::~PrivateFolder() {
  if (getpid() == owner_) end_guardian(guardian_);
}

}  // namespace cachegauge
