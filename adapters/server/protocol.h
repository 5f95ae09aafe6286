// What a server's language is to a ServerSession: commands to bytes, bytes to replies. One instance
// a connection.
#pragma once

#include <string>
#include <string_view>

#include "adapters/server/completion_buffer.h"
#include "adapters/server/output_buffer.h"
#include "harness/core/session.h"

namespace cachegauge {

enum class ParseState {
  kNeedMore,  // no whole reply is left of what was fed
  kReply,
  kBroken,  // this is not the protocol: the connection is of no more use
};

struct Reply {
  Outcome outcome = Outcome::kError;
  // What the server said: of a kError, a kRejected, or of broken bytes. Valid until the next call.
  std::string_view text;
  uint64_t lease = 0;  // the token of one that was granted
};

class Protocol {
 public:
  virtual ~Protocol() = default;

  // Appends the command. False if the backend cannot take it, with nothing appended.
  virtual bool encode(const Command& command, OutputBuffer& out) = 0;
  // What it can take, for the warning: "keys of 1 to 250 bytes".
  virtual std::string limits() const = 0;

  // Appends what every new connection starts with (AUTH, SELECT) and returns how many replies that
  // will bring; each must be kStored for a kSet.
  virtual int encode_greeting(OutputBuffer&) { return 0; }

  // `bytes` stay valid until next() says kNeedMore.
  virtual void feed(std::string_view bytes) = 0;
  // The next reply, to a command of this kind. The value of a hit is staged.
  virtual ParseState next(CommandKind kind, CompletionBuffer& values, Reply& reply) = 0;

  // Forgets what was fed: the next bytes are of a new connection.
  virtual void reset() = 0;
};

}  // namespace cachegauge
