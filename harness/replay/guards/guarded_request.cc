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
    : GuardedRequest(process,
                     {.key = key,
                      .name = process.keys[key].key,
                      .hash = process.keys[key].hash,
                      .ttl_ns = process.ttl_ns,
                      .cache = *process.cache,
                      .origin = process.origin},
                     look) {}

GuardedRequest::GuardedRequest(GuardProcess& process, const Target& target, const FirstLook& look)
    : process_(process), target_(target), found_(look.found), verdict_(look.verdict) {
  if (look.taken) note_first_look();
}

void GuardedRequest::prepare(GuardStep step, SessionPool::Order& order) {
  if (step != GuardStep::kFill) return;
  value_.fill('v');
  write_envelope(value_.data(), storing_.envelope);
  order.command.value = {value_.data(), kValueBytes};
}

Outcome GuardedRequest::noted(GuardStep step, const Completion& completion) {
  took(step, completion);
  if (is_failure(completion.outcome)) note(GuardEvent::kCacheFailed);
  return completion.outcome;
}

void GuardedRequest::note_first_look() {
  if (std::exchange(has_looked_, true)) return;
  if (found_.has_value) first_read_ns_ = found_.envelope.read_ns;
}

void GuardedRequest::command(CommandKind kind, std::string_view value, int64_t ttl_ns) {
  order_.command = {.kind = kind,
                    .key = target_.name,
                    .key_hash = target_.hash,
                    .value = value,
                    .ttl_ns = ttl_ns,
                    .now_ns = now_ns(),
                    .value_size_bytes = kValueBytes};
  order_.version = 0;
}

SessionPool::Call GuardedRequest::send(GuardStep step) {
  prepare(step, order_);
  return {target_.cache, order_};
}

SessionPool::Call GuardedRequest::lock_command(CommandKind kind, std::string_view token,
                                               int64_t ttl_ns) {
  command(kind, token, ttl_ns);
  order_.command.key = names().lock_key;
  order_.command.key_hash = names().lock_hash;
  return send(GuardStep::kLock);
}

bool GuardedRequest::brings_value(const Completion& look) const {
  if (look.outcome == Outcome::kHit) return true;
  const bool is_lease = look.outcome == Outcome::kLeaseGranted ||
                        (look.outcome == Outcome::kMiss && process_.guard.leases());
  return is_lease && !look.value.empty();
}

void GuardedRequest::take_look(const Completion& completion) {
  found_ = {};
  found_.granted = noted(GuardStep::kLook, completion) == Outcome::kLeaseGranted;
  if (found_.granted) found_.lease = completion.lease;
  if (brings_value(completion)) {
    const auto envelope = read_envelope(completion.value, target_.hash);
    found_.has_value = envelope.has_value();
    found_.envelope = envelope.value_or(Envelope());
  }
  verdict_ = GuardVerdict::kRefresh;
  if (found_.has_value) verdict_ = process_.guard.judge(found_, now_ns(), process_.random);
  note_first_look();
}

void GuardedRequest::prepare_look() {
  command(process_.guard.look(), {}, process_.guard.lock_ttl_ns());
  if (!process_.guard.leases()) return;
  order_.command.lease = process_.random.next() >> 1 | 1;  // neither 0 nor kAnyLease
  order_.command.stale_ns = process_.guard.stale_ns(target_.ttl_ns);
}

Task<bool> GuardedRequest::look() {
  prepare_look();
  take_look(co_await send(GuardStep::kLook));
  co_return found_.has_value;
}

FirstLook GuardedRequest::look_now() {
  prepare_look();
  take_look(send(GuardStep::kLook).now());
  return {.taken = true, .found = found_, .verdict = verdict_};
}

Served GuardedRequest::serve_found() const {
  return process_.guard.is_stale(found_, now_ns()) ? Served::kStale : Served::kFresh;
}

void GuardedRequest::note(GuardEvent event, int64_t detail) {
  // The dead hold nothing, and think nothing.
  if (event == GuardEvent::kUnlocked && !std::exchange(holds_, false)) return;
  if (event == GuardEvent::kLocked) holds_ = true;
  process_.log.note(event, target_.key, now_ns(), detail);
}

// What asked for it is gone, and what it held stays as it is until its time is over.
Served GuardedRequest::die() {
  note(GuardEvent::kUnlocked);
  is_dead_ = true;
  return Served::kFailed;
}

Task<Served> GuardedRequest::load_and_fill() {
  const HolderFault* fault = nullptr;
  if (process_.faults && process_.faults->strikes(target_.key)) {
    fault = &process_.faults->fault();
    note(GuardEvent::kFaulted);
  }
  const auto comes_to = [fault](FaultAction action) { return fault && fault->action == action; };
  if (comes_to(FaultAction::kDieBefore)) co_return die();
  const int64_t asked_ns = now_ns();
  const bool loaded = co_await load(fault, asked_ns);
  if (!loaded) co_return Served::kFailed;
  if (comes_to(FaultAction::kDieAfter)) co_return die();
  if (comes_to(FaultAction::kPause)) co_await sleep(fault->for_ns);
  const bool stored = co_await store(asked_ns);
  note(stored ? GuardEvent::kFilled : GuardEvent::kFillFailed, asked_ns);
  co_return Served::kLoaded;
}

Task<bool> GuardedRequest::load(const HolderFault* fault, int64_t asked_ns) {
  note(GuardEvent::kLoadBegan);
  bool failed = fault && fault->action == FaultAction::kOriginError;
  if (fault && fault->action == FaultAction::kOriginHang) {
    co_await sleep(fault->for_ns);
    failed = true;
  } else {
    command(CommandKind::kGet);
    prepare(GuardStep::kLoad, order_);
    if (target_.origin) {
      const Completion& completion = co_await SessionPool::Call(*target_.origin, order_);
      took(GuardStep::kLoad, completion);
      failed |= is_failure(completion.outcome);
    }
  }
  note(failed ? GuardEvent::kLoadFailed : GuardEvent::kLoaded, asked_ns);
  co_return !failed;
}

Task<bool> GuardedRequest::store(int64_t asked_ns) {
  storing_ =
      process_.guard.storing(target_.hash, target_.ttl_ns, asked_ns, now_ns(), process_.random);
  command(CommandKind::kSet, {}, storing_.kept_ns);
  order_.command.lease = found_.lease;
  const Outcome stored = noted(GuardStep::kFill, co_await send(GuardStep::kFill));
  if (stored == Outcome::kStored && process_.faults) process_.faults->filled(target_.key);
  co_return stored == Outcome::kStored;
}

Task<bool> GuardedRequest::try_lock(std::string_view token, int64_t ttl_ns) {
  const Outcome outcome =
      noted(GuardStep::kLock, co_await lock_command(CommandKind::kAdd, token, ttl_ns));
  const bool locked = outcome == Outcome::kStored;
  note(locked ? GuardEvent::kLocked : GuardEvent::kLockBusy);
  co_return locked;
}

Task<bool> GuardedRequest::drop_lock() {
  if (is_dead_) co_return false;
  note(GuardEvent::kUnlocked);
  const Outcome outcome = noted(GuardStep::kLock, co_await lock_command(CommandKind::kDelete, {}));
  co_return outcome == Outcome::kDeleted;
}

Task<bool> GuardedRequest::release_lock(std::string_view token) {
  if (is_dead_) co_return false;
  note(GuardEvent::kUnlocked);
  const Outcome outcome =
      noted(GuardStep::kLock, co_await lock_command(CommandKind::kCompareAndDelete, token));
  co_return outcome == Outcome::kDeleted;
}

// Each on an order of its own: several are asked at a time.
Task<Outcome> GuardedRequest::ask_lock_server(uint32_t server, CommandKind kind,
                                              std::string_view token, int64_t ttl_ns) {
  SessionPool::Order order;
  order.command = {.kind = kind,
                   .key = names().lock_key,
                   .key_hash = names().lock_hash,
                   .value = token,
                   .ttl_ns = ttl_ns,
                   .now_ns = now_ns()};
  const Outcome outcome = (co_await SessionPool::Call(*process_.lock_pools[server], order)).outcome;
  if (is_failure(outcome)) note(GuardEvent::kCacheFailed);
  co_return outcome;
}

Task<bool> GuardedRequest::lock_at(uint32_t server, std::string_view token, int64_t ttl_ns) {
  const Outcome outcome = co_await ask_lock_server(server, CommandKind::kAdd, token, ttl_ns);
  co_return outcome == Outcome::kStored;
}

Task<bool> GuardedRequest::unlock_at(uint32_t server, std::string_view token) {
  if (is_dead_) co_return false;
  const Outcome outcome =
      co_await ask_lock_server(server, CommandKind::kCompareAndDelete, token, 0);
  co_return outcome == Outcome::kDeleted;
}

Task<bool> GuardedRequest::give_up_lease() {
  if (is_dead_) co_return false;
  command(CommandKind::kDelete);
  order_.command.lease = found_.lease;
  const Outcome outcome = noted(GuardStep::kLock, co_await send(GuardStep::kLock));
  co_return outcome == Outcome::kDeleted;
}

Task<bool> GuardedRequest::erase() {
  command(CommandKind::kDelete);
  const Outcome erased = noted(GuardStep::kLock, co_await send(GuardStep::kLock));
  co_await lock_command(CommandKind::kDelete, {});
  co_return erased == Outcome::kDeleted;
}

}  // namespace cachegauge
