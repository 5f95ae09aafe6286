// A session that things happen to on a timetable: the faults that are brought about in this
// process, between the application and a cache or an origin.
//
//   stall          what is asked and what is answered waits until it is over
//   slow           each command is handed on later
//   refuse, reset, kill
//                  what is outstanding fails; the connection is tried again after 10 ms, 20 ms, … 1
//                  s, and commands wait for that attempt and fail with it, as those of a server's
//                  session do (adapters/server/server_session.h). A reset that does not last is
//                  over with the first attempt.
//
// Commands are answered in any order, and given up (kTimeout) after the timeout. A command that is
// given up before it was handed on is never carried out. Of an in-process cache each command is
// carried out when its answer is taken, so that effect and answer are one.
//
// As any session it belongs to one thread, and outlives the scheduler's last run().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/replay/faults/fault_clock.h"

namespace cachegauge {

class FaultySession final : public Session, private Wakeup {
 public:
  struct Options {
    const FaultClock* clock = nullptr;
    bool of_origin = false;
    bool in_process = false;  // the inner session completes within submit(), without stamps
    int64_t timeout_ns = 0;
  };

  // `context` is that of the outer session; `open` makes the inner one with the context it is
  // given.
  template <class Open>
  FaultySession(const SessionContext& context, const Options& options, Open open)
      : FaultySession(context, options) {
    SessionContext inner = context;
    inner.ready = &inner_ready_;
    inner_ = open(inner);
  }
  FaultySession(const FaultySession&) = delete;

  // The measured interval begins.
  void arm();

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;

 private:
  struct Call {
    uint64_t tag = 0;
    int64_t submitted_ns = 0;
    int64_t due_ns = 0;  // not handed on before
    Command command;     // with views of the two below
    std::string key, value;
  };
  struct InnerReady final : Wakeup {
    explicit InnerReady(FaultySession& session) : owner(session) {}
    void wake() override { owner.inner_is_ready(); }
    FaultySession& owner;
  };

  FaultySession(const SessionContext& context, const Options& options);

  bool strikes_here(size_t fault) const;
  bool active(size_t fault, int64_t now_ns) const;
  // When the stall under way is over; 0: there is none.
  int64_t stalled_until_ns(int64_t now_ns) const;
  int64_t delay_ns(int64_t now_ns) const;
  bool refused(int64_t now_ns) const;

  void wake() override;  // a moment of the timetable, or one that a call waits for
  void wake_at(int64_t time_ns);
  void strike(int64_t now_ns);
  void break_connection(int64_t now_ns);
  void connect(int64_t now_ns);
  void hand_on(int64_t now_ns);
  void give_up_late(int64_t now_ns);
  void fail_all(Outcome outcome, int64_t now_ns);
  void set_timer();
  void inner_is_ready();
  void tell_ready();
  Completion stamped(const Call& call, Outcome outcome, int64_t now_ns) const;
  size_t poll_in_process(std::span<Completion> out);
  size_t poll_inner(std::span<Completion> out);

  Scheduler& scheduler_;
  const uint32_t client_;
  Wakeup* const ready_;
  const Options options_;
  InnerReady inner_ready_{*this};
  std::unique_ptr<Session> inner_;

  // By sequence, which is the inner tag: in order of submission.
  std::map<uint64_t, Call> calls_;
  uint64_t next_sequence_ = 1;
  std::deque<uint64_t> held_;        // not yet handed on
  std::deque<uint64_t> executable_;  // of an in-process cache: handed on, not yet carried out
  std::deque<Completion> failed_;    // without values
  std::vector<bool> struck_;         // of the faults that break connections: it has done so
  bool inner_waits_ = false;         // it has answers that a stall holds back
  bool connected_ = true;
  int64_t attempt_ns_ = 0;  // of the next connection, if there is none
  int64_t backoff_ns_;
  int64_t last_stall_end_ns_ = 0;
  int64_t timer_at_ns_ = 0;  // the earliest that a call asked for; 0: none
  bool ready_told_ = false;
};

}  // namespace cachegauge
