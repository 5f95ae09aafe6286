#pragma once

#include <cstdint>
#include <string>

namespace cachegauge {

// What every connection begins with. The password goes to the server and nowhere else.
struct RedisLogin {
  std::string user;  // of an ACL; empty: the default user
  std::string password;
  uint64_t database = 0;

  bool needs_auth() const { return !user.empty() || !password.empty(); }
};

}  // namespace cachegauge
