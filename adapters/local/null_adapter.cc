#include "adapters/local/null_adapter.h"

#include <algorithm>
#include <vector>

namespace cachegauge {
namespace {

// What an empty cache with no room says to each command.
constexpr Outcome answer_to(CommandKind kind) {
  switch (kind) {
    case CommandKind::kGet:
      return Outcome::kMiss;
    case CommandKind::kSet:
    case CommandKind::kAdd:
      return Outcome::kStored;
    case CommandKind::kDelete:
      return Outcome::kNotFound;
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return Outcome::kRejected;
}

// Not on CompletionQueue: without values there is nothing to keep apart, and what this session
// costs is taken for the harness' own.
class NullSession final : public Session {
 public:
  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) done_.push_back({command.tag, answer_to(command.kind)});
  }

  bool execute(const Command& command, Completion& completion) override {
    completion.outcome = answer_to(command.kind);
    return true;
  }

  size_t poll(std::span<Completion> out) override {
    const size_t count = std::min(out.size(), done_.size() - handed_out_);
    for (size_t i = 0; i < count; ++i) {
      const Answer& answer = done_[handed_out_ + i];
      out[i] = {.tag = answer.tag, .outcome = answer.outcome};
    }
    handed_out_ += count;
    if (handed_out_ == done_.size()) {
      done_.clear();
      handed_out_ = 0;
    }
    return count;
  }

 private:
  struct Answer {
    uint64_t tag;
    Outcome outcome;
  };
  std::vector<Answer> done_;
  size_t handed_out_ = 0;
};

class NullAdapter final : public Adapter {
 public:
  explicit NullAdapter(const Spec& spec) : spec_(spec) {}

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override {
    return {.in_process = true, .is_library = true, .bounded = false};
  }
  void start() override {}
  std::unique_ptr<Session> open(const SessionContext&) override {
    return std::make_unique<NullSession>();
  }
  AdapterState state() override {
    AdapterState state;
    state.evictions = state.expirations = 0;
    state.items = state.payload_bytes = state.bytes_used = 0;
    state.memory_source = "holds nothing";
    return state;
  }

 private:
  Spec spec_;
};

}  // namespace

std::unique_ptr<Adapter> make_null_adapter(const Spec& spec, const AdapterSettings&) {
  spec.require_known({});
  return std::make_unique<NullAdapter>(spec);
}

}  // namespace cachegauge
