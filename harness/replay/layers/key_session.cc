#include "harness/replay/layers/key_session.h"

#include "harness/core/clock.h"
#include "harness/core/hash.h"

namespace cachegauge {

Command KeySession::named(const Command& command) {
  const int64_t begin_ns = monotonic_ns();
  naming_.make(command.key, name_);
  recorder_.time(Timing::kKeyName, monotonic_ns() - begin_ns);
  if (LayerCounts* counts = recorder_.layer_counts()) {
    ++counts->keys_named;
    counts->plain_key_bytes += command.key.size();
    counts->named_key_bytes += name_.size();
  }
  Command sent = command;
  sent.key = name_;
  // Keys with one name are one key to the cache. A namespace leaves them apart as they are.
  if (naming_.is_hashed()) sent.key_hash = hash_text_key(name_);
  return sent;
}

void KeySession::submit(std::span<const Command> commands) {
  for (const Command& command : commands) {
    const Command sent = named(command);
    cache_->submit({&sent, 1});
  }
}

bool KeySession::execute(const Command& command, Completion& completion) {
  return cache_->execute(named(command), completion);
}

}  // namespace cachegauge
