#include "adapters/server/loopback.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/server/unique_fd.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

TEST(Loopback, KnowsWhoListens) {
  const uint16_t port = free_loopback_port();
  EXPECT_TRUE(is_free_loopback_port(port));
  EXPECT_FALSE(listens_on_loopback(getpid(), port));
  {
    const UniqueFd listener = listen_on(port);
    EXPECT_FALSE(is_free_loopback_port(port));
    EXPECT_TRUE(listens_on_loopback(getpid(), port));
    EXPECT_FALSE(listens_on_loopback(getppid(), port)) << "another process";
    EXPECT_FALSE(listens_on_loopback(getpid(), static_cast<uint16_t>(port ^ 1)));
  }
  EXPECT_TRUE(is_free_loopback_port(port));
  EXPECT_FALSE(listens_on_loopback(getpid(), port));
}

TEST(Loopback, AProcessThatIsGoneListensNowhere) { EXPECT_FALSE(listens_on_loopback(0x3fffff, 1)); }

}  // namespace
}  // namespace cachegauge
