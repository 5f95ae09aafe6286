// One connection to a server on the epoll loop of its thread, for any Protocol.
//
// Commands queue in submit() and go out in one write at the end of the loop's pass. A command that
// gets no reply within the timeout completes as kTimeout at once, and its late reply is dropped.
// When the connection breaks, all that wait complete as kError; it is then tried again after 10 ms,
// 20 ms, … 1 s. Commands submitted meanwhile wait for that attempt, and fail with it: a dead server
// costs a bounded rate of errors. Outages and refusals go to the IncidentLog.
//
// Actual start is the clock before the write that took the command's first byte, completion the
// clock after the read that brought its reply.
//
// `ready` is posted for every completion, rejections within submit() included. The session outlives
// the loop's last run(), which may still hold its timer.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/server/address.h"
#include "adapters/server/completion_buffer.h"
#include "adapters/server/incident_log.h"
#include "adapters/server/member_wakeup.h"
#include "adapters/server/output_buffer.h"
#include "adapters/server/outstanding.h"
#include "adapters/server/protocol.h"
#include "adapters/server/unique_fd.h"
#include "harness/core/adapter.h"

namespace cachegauge {

struct ServerTarget {
  Address address;
  int64_t timeout_ns = 0;
  std::shared_ptr<IncidentLog> log;
};

class ServerSession final : public Session, private IoHandler {
 public:
  // Connects, and waits for that as long as the timeout. Throws Error::failed if it cannot, and
  // Error::usage under virtual time.
  ServerSession(const SessionContext& context, const ServerTarget& target,
                std::unique_ptr<Protocol> protocol);
  ~ServerSession();

  void submit(std::span<const Command> commands) override;
  size_t poll(std::span<Completion> out) override;

 private:
  enum class State { kConnected, kConnecting, kWaiting };

  void on_io(uint32_t events) override;
  void flush();
  void on_timer();

  void reject(const Command& command);
  void ask_for_flush();
  void set_timer();
  void write_out();
  void read_in();
  bool take_replies(std::string_view bytes, int64_t now_ns);
  bool take_reply(const Reply& reply, int64_t now_ns);
  void complete(const Outstanding& command, Outcome outcome, int64_t now_ns, uint64_t lease = 0);
  void tell_ready();
  void note_refusal(Outcome outcome, std::string_view text);

  void greet();
  void try_again();
  void connected();
  void lose(std::string_view reason);

  EventLoop& loop_;
  const uint32_t client_;
  Wakeup* const ready_;
  const int64_t timeout_ns_;
  const std::shared_ptr<IncidentLog> log_;
  const std::unique_ptr<Protocol> protocol_;
  SocketAddress address_;
  MemberWakeup<ServerSession, &ServerSession::flush> flusher_{*this};
  MemberWakeup<ServerSession, &ServerSession::on_timer> timer_{*this};

  State state_ = State::kWaiting;
  UniqueFd socket_;
  OutputBuffer output_;
  OutstandingQueue outstanding_;
  CompletionBuffer completions_;
  bool flush_asked_ = false;
  bool ready_told_ = false;
  bool write_blocked_ =
      false;           // the kernel took less than there is; EPOLLOUT will say when to go on
  bool down_ = false;  // told so to the log
  int64_t backoff_ns_;
  int64_t attempt_ns_ = 0;   // kWaiting: when to try; kConnecting: when to give it up
  int64_t timer_at_ns_ = 0;  // the earliest timer that is set; 0: none
  bool rejection_noted_ = false;
  std::vector<uint64_t> refusals_noted_;  // hashes of their first words
};

}  // namespace cachegauge
