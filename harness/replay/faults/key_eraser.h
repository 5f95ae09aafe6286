// A flush that takes no more than what is ours: at its time it deletes every key that its thread
// has seen so far, over a session of its own. Of an in-process cache that is done at one moment.
// What other sessions hold for themselves is forgotten after that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "harness/core/adapter.h"
#include "harness/core/coroutine.h"
#include "harness/replay/faults/fault_clock.h"
#include "harness/replay/key_interner.h"
#include "harness/replay/session_pool.h"

namespace cachegauge {

class KeyEraser final : private Wakeup {
 public:
  // `open` gives a session of the cache that knows keys by the names that it has them under; one of
  // a cache in this process completes within submit(). Throws what `open` does.
  using Open = std::function<std::unique_ptr<Session>(const SessionContext& context)>;
  KeyEraser(const SessionContext& context, const Open& open, Adapter& adapter, FaultClock& clock,
            size_t fault, KeyInterner& keys);
  KeyEraser(const KeyEraser&) = delete;

  // The measured interval begins.
  void arm();

 private:
  static ClientTask erase_lane(Scheduler& scheduler, KeyEraser& eraser);
  void wake() override;
  void erase_at_once();
  void end();
  Command command_for(uint32_t id) const;

  Scheduler& scheduler_;
  Adapter& adapter_;
  FaultClock& clock_;
  const size_t fault_;
  KeyInterner& keys_;
  std::unique_ptr<Session> session_;   // of an in-process cache
  std::unique_ptr<SessionPool> pool_;  // of the others
  uint32_t next_id_ = 0, end_id_ = 0;
  uint32_t lanes_ = 0;
};

}  // namespace cachegauge
