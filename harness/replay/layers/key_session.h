// Sends each command under the name that its key has in the cache (key_naming.h). Making the name
// is timed by itself (key_time_ns), a reading of the clock included.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "harness/core/session.h"
#include "harness/replay/layers/key_naming.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

class KeySession final : public Session {
 public:
  KeySession(std::unique_ptr<Session> cache, const KeyNaming& naming, Recorder& recorder)
      : cache_(std::move(cache)), naming_(naming), recorder_(recorder) {}

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override { return cache_->poll(out); }
  bool execute(const Command& command, Completion& completion) override;

 private:
  Command named(const Command& command);

  const std::unique_ptr<Session> cache_;
  const KeyNaming& naming_;
  Recorder& recorder_;
  std::string name_;
};

}  // namespace cachegauge
