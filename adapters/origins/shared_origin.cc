#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

class SharedSession;

struct SharedCall {
  double ends_at_work;  // of Processor::work_ns_
  uint64_t sequence;
  SharedSession* session;
  uint64_t tag;
  int64_t started_ns;

  bool operator>(const SharedCall& other) const {
    return ends_at_work != other.ends_at_work ? ends_at_work > other.ends_at_work
                                              : sequence > other.sequence;
  }
};

// Every call under way is served at the same speed: 1 as long as there are no more than servers,
// else servers / calls. It is over when the work that each has got since it came is the latency; so
// the order of ends is that of these sums, whoever comes or goes.
class Processor final : public Wakeup {
 public:
  Processor(int64_t latency_ns, uint64_t servers)
      : latency_ns_(static_cast<double>(latency_ns)), servers_(static_cast<double>(servers)) {}

  void use(Scheduler& scheduler) {
    if (scheduler_ && scheduler_ != &scheduler) {
      throw Error::usage("the origin \"shared\" is for one thread: leave --threads out");
    }
    scheduler_ = &scheduler;
    now_ns_ = scheduler.now_ns();
  }

  void admit(SharedSession* session, uint64_t tag) {
    advance();
    calls_.push({work_ns_ + latency_ns_, next_sequence_++, session, tag, now_ns_});
    set_timer();
  }

  void wake() override;

 private:
  double speed() const { return std::min(1.0, servers_ / static_cast<double>(calls_.size())); }

  void advance() {
    const int64_t now_ns = scheduler_->now_ns();
    if (!calls_.empty()) work_ns_ += static_cast<double>(now_ns - now_ns_) * speed();
    now_ns_ = now_ns;
  }

  // For the first call to end, as things are now. Timers cannot be taken back: one that comes too
  // early sets the next.
  void set_timer() {
    if (calls_.empty()) return;
    const double left_ns = std::max(0.0, calls_.top().ends_at_work - work_ns_) / speed();
    const int64_t due_ns = now_ns_ + static_cast<int64_t>(std::ceil(left_ns));
    if (timer_ns_ >= now_ns_ && timer_ns_ <= due_ns) return;
    timer_ns_ = due_ns;
    scheduler_->wake_at(due_ns, 0, this);
  }

  const double latency_ns_, servers_;
  Scheduler* scheduler_ = nullptr;
  int64_t now_ns_ = 0;     // of the last change
  double work_ns_ = 0;     // that a call has got which is here since the beginning
  int64_t timer_ns_ = -1;  // the earliest that is set; in the past: none
  uint64_t next_sequence_ = 0;
  std::priority_queue<SharedCall, std::vector<SharedCall>, std::greater<>> calls_;
};

class SharedSession final : public Session {
 public:
  SharedSession(const SessionContext& context, Processor& processor)
      : scheduler_(context.scheduler), ready_(context.ready), processor_(processor) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) processor_.admit(this, command.tag);
  }

  void take(const SharedCall& call) {
    if (done_.empty()) scheduler_.post(ready_);
    done_.push_back({.tag = call.tag,
                     .outcome = Outcome::kHit,
                     .value = {},
                     .started_ns = call.started_ns,
                     .completed_ns = scheduler_.now_ns()});
  }

  size_t poll(std::span<Completion> out) override {
    const size_t count = std::min(out.size(), done_.size());
    std::copy_n(done_.begin(), count, out.begin());
    done_.erase(done_.begin(), done_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

 private:
  Scheduler& scheduler_;
  Wakeup* const ready_;
  Processor& processor_;
  std::deque<Completion> done_;
};

void Processor::wake() {
  constexpr double kRoundingNs = 0.5;
  advance();
  if (now_ns_ >= timer_ns_) timer_ns_ = -1;
  while (!calls_.empty() && calls_.top().ends_at_work <= work_ns_ + kRoundingNs) {
    const SharedCall call = calls_.top();
    calls_.pop();
    call.session->take(call);
  }
  set_timer();
}

uint64_t parse_servers(const Spec& spec) {
  const uint64_t servers = spec.count("capacity", 1);
  if (servers > 0) return servers;
  throw Error::usage("shared:capacity: expected a count from 1, got \"0\"");
}

int64_t parse_latency_ns(const Spec& spec) {
  const int64_t latency_ns = spec.duration_ns("latency", 0);
  if (latency_ns > 0) return latency_ns;
  throw Error::usage("the origin \"shared\" needs a latency, such as shared:latency=50ms");
}

class SharedOrigin final : public Origin {
 public:
  explicit SharedOrigin(const Spec& spec)
      : spec_(spec), processor_(parse_latency_ns(spec), parse_servers(spec)) {}

  const Spec& spec() const override { return spec_; }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    processor_.use(context.scheduler);
    return std::make_unique<SharedSession>(context, processor_);
  }

 private:
  const Spec spec_;
  Processor processor_;
};

}  // namespace

std::unique_ptr<Origin> make_shared_origin(const Spec& spec, const OriginSettings&) {
  return std::make_unique<SharedOrigin>(spec);
}

}  // namespace cachegauge
