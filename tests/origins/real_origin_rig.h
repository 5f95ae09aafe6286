// A real origin that was started, with one client on a loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/event_loop.h"

namespace cachegauge {

// Why an origin of this kind cannot be had on this machine; empty if it can.
std::string why_not_here(const std::string& kind);

struct Row {
  uint32_t version = 0;
  std::string value;
  bool operator==(const Row&) const = default;
};

class OriginRig final : public Wakeup {
 public:
  struct Reply {
    Outcome outcome = Outcome::kError;
    std::string value;
    int64_t started_ns = 0;
    int64_t completed_ns = 0;
  };

  explicit OriginRig(const std::string& spec, int64_t timeout_ns = 20'000'000'000);
  ~OriginRig();

  void send(const Command& command);  // its views must live until run()
  std::vector<Reply> run();           // in the order of send()
  Reply ask(const Command& command);
  Reply store(const std::string& key, uint32_t version, const std::string& value);
  Row load(const std::string& key);  // fails the test unless it is a hit
  std::map<std::string, uint64_t> figures();
  void wake() override;

  const std::unique_ptr<Origin> origin;

 private:
  struct Starter final : Wakeup {
    explicit Starter(OriginRig& r) : rig(r) {}
    void wake() override { rig.session_->submit(rig.queue_); }
    OriginRig& rig;
  };

  EventLoop loop_;
  Starter starter_{*this};
  std::unique_ptr<Session> session_;
  std::vector<Command> queue_;
  std::vector<Reply> replies_;
};

}  // namespace cachegauge
