#include "harness/replay/patterns/access_pattern.h"

#include <optional>

namespace cachegauge {

bool AccessPattern::took_look(Client& client, const Completion& completion) {
  if (!client.took_look(completion)) {
    client.count_failed_get();
    return true;
  }
  const KeyRecord& key = *client.request().record;
  if (completion.outcome != Outcome::kHit) {
    client.count_get(std::nullopt);
    book().gone_from_cache(key);
    return false;
  }
  const ValueCheck check = client.check(completion.value);
  client.count_check(check);
  client.count_get(completion.value.size());
  book().found_in_cache(key, check.verdict == ValueVerdict::kGood ? check.version : 0,
                        client.floor());
  return true;
}

Task<bool> AccessPattern::read(Client& client) {
  const Completion& found = co_await client.get();
  const bool is_answered = took_look(client, found);
  if (!is_answered) {
    co_await recover(client);
  } else if (client.needs_fallback(found)) {
    co_await fall_back(client);
  }
  co_return true;
}

Task<bool> AccessPattern::fall_back(Client& client) {
  const KeyRecord& key = *client.request().record;
  const bool loaded = client.took_fallback(co_await client.load(book().version_at_origin(key)));
  if (loaded) book().answered(key, client.loaded_version(), client.floor());
  co_return loaded;
}

Task<bool> AccessPattern::load_and_fill(Client& client) {
  const KeyRecord& key = *client.request().record;
  const bool loaded = client.took_load(co_await client.load(book().version_at_origin(key)));
  if (!loaded) co_return false;
  book().answered(key, client.loaded_version(), client.floor());
  co_await fill(client);
  co_return true;
}

Task<bool> AccessPattern::fill(Client& client) {
  if (!client.fills_on_miss()) co_return true;
  const uint32_t version = client.loaded_version();
  const Completion& filled = co_await client.fill();
  const bool is_stored = filled.outcome == Outcome::kStored;
  client.took_fill(filled);
  if (is_stored) book().stored_in_cache(*client.request().record, version);
  co_return true;
}

uint32_t AccessPattern::begin_change(Client& client) {
  book().meet(*client.request().record);
  return client.begin_change();
}

Task<bool> AccessPattern::change_copy(Client& client, uint32_t version, bool sets) {
  const KeyRecord& key = *client.request().record;
  Completion changed;
  if (sets) {
    changed = co_await client.copy(version);
  } else {
    changed = co_await client.drop_copy(version);
  }
  if (!client.took_copy(changed)) co_return client.goes_on_without_cache();
  if (!sets) {
    book().gone_from_cache(key);
  } else if (changed.outcome == Outcome::kStored) {
    book().stored_in_cache(key, version);
  }
  co_return true;
}

void AccessPattern::acknowledge(Client& client, uint32_t version) {
  client.end_change(WriteEffect::kWritten);
  book().acknowledged(*client.request().record, version);
}

void AccessPattern::refuse(Client& client) {
  client.end_change(WriteEffect::kUnknown);
  ++figures(client).failed_writes;
}

Task<bool> OriginFirst::write(Client& client) {
  const KeyRecord& key = *client.request().record;
  const uint32_t version = begin_change(client);
  const bool stored = client.took_change_at_origin(co_await client.store(version));
  if (!stored) {
    refuse(client);
    co_return false;
  }
  book().stored_at_origin(key, version);
  const bool deletes = client.request().op == Op::kDelete;
  const bool leaves = copy_ == CopyAfterWrite::kLeave && !deletes;
  const bool sets = copy_ == CopyAfterWrite::kSet && !deletes;
  const bool done = leaves || co_await change_copy(client, version, sets);
  if (done) {
    acknowledge(client, version);
  } else {
    refuse(client);
  }
  co_return done;
}

ClientTask serve_application(Scheduler&, Client& client, AccessPattern& pattern) {
  for (bool more = co_await client.next(); more; more = co_await client.next()) {
    if (client.request().op == Op::kGet) {
      co_await pattern.read(client);
    } else {
      co_await pattern.write(client);
    }
    client.finish();
  }
}

}  // namespace cachegauge
