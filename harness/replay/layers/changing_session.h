// A caller that changes values which it was given, as `cached["views"] += 1` does. Where that is a
// copy of its own, nothing comes of it; where it is what the cache holds, the next hit finds it.
//
// A value is changed at the next call on any session of the thread: after its reader has checked
// it, and before a command may have moved it.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/random.h"
#include "harness/core/session.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

// Those of one thread that are yet to be made.
struct Changes {
  Changes(double change_share, uint64_t seed, Recorder& counting)
      : share(change_share), random(seed), recorder(counting) {}

  void note(const Completion& completion);
  void make();

  const double share;  // of hits
  SplitMix64 random;
  Recorder& recorder;
  std::vector<std::string_view> values;
};

class ChangingSession final : public Session {
 public:
  ChangingSession(std::unique_ptr<Session> cache, Changes& changes)
      : cache_(std::move(cache)), changes_(changes) {}

  void submit(std::span<const Command> commands) override { cache_->submit(commands); }
  size_t poll(std::span<Completion> out) override;
  bool execute(const Command& command, Completion& completion) override;

 private:
  const std::unique_ptr<Session> cache_;
  Changes& changes_;
};

}  // namespace cachegauge
