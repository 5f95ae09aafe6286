#include "adapters/tiered/tiered_session.h"

#include <utility>

#include "harness/core/clock.h"

namespace cachegauge {

bool ImmediateTieredSession::execute(const Command& command, Completion& completion) {
  if (tiers_.look(command, command.now_ns, completion)) return true;
  const uint32_t begun = tiers_.begin(command);
  completion.value = {};
  if (!second_->execute(command, completion)) return false;
  tiers_.settle(command, begun, command.now_ns, completion);
  return true;
}

void ImmediateTieredSession::submit(std::span<const Command> commands) {
  for (const Command& command : commands) {
    Completion done;
    execute(command, done);
    done.tag = command.tag;
    queue_.push(done);
  }
}

QueuedTieredSession::QueuedTieredSession(const SessionContext& context,
                                         const TwoTiers::Options& options, TierCounts& counts,
                                         std::unique_ptr<Session> second)
    : tiers_(context, options, counts),
      second_(std::move(second)),
      scheduler_(context.scheduler),
      ready_(context.ready) {}

void QueuedTieredSession::submit(std::span<const Command> commands) {
  for (const Command& command : commands) {
    Completion done;
    const bool is_get = command.kind == CommandKind::kGet;
    done.started_ns = is_get ? monotonic_ns() : 0;
    const int64_t started_ns = done.started_ns;
    if (!is_get || !tiers_.look(command, started_ns, done)) {
      forward(command);
      continue;
    }
    hits_.stage(done.value);
    hits_.add({.tag = command.tag,
               .outcome = Outcome::kHit,
               .value = {},
               .started_ns = started_ns,
               .completed_ns = monotonic_ns()});
    tell_ready();
  }
}

void QueuedTieredSession::forward(const Command& command) {
  const uint32_t place = take_place();
  Pending& pending = pending_[place];
  pending.key.assign(command.key);
  pending.value.clear();
  if (command.kind == CommandKind::kSet || command.kind == CommandKind::kAdd) {
    pending.value.assign(command.value);
  }
  pending.command = command;
  pending.command.key = pending.key;
  pending.command.value = pending.value;
  pending.begun = tiers_.begin(command);
  Command sent = command;
  sent.tag = place;
  second_->submit({&sent, 1});
}

uint32_t QueuedTieredSession::take_place() {
  if (free_ == kNone) {
    pending_.emplace_back();
    return static_cast<uint32_t>(pending_.size() - 1);
  }
  return std::exchange(free_, pending_[free_].next_free);
}

void QueuedTieredSession::settle(Completion& completion) {
  const auto place = static_cast<uint32_t>(completion.tag);
  Pending& pending = pending_[place];
  completion.tag = pending.command.tag;
  tiers_.settle(pending.command, pending.begun, scheduler_.now_ns(), completion);
  pending.next_free = free_;
  free_ = place;
}

size_t QueuedTieredSession::poll(std::span<Completion> out) {
  ready_told_ = false;
  const size_t hits = hits_.poll(out);
  if (hits_.more()) tell_ready();
  if (hits == out.size()) {
    tell_ready();  // the second tier was not asked
    return hits;
  }
  const size_t answers = second_->poll(out.subspan(hits));
  for (Completion& completion : out.subspan(hits, answers)) settle(completion);
  return hits + answers;
}

void QueuedTieredSession::tell_ready() {
  if (std::exchange(ready_told_, true)) return;
  scheduler_.post(ready_);
}

}  // namespace cachegauge
