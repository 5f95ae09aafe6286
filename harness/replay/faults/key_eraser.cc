#include "harness/replay/faults/key_eraser.h"

#include <algorithm>

#include "harness/core/kept_copies.h"

namespace cachegauge {

KeyEraser::KeyEraser(const SessionContext& context, const Open& open, Adapter& adapter,
                     FaultClock& clock, size_t fault, KeyInterner& keys)
    : scheduler_(context.scheduler), adapter_(adapter), clock_(clock), fault_(fault), keys_(keys) {
  SessionContext own = context;
  if (adapter.capabilities().in_process) {
    session_ = open(own);
    return;
  }
  pool_ = std::make_unique<SessionPool>(scheduler_, SessionPool::Options{});
  own.ready = pool_->add_place();
  pool_->attach(open(own));
}

void KeyEraser::arm() { scheduler_.wake_at(clock_.at_ns(fault_), 0, this); }

Command KeyEraser::command_for(uint32_t id) const {
  const KeyRecord& key = keys_.record(id);
  Command command;
  command.kind = CommandKind::kDelete;
  command.key = key.bytes();
  command.key_hash = key.hash();
  command.now_ns = scheduler_.now_ns();
  return command;
}

void KeyEraser::wake() {
  if (!clock_.running()) return;
  clock_.began(fault_, scheduler_.now_ns());
  next_id_ = 0;
  end_id_ = keys_.size();
  if (session_) return erase_at_once();
  constexpr uint32_t kMostLanes = 64;
  lanes_ = std::min(kMostLanes, end_id_);
  if (lanes_ == 0) end();
  for (uint32_t left = lanes_; left > 0; --left) erase_lane(scheduler_, *this);
}

void KeyEraser::erase_at_once() {
  Completion completion;
  for (; next_id_ < end_id_; ++next_id_) session_->execute(command_for(next_id_), completion);
  end();
}

void KeyEraser::end() {
  if (auto* copies = dynamic_cast<KeepsCopies*>(&adapter_)) copies->forget_copies();
  clock_.ended(fault_, scheduler_.now_ns());
}

ClientTask KeyEraser::erase_lane(Scheduler&, KeyEraser& eraser) {
  SessionPool::Order order;
  while (eraser.next_id_ < eraser.end_id_) {
    order.command = eraser.command_for(eraser.next_id_++);
    co_await SessionPool::Call(*eraser.pool_, order);
  }
  if (--eraser.lanes_ == 0) eraser.end();
}

}  // namespace cachegauge
