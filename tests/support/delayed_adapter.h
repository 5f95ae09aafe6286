// A server whose delays are known: each command is answered after what a test's function says, in
// the time of the scheduler it is given, virtual or real. Commands do not wait for each other: what
// they queue for is the client's connections alone.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/adapter.h"

namespace cachegauge {

// What a test sees and says; outlives the adapter.
struct Delays {
  struct Seen {
    int64_t at_ns;
    std::string key;
    int64_t ttl_ns;
    uint32_t client;
  };
  // How long a command takes that is submitted at `now_ns`; above 0.
  std::function<int64_t(int64_t now_ns)> delay_ns = [](int64_t) { return 1000; };
  std::function<Outcome(const Command&)> outcome = [](const Command& command) {
    constexpr Outcome kOutcomes[kCommandKindCount] = {Outcome::kHit,     Outcome::kStored,
                                                      Outcome::kStored,  Outcome::kDeleted,
                                                      Outcome::kDeleted, Outcome::kMiss};
    return kOutcomes[static_cast<int>(command.kind)];
  };
  std::vector<Seen> seen;  // in the order they were submitted
  std::mutex mutex;
};

class DelayedAdapter final : public Adapter {
 public:
  explicit DelayedAdapter(Delays& delays) : delays_(delays) {}
  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override { return {.in_process = false, .bounded = false}; }
  void start() override {}
  std::unique_ptr<Session> open(const SessionContext& context) override {
    return std::make_unique<DelayedSession>(delays_, context);
  }
  AdapterState state() override { return {}; }

 private:
  class DelayedSession final : public Session {
   public:
    DelayedSession(Delays& delays, const SessionContext& context)
        : delays_(delays), context_(context) {}

    void submit(std::span<const Command> commands) override {
      const std::lock_guard lock(delays_.mutex);
      const int64_t now_ns = context_.scheduler.now_ns();
      for (const Command& command : commands) {
        delays_.seen.push_back({now_ns, std::string(command.key), command.ttl_ns, context_.client});
        const int64_t due_ns = now_ns + delays_.delay_ns(now_ns);
        outstanding_.push_back({.tag = command.tag,
                                .outcome = delays_.outcome(command),
                                .value = {},
                                .started_ns = now_ns,
                                .completed_ns = due_ns});
        context_.scheduler.wake_at(due_ns, context_.client, context_.ready);
      }
    }

    // In real time a command is complete when the loop comes to it, as with a socket.
    size_t poll(std::span<Completion> out) override {
      const int64_t now_ns = context_.scheduler.now_ns();
      const auto due =
          std::stable_partition(outstanding_.begin(), outstanding_.end(),
                                [&](const Completion& c) { return c.completed_ns > now_ns; });
      const size_t count = std::min(out.size(), static_cast<size_t>(outstanding_.end() - due));
      std::copy_n(due, count, out.begin());
      for (size_t i = 0; i < count; ++i) out[i].completed_ns = now_ns;
      outstanding_.erase(due, due + static_cast<std::ptrdiff_t>(count));
      return count;
    }

   private:
    Delays& delays_;
    const SessionContext context_;
    std::vector<Completion> outstanding_;
  };

  Delays& delays_;
  Spec spec_ = Spec("delayed");
};

}  // namespace cachegauge
