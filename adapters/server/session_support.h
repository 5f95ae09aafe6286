// What the sessions of servers share, whether they are on the loop or on a thread of their own.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/adapter.h"
#include "harness/core/error.h"

namespace cachegauge {

// Between attempts to connect again: doubled from one to the other.
inline constexpr int64_t kLeastBackoffNs = 10'000'000;
inline constexpr int64_t kMostBackoffNs = 1'000'000'000;

// Throws Error::usage under virtual time, where `who` cannot run: "a server".
inline EventLoop& require_loop(const SessionContext& context, const std::string& who) {
  if (!context.loop) throw Error::usage(who + " cannot run in virtual time: use --time real");
  return *context.loop;
}

}  // namespace cachegauge
