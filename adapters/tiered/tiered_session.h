// A client's session with two tiers: over a second tier in this process, or over one that answers
// later.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapters/local/completion_queue.h"
#include "adapters/server/completion_buffer.h"
#include "adapters/tiered/two_tiers.h"
#include "harness/core/adapter.h"

namespace cachegauge {

// Both tiers complete within submit().
class ImmediateTieredSession final : public Session {
 public:
  ImmediateTieredSession(const SessionContext& context, const TwoTiers::Options& options,
                         TierCounts& counts, std::unique_ptr<Session> second)
      : tiers_(context, options, counts), second_(std::move(second)) {}

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override { return queue_.poll(out); }
  bool execute(const Command& command, Completion& completion) override;

 private:
  TwoTiers tiers_;
  const std::unique_ptr<Session> second_;
  CompletionQueue queue_;
};

// Hits of the first tier are stamped here, and wait for poll() like the answers of the second.
class QueuedTieredSession final : public Session {
 public:
  QueuedTieredSession(const SessionContext& context, const TwoTiers::Options& options,
                      TierCounts& counts, std::unique_ptr<Session> second);

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;

 private:
  // A command that is with the second tier.
  struct Pending {
    Command command;  // its views point to the following
    std::string key, value;
    uint32_t begun = 0;
    uint32_t next_free = 0;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  void forward(const Command& command);
  uint32_t take_place();
  void settle(Completion& completion);
  void tell_ready();

  TwoTiers tiers_;
  const std::unique_ptr<Session> second_;
  Scheduler& scheduler_;
  Wakeup* const ready_;
  CompletionBuffer hits_;  // of the first tier
  bool ready_told_ = false;
  std::deque<Pending> pending_;  // a tag of the second tier is a place here
  uint32_t free_ = kNone;
};

}  // namespace cachegauge
