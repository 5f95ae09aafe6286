#include "harness/replay/guarded_get.h"

#include <string>

namespace cachegauge {
namespace {

constexpr uint64_t kGuardDraws = uint64_t{6} << 32;  // a purpose of random streams

}  // namespace

Guarding::Guarding(const SessionContext& context,
                   std::span<const std::unique_ptr<Adapter>> lock_servers, Recorder& recorder,
                   std::span<const Spec> guard, uint64_t seed)
    : recorder_(recorder),
      locks_(context, lock_servers),
      process_{.scheduler = context.scheduler,
               .log = *this,
               .random = random_stream(seed, kGuardDraws + context.client),
               .guard = make_guard(guard),
               .number = context.client,
               .lock_pools = locks_.pools()} {}

void Guarding::note(GuardEvent event, uint32_t, int64_t, int64_t) {
  switch (event) {
    case GuardEvent::kLocked:
      ++counts().locks_taken;
      [[fallthrough]];
    case GuardEvent::kLockBusy:
      ++counts().lock_attempts;
      return;
    case GuardEvent::kPolled:
      ++counts().polls;
      return;
    default:
      return;
  }
}

Task<bool> Guarding::get(Client& client) {
  GuardedGet get(*this, client, GuardedGet::Place::kInFront);
  co_await get.look();
  const GuardVerdict verdict = get.verdict();
  if (get.failed()) {
    client.count_failed_get();
    const Completion failed;
    if (client.needs_fallback(failed)) client.took_fallback(co_await client.load());
  } else if (verdict == GuardVerdict::kRefresh) {
    const Served served = co_await process_.guard.recover(get);
    client.waited();
    get.count(served);
  } else {
    get.count(get.serve_found());
    if (verdict == GuardVerdict::kRefreshBehind) {
      refresh_behind(process_.scheduler, *this, client,
                     {.taken = true, .found = get.found(), .verdict = verdict});
    }
  }
  co_return true;
}

ClientTask Guarding::refresh_behind(Scheduler&, Guarding& guarding, const Client& front,
                                    FirstLook look) {
  Client client = Client::behind(front);
  GuardedGet get(guarding, client, GuardedGet::Place::kBehind, look);
  co_await guarding.process_.guard.recover(get);
}

void Guarding::envelop(Client& client) {
  const PreparedRequest& request = client.request();
  const int64_t now_ns = process_.scheduler.now_ns();
  const Storing storing =
      process_.guard.storing(request.key_hash, request.ttl_ns, now_ns, now_ns, process_.random);
  client.envelop(storing, process_.guard.leases() ? kAnyLease : 0);
}

GuardedGet::GuardedGet(Guarding& guarding, Client& client, Place place, const FirstLook& look)
    : GuardedRequest(guarding.process(),
                     {.key = client.request().record->id(),
                      .name = client.request().key,
                      .hash = client.request().key_hash,
                      .ttl_ns = client.request().ttl_ns,
                      .cache = client.cache(),
                      .origin = client.origin()},
                     look),
      guarding_(guarding),
      client_(client),
      behind_(place == Place::kBehind) {}

void GuardedGet::prepare(GuardStep step, SessionPool::Order& order) {
  order.timed = client_.is_timed();
  order.command.value_size_bytes = client_.request().value_size_bytes;
  switch (step) {
    case GuardStep::kLook:
      return client_.begin_look();
    case GuardStep::kLoad:
      if (behind_) ++guarding_.counts().background_loads;
      if (found().has_value && serve_found() == Served::kFresh) ++guarding_.counts().early_loads;
      if (!client_.has_origin()) return;
      order.command.key.remove_prefix(client_.shared().key_prefix_bytes);
      return client_.begin_load();
    case GuardStep::kFill:
      order.version = client_.begin_fill();
      order.envelope = &filled();
      return;
    case GuardStep::kLock:
      lock_command_ = order.command.kind;
      return;
  }
}

void GuardedGet::took(GuardStep step, const Completion& completion) {
  switch (step) {
    case GuardStep::kLook:
      seen_.reset();
      failed_ = !client_.took_look(completion);
      if (brings_value(completion)) take_value(completion);
      return;
    case GuardStep::kLoad:
      client_.took_load(completion);
      return;
    case GuardStep::kFill:
      return client_.took_fill(completion);
    case GuardStep::kLock:
      return client_.took_lock(completion, lock_command_);
  }
}

void GuardedGet::take_value(const Completion& completion) {
  const std::string_view value = completion.value;
  if (!read_envelope(value, client_.request().key_hash)) {
    seen_ = {{ValueVerdict::kCorrupt, 0}, 0};
  } else {
    seen_ = {client_.check(value.substr(kEnvelopeBytes)), value.size() - kEnvelopeBytes};
  }
}

// A value that was not served for its own load is of no concern, unless it is not what was written.
void GuardedGet::count(Served served) {
  const bool is_hit = served == Served::kFresh || served == Served::kStale;
  const bool served_seen = is_hit || served == Served::kWaited;
  if (seen_ && (served_seen || seen_->check.verdict == ValueVerdict::kCorrupt)) {
    client_.count_check(seen_->check);
  }
  client_.count_get(is_hit ? std::optional(seen_->bytes) : std::nullopt);
  GuardCounts& counts = guarding_.counts();
  if (served == Served::kStale) ++counts.stale_served;
  if (served == Served::kWaited) ++counts.waited;
  if (served == Served::kFailed) {
    ++counts.unanswered;
    client_.count_unanswered();
  }
}

const GuardedKey& GuardedGet::names() {
  if (names_.key.empty()) names_ = make_guarded_key(std::string(client_.request().key));
  return names_;
}

}  // namespace cachegauge
