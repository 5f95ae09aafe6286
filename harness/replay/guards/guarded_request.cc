#include "harness/replay/guards/guarded_request.h"

#include <utility>

#include "harness/core/hash.h"

namespace cachegauge {

GuardedKey make_guarded_key(std::string key) {
  GuardedKey names;
  names.lock_key = key + ":lock";
  names.key = std::move(key);
  names.hash = hash_text_key(names.key);
  names.lock_hash = hash_text_key(names.lock_key);
  return names;
}

GuardedRequest::GuardedRequest(GuardProcess& process, uint32_t key, const FirstLook& look)
    : process_(process), key_(key), found_(look.found), verdict_(look.verdict) {
  if (look.taken) note_first_look();
}

Outcome GuardedRequest::noted(const Completion& completion) {
  if (is_failure(completion.outcome)) note(GuardEvent::kCacheFailed);
  return completion.outcome;
}

void GuardedRequest::note_first_look() {
  if (std::exchange(has_looked_, true)) return;
  if (found_.has_value) first_read_ns_ = found_.envelope.read_ns;
}

SessionPool::Call GuardedRequest::command(CommandKind kind, std::string_view value,
                                          int64_t ttl_ns) {
  order_.command = {.kind = kind,
                    .key = names().key,
                    .key_hash = names().hash,
                    .value = value,
                    .ttl_ns = ttl_ns,
                    .now_ns = now_ns(),
                    .value_size_bytes = kValueBytes};
  return {process_.cache, order_};
}

SessionPool::Call GuardedRequest::lock_command(CommandKind kind, std::string_view token,
                                               int64_t ttl_ns) {
  command(kind, token, ttl_ns);
  order_.command.key = names().lock_key;
  order_.command.key_hash = names().lock_hash;
  return {process_.cache, order_};
}

void GuardedRequest::take_look(const Completion& completion) {
  found_ = {};
  found_.granted = noted(completion) == Outcome::kLeaseGranted;
  if (completion.outcome == Outcome::kHit) {
    const auto envelope = read_envelope(completion.value, names().hash);
    found_.has_value = envelope.has_value();
    found_.envelope = envelope.value_or(Envelope());
  }
  verdict_ = GuardVerdict::kRefresh;
  if (found_.has_value) verdict_ = process_.guard.judge(found_, now_ns(), process_.random);
  note_first_look();
}

void GuardedRequest::prepare_look() {
  command(process_.guard.look(), {}, process_.guard.lease_ns());
}

Task<bool> GuardedRequest::look() {
  prepare_look();
  take_look(co_await SessionPool::Call(process_.cache, order_));
  co_return found_.has_value;
}

FirstLook GuardedRequest::look_now() {
  prepare_look();
  take_look(SessionPool::Call(process_.cache, order_).now());
  return {.taken = true, .found = found_, .verdict = verdict_};
}

Served GuardedRequest::serve_found() const {
  return process_.guard.is_stale(found_, now_ns()) ? Served::kStale : Served::kFresh;
}

Task<Served> GuardedRequest::load_and_fill() {
  const int64_t asked_ns = now_ns();
  note(GuardEvent::kLoadBegan);
  command(CommandKind::kGet);
  const Outcome loaded = (co_await SessionPool::Call(process_.origin, order_)).outcome;
  note(is_failure(loaded) ? GuardEvent::kLoadFailed : GuardEvent::kLoaded, asked_ns);
  if (is_failure(loaded)) co_return Served::kFailed;
  const bool stored = co_await store(asked_ns);
  note(stored ? GuardEvent::kFilled : GuardEvent::kFillFailed, asked_ns);
  co_return Served::kLoaded;
}

Task<bool> GuardedRequest::store(int64_t asked_ns) {
  const int64_t loaded_ns = now_ns();
  const Lifetime lifetime = process_.guard.lifetime(process_.ttl_ns, process_.random);
  value_.fill('v');
  write_envelope(value_.data(), {.key_hash = names().hash,
                                 .fresh_until_ns = loaded_ns + lifetime.fresh_ns,
                                 .read_ns = asked_ns,
                                 .recompute_ns = loaded_ns - asked_ns});
  const Outcome stored =
      noted(co_await command(CommandKind::kSet, {value_.data(), kValueBytes}, lifetime.kept_ns));
  co_return stored == Outcome::kStored;
}

Task<bool> GuardedRequest::try_lock(std::string_view token, int64_t ttl_ns) {
  const Outcome outcome = noted(co_await lock_command(CommandKind::kAdd, token, ttl_ns));
  const bool locked = outcome == Outcome::kStored;
  note(locked ? GuardEvent::kLocked : GuardEvent::kLockBusy);
  co_return locked;
}

Task<bool> GuardedRequest::drop_lock() {
  note(GuardEvent::kUnlocked);
  const Outcome outcome = noted(co_await lock_command(CommandKind::kDelete, {}));
  co_return outcome == Outcome::kDeleted;
}

Task<bool> GuardedRequest::release_lock(std::string_view token) {
  note(GuardEvent::kUnlocked);
  const Outcome outcome = noted(co_await lock_command(CommandKind::kCompareAndDelete, token));
  co_return outcome == Outcome::kDeleted;
}

Task<bool> GuardedRequest::erase() {
  const Outcome erased = noted(co_await command(CommandKind::kDelete));
  co_await lock_command(CommandKind::kDelete, {});
  co_return erased == Outcome::kDeleted;
}

}  // namespace cachegauge
