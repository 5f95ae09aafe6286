#include "harness/replay/faults/faulty_session.h"

#include <algorithm>

#include "harness/core/clock.h"

namespace cachegauge {
namespace {

constexpr int64_t kLeastBackoffNs = 10'000'000;
constexpr int64_t kMostBackoffNs = 1'000'000'000;

bool breaks_connections(FaultType type) {
  return type == FaultType::kRefuse || type == FaultType::kReset || type == FaultType::kKill;
}

}  // namespace

FaultySession::FaultySession(const SessionContext& context, const Options& options)
    : scheduler_(context.scheduler),
      client_(context.client),
      ready_(context.ready),
      options_(options),
      backoff_ns_(kLeastBackoffNs) {}

bool FaultySession::strikes_here(size_t fault) const {
  const PlannedFault& planned = options_.clock->faults()[fault];
  return planned.means == FaultMeans::kSession && planned.fault.on_origin == options_.of_origin;
}

bool FaultySession::active(size_t fault, int64_t now_ns) const {
  const FaultClock& clock = *options_.clock;
  return clock.running() && strikes_here(fault) && now_ns >= clock.at_ns(fault) &&
         now_ns < clock.end_ns(fault);
}

int64_t FaultySession::stalled_until_ns(int64_t now_ns) const {
  int64_t until_ns = 0;
  for (size_t i = 0; i < options_.clock->faults().size(); ++i) {
    if (options_.clock->faults()[i].fault.type == FaultType::kStall && active(i, now_ns)) {
      until_ns = std::max(until_ns, options_.clock->end_ns(i));
    }
  }
  return until_ns;
}

int64_t FaultySession::delay_ns(int64_t now_ns) const {
  int64_t delay_ns = 0;
  for (size_t i = 0; i < options_.clock->faults().size(); ++i) {
    const Fault& fault = options_.clock->faults()[i].fault;
    if (fault.type == FaultType::kSlow && active(i, now_ns)) delay_ns += fault.latency_ns;
  }
  return delay_ns;
}

bool FaultySession::refused(int64_t now_ns) const {
  for (size_t i = 0; i < options_.clock->faults().size(); ++i) {
    if (breaks_connections(options_.clock->faults()[i].fault.type) && active(i, now_ns)) {
      return true;
    }
  }
  return false;
}

void FaultySession::arm() {
  struck_.assign(options_.clock->faults().size(), false);
  for (size_t i = 0; i < struck_.size(); ++i) {
    if (!strikes_here(i)) continue;
    wake_at(options_.clock->at_ns(i));
    wake_at(options_.clock->end_ns(i));
  }
}

void FaultySession::wake_at(int64_t time_ns) { scheduler_.wake_at(time_ns, client_, this); }

void FaultySession::submit(std::span<const Command> commands) {
  const int64_t now_ns = scheduler_.now_ns();
  strike(now_ns);
  for (const Command& command : commands) {
    Call& call = calls_[next_sequence_];
    call.tag = command.tag;
    call.submitted_ns = now_ns;
    call.due_ns = now_ns + delay_ns(now_ns);
    call.command = command;
    call.command.tag = next_sequence_;
    call.key = command.key;
    call.value = command.value;
    call.command.key = call.key;
    call.command.value = call.value;
    held_.push_back(next_sequence_++);
  }
  hand_on(now_ns);
  set_timer();
}

void FaultySession::wake() {
  const int64_t now_ns = scheduler_.now_ns();
  if (now_ns >= timer_at_ns_) timer_at_ns_ = 0;
  strike(now_ns);
  connect(now_ns);
  give_up_late(now_ns);
  hand_on(now_ns);
  if (inner_waits_ && stalled_until_ns(now_ns) == 0) {
    inner_waits_ = false;
    last_stall_end_ns_ = now_ns;
    tell_ready();
  }
  set_timer();
}

// Each fault that breaks connections does so once, however short it is, and however late we look.
void FaultySession::strike(int64_t now_ns) {
  const FaultClock& clock = *options_.clock;
  for (size_t i = 0; clock.running() && i < struck_.size(); ++i) {
    if (struck_[i] || !strikes_here(i) || now_ns < clock.at_ns(i)) continue;
    struck_[i] = true;
    if (connected_ && breaks_connections(clock.faults()[i].fault.type)) break_connection(now_ns);
  }
}

void FaultySession::connect(int64_t now_ns) {
  if (connected_ || now_ns < attempt_ns_) return;
  if (refused(now_ns)) return break_connection(now_ns);
  connected_ = true;
  backoff_ns_ = kLeastBackoffNs;
}

void FaultySession::break_connection(int64_t now_ns) {
  connected_ = false;
  fail_all(Outcome::kError, now_ns);
  attempt_ns_ = now_ns + backoff_ns_;
  backoff_ns_ = std::min(2 * backoff_ns_, kMostBackoffNs);
  wake_at(attempt_ns_);
}

void FaultySession::fail_all(Outcome outcome, int64_t now_ns) {
  for (const auto& [sequence, call] : calls_) failed_.push_back(stamped(call, outcome, now_ns));
  calls_.clear();
  held_.clear();
  executable_.clear();
  if (!failed_.empty()) tell_ready();
}

void FaultySession::give_up_late(int64_t now_ns) {
  while (!calls_.empty()) {
    const auto first = calls_.begin();
    if (first->second.submitted_ns + options_.timeout_ns > now_ns) return;
    failed_.push_back(stamped(first->second, Outcome::kTimeout, now_ns));
    // The oldest call of all is the oldest of those that are held.
    if (!held_.empty() && held_.front() == first->first) held_.pop_front();
    if (!executable_.empty() && executable_.front() == first->first) executable_.pop_front();
    calls_.erase(first);
    tell_ready();
  }
}

// In order, as on one connection: what is asked after a slow time does not pass what is asked in
// it.
void FaultySession::hand_on(int64_t now_ns) {
  if (!connected_ || stalled_until_ns(now_ns) > 0) return;
  for (; !held_.empty(); held_.pop_front()) {
    const Call& call = calls_.at(held_.front());
    if (call.due_ns > now_ns) return;
    if (options_.in_process) {
      executable_.push_back(held_.front());
      tell_ready();
    } else {
      inner_->submit({&call.command, 1});
    }
  }
}

// The next moment at which something becomes of a call, beside those of the timetable: nothing,
// while all are with the inner session, which answers by itself.
void FaultySession::set_timer() {
  const bool stalled = stalled_until_ns(scheduler_.now_ns()) > 0;
  if (calls_.empty() || (held_.empty() && !stalled)) return;
  int64_t next_ns = calls_.begin()->second.submitted_ns + options_.timeout_ns;
  if (!stalled && connected_) next_ns = std::min(next_ns, calls_.at(held_.front()).due_ns);
  if (timer_at_ns_ != 0 && timer_at_ns_ <= next_ns) return;
  timer_at_ns_ = next_ns;
  wake_at(next_ns);
}

void FaultySession::inner_is_ready() {
  const int64_t now_ns = scheduler_.now_ns();
  if (stalled_until_ns(now_ns) > 0) {
    inner_waits_ = true;
  } else {
    tell_ready();
  }
}

void FaultySession::tell_ready() {
  if (ready_told_) return;
  ready_told_ = true;
  scheduler_.post(ready_);
}

// Where commands take no virtual time the stamps are of real time.
Completion FaultySession::stamped(const Call& call, Outcome outcome, int64_t now_ns) const {
  Completion completion{.tag = call.tag, .outcome = outcome, .value = {}};
  const bool apart = options_.in_process && scheduler_.is_virtual();
  completion.started_ns = apart ? monotonic_ns() : call.submitted_ns;
  completion.completed_ns = apart ? completion.started_ns : now_ns;
  return completion;
}

size_t FaultySession::poll(std::span<Completion> out) {
  ready_told_ = false;
  size_t count = 0;
  for (; count < out.size() && !failed_.empty(); ++count) {
    out[count] = failed_.front();
    failed_.pop_front();
  }
  const std::span<Completion> rest = out.subspan(count);
  if (!rest.empty()) count += options_.in_process ? poll_in_process(rest) : poll_inner(rest);
  if (!failed_.empty() || !executable_.empty()) tell_ready();
  return count;
}

// One, since the value of a hit is valid until the next command.
size_t FaultySession::poll_in_process(std::span<Completion> out) {
  if (executable_.empty()) return 0;
  const auto at = calls_.find(executable_.front());
  executable_.pop_front();
  const Call& call = at->second;
  Command command = call.command;
  command.now_ns = scheduler_.now_ns();
  Completion& completion = out.front();
  completion = {};
  const int64_t started_ns = monotonic_ns();
  if (!inner_->execute(command, completion)) completion.outcome = Outcome::kError;
  completion.tag = call.tag;
  completion.started_ns = scheduler_.is_virtual() ? started_ns : call.submitted_ns;
  completion.completed_ns = monotonic_ns();
  calls_.erase(at);
  return 1;
}

size_t FaultySession::poll_inner(std::span<Completion> out) {
  const int64_t now_ns = scheduler_.now_ns();
  if (stalled_until_ns(now_ns) > 0) {
    inner_waits_ = true;
    return 0;
  }
  const size_t answered = inner_->poll(out);
  size_t count = 0;
  for (const Completion& completion : out.first(answered)) {
    const auto at = calls_.find(completion.tag);
    if (at == calls_.end()) continue;  // it was given up meanwhile
    Completion& kept = out[count++];
    kept = completion;
    kept.tag = at->second.tag;
    if (kept.completed_ns != 0) {
      kept.started_ns = at->second.submitted_ns;
      if (kept.completed_ns < last_stall_end_ns_) kept.completed_ns = now_ns;
    }
    calls_.erase(at);
  }
  if (answered == out.size()) tell_ready();
  return count;
}

}  // namespace cachegauge
