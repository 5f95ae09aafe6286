#include <deque>

#include "adapters/origins/origins.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

class SleepSession final : public Session, public Wakeup {
 public:
  SleepSession(const SessionContext& context, int64_t latency_ns)
      : scheduler_(context.scheduler),
        ready_(context.ready),
        client_(context.client),
        latency_ns_(latency_ns) {}

  void submit(std::span<const Command> commands) override {
    const int64_t now_ns = scheduler_.now_ns();
    for (const Command& command : commands) {
      calls_.push_back({command.tag, now_ns,
                        command.kind == CommandKind::kGet ? Outcome::kHit : Outcome::kStored});
      scheduler_.wake_at(now_ns + latency_ns_, client_, this);
    }
  }

  // One timer a call, and the latency is constant: each timer is that of the oldest call.
  void wake() override {
    ++due_;
    if (due_ == 1) scheduler_.post(ready_);
  }

  size_t poll(std::span<Completion> out) override {
    size_t count = 0;
    for (; count < out.size() && due_ > 0; ++count, --due_) {
      const Call& call = calls_.front();
      out[count] = {call.tag, call.outcome, {}, call.started_ns, scheduler_.now_ns()};
      calls_.pop_front();
    }
    return count;
  }

 private:
  struct Call {
    uint64_t tag;
    int64_t started_ns;
    Outcome outcome;
  };

  Scheduler& scheduler_;
  Wakeup* ready_;
  uint32_t client_;
  int64_t latency_ns_;
  std::deque<Call> calls_;
  size_t due_ = 0;
};

class SleepOrigin final : public Origin {
 public:
  explicit SleepOrigin(Spec spec)
      : spec_(std::move(spec)), latency_ns_(spec_.duration_ns("latency", -1)) {
    if (latency_ns_ < 0) {
      throw Error::usage("the origin \"sleep\" needs a latency, such as sleep:latency=50ms");
    }
  }
  const Spec& spec() const override { return spec_; }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    return std::make_unique<SleepSession>(context, latency_ns_);
  }

 private:
  Spec spec_;
  int64_t latency_ns_;
};

}  // namespace

std::unique_ptr<Origin> make_sleep_origin(const Spec& spec, uint64_t) {
  return std::make_unique<SleepOrigin>(spec);
}

}  // namespace cachegauge
