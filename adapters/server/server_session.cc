#include "adapters/server/server_session.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/server/session_support.h"
#include "harness/core/clock.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr int kReadsAtOnce = 16;  // then the other connections have their turn
// What may wait to be sent to a server that has let commands time out.
constexpr size_t kMostBacklogBytes = 16 * 1024 * 1024;

}  // namespace

ServerSession::ServerSession(const SessionContext& context, const ServerTarget& target,
                             std::unique_ptr<Protocol> protocol)
    : loop_(require_loop(context, "a server")),
      client_(context.client),
      ready_(context.ready),
      timeout_ns_(target.timeout_ns),
      log_(target.log),
      protocol_(std::move(protocol)),
      backoff_ns_(kLeastBackoffNs) {
  socket_ = connect_to(target.address, timeout_ns_, address_);
  greet();
  connected();
}

ServerSession::~ServerSession() {
  if (socket_) loop_.unwatch(socket_.get());
}

void ServerSession::submit(std::span<const Command> commands) {
  for (const Command& command : commands) {
    const uint64_t position = output_.queued_bytes();
    if (protocol_->encode(command, output_)) {
      outstanding_.push({.tag = command.tag, .position = position, .kind = command.kind});
    } else {
      reject(command);
    }
  }
  ask_for_flush();
}

// Without stamps: it never started.
void ServerSession::reject(const Command& command) {
  completions_.add({.tag = command.tag, .outcome = Outcome::kRejected, .value = {}});
  tell_ready();
  if (std::exchange(rejection_noted_, true)) return;
  log_->note("rejected", fmt::format("commands whose key or value the server cannot take count as "
                                     "rejected: it takes {}",
                                     protocol_->limits()));
}

size_t ServerSession::poll(std::span<Completion> out) {
  ready_told_ = false;
  const size_t count = completions_.poll(out);
  if (completions_.more()) tell_ready();
  return count;
}

void ServerSession::ask_for_flush() {
  if (flush_asked_) return;
  flush_asked_ = true;
  loop_.flush_later(&flusher_);
}

void ServerSession::tell_ready() {
  if (ready_told_) return;
  ready_told_ = true;
  loop_.post(ready_);
}

void ServerSession::flush() {
  flush_asked_ = false;
  const int64_t now = monotonic_ns();
  outstanding_.flushed(now, timeout_ns_);
  if (write_blocked_) {
    if (outstanding_.given_up() > 0 && output_.unsent().size() > kMostBacklogBytes) {
      lose("the server reads nothing any more");
    }
  } else if (state_ == State::kConnected) {
    write_out();
  }
  set_timer();
}

void ServerSession::write_out() {
  while (!output_.unsent().empty()) {
    const std::string_view bytes = output_.unsent();
    const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      output_.consume(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      break;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return read_in();  // what the server said before it closed
    } else if (errno != EINTR) {
      return lose(std::strerror(errno));
    }
  }
  const bool blocked = !output_.unsent().empty();
  if (blocked == write_blocked_) return;
  write_blocked_ = blocked;
  loop_.watch(socket_.get(), blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, this);
}

void ServerSession::on_io(uint32_t events) {
  if (state_ == State::kConnecting) {
    const int error = connect_error(socket_.get());
    return error == 0 ? connected() : lose(std::strerror(error));
  }
  if (events & EPOLLOUT) {
    outstanding_.restart_from(output_.sent_bytes(), monotonic_ns());
    write_out();
  }
  if (state_ == State::kConnected && (events & ~uint32_t{EPOLLOUT})) read_in();
}

void ServerSession::read_in() {
  char bytes[kReadBytes];
  for (int i = 0; i < kReadsAtOnce; ++i) {
    const ssize_t size = recv(socket_.get(), bytes, sizeof(bytes), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size < 0) return lose(std::strerror(errno));
    if (size == 0) return lose("the server closed it");
    if (!take_replies({bytes, static_cast<size_t>(size)}, monotonic_ns())) return;
    if (static_cast<size_t>(size) < sizeof(bytes)) return;
  }
}

// False if the connection was lost over it.
bool ServerSession::take_replies(std::string_view bytes, int64_t now_ns) {
  protocol_->feed(bytes);
  Reply reply;
  while (true) {
    const CommandKind kind = outstanding_.empty() ? CommandKind::kGet : outstanding_.front().kind;
    switch (protocol_->next(kind, completions_, reply)) {
      case ParseState::kNeedMore:
        return true;
      case ParseState::kBroken:
        lose(fmt::format("the server does not speak the protocol: {}", reply.text));
        return false;
      case ParseState::kReply:
        if (!take_reply(reply, now_ns)) return false;
    }
  }
}

bool ServerSession::take_reply(const Reply& reply, int64_t now_ns) {
  if (outstanding_.empty()) {
    lose(reply.text.empty() ? "the server replied to nothing"
                            : fmt::format("the server said: {}", reply.text));
    return false;
  }
  const Outstanding command = outstanding_.front();
  if (command.greeting && reply.outcome != Outcome::kStored) {
    lose(fmt::format("the server refused it: {}", reply.text));
    return false;
  }
  const bool late = outstanding_.pop_front_given_up();
  if (late || command.greeting) {
    completions_.drop_staged();
    return true;
  }
  if (!reply.text.empty()) note_refusal(reply.outcome, reply.text);
  complete(command, reply.outcome, now_ns, reply.lease);
  backoff_ns_ = kLeastBackoffNs;
  return true;
}

void ServerSession::complete(const Outstanding& command, Outcome outcome, int64_t now_ns,
                             uint64_t lease) {
  completions_.add({.tag = command.tag,
                    .outcome = outcome,
                    .value = {},
                    .started_ns = command.started_ns ? command.started_ns : now_ns,
                    .completed_ns = now_ns,
                    .lease = lease});
  tell_ready();
}

// By the first word, which is the kind of error in both protocols; the rest may differ each time.
void ServerSession::note_refusal(Outcome outcome, std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const uint64_t hash = hash_text_key(word);
  if (std::find(refusals_noted_.begin(), refusals_noted_.end(), hash) != refusals_noted_.end()) {
    return;
  }
  refusals_noted_.push_back(hash);
  log_->note(word, fmt::format("the server answered \"{}\": such commands count as {}", text,
                               outcome == Outcome::kRejected ? "rejected" : "errors"));
}

void ServerSession::set_timer() {
  int64_t next = state_ == State::kConnected ? INT64_MAX : attempt_ns_;
  if (outstanding_.has_deadline()) next = std::min(next, outstanding_.next_deadline_ns());
  if (next == INT64_MAX || (timer_at_ns_ != 0 && timer_at_ns_ <= next)) return;
  timer_at_ns_ = next;
  loop_.wake_at(next, client_, &timer_);
}

void ServerSession::on_timer() {
  const int64_t now = monotonic_ns();
  if (now < timer_at_ns_) return;  // of an earlier setting, with a later one to come
  timer_at_ns_ = 0;
  outstanding_.expire(now, [&](const Outstanding& command) {
    if (!command.greeting) complete(command, Outcome::kTimeout, now);
  });
  if (state_ == State::kConnecting && now >= attempt_ns_) lose(std::strerror(ETIMEDOUT));
  if (state_ == State::kWaiting && now >= attempt_ns_) try_again();
  set_timer();
}

// What a new connection starts with goes ahead of the commands that wait for it.
void ServerSession::greet() {
  protocol_->reset();
  const int replies = protocol_->encode_greeting(output_);
  for (int i = 0; i < replies; ++i) {
    outstanding_.push({.kind = CommandKind::kSet, .greeting = true});
  }
}

void ServerSession::try_again() {
  Connecting attempt = start_connecting(address_);
  if (attempt.state == ConnectState::kFailed) return lose(std::strerror(attempt.error));
  socket_ = std::move(attempt.fd);
  if (attempt.state == ConnectState::kConnected) return connected();
  state_ = State::kConnecting;
  attempt_ns_ = monotonic_ns() + timeout_ns_;
  loop_.watch(socket_.get(), EPOLLOUT, this);
}

void ServerSession::connected() {
  state_ = State::kConnected;
  loop_.watch(socket_.get(), EPOLLIN, this);
  if (std::exchange(down_, false)) log_->connection_restored(monotonic_ns());
  if (!output_.unsent().empty()) ask_for_flush();
}

void ServerSession::lose(std::string_view reason) {
  const int64_t now = monotonic_ns();
  if (!std::exchange(down_, true)) log_->connection_lost(now, reason);
  completions_.drop_staged();
  if (socket_) loop_.unwatch(socket_.get());
  socket_.reset();
  outstanding_.for_each_live([&](const Outstanding& command) {
    if (!command.greeting) complete(command, Outcome::kError, now);
  });
  outstanding_.clear();
  output_.clear();
  write_blocked_ = false;
  state_ = State::kWaiting;
  attempt_ns_ = now + backoff_ns_;
  backoff_ns_ = std::min(2 * backoff_ns_, kMostBackoffNs);
  greet();
  set_timer();
}

}  // namespace cachegauge
