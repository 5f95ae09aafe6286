#include "harness/cli/micro_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "adapters/adapters.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/machine.h"
#include "harness/cli/manifest.h"
#include "harness/cli/micro_client.h"
#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint32_t kFillDepth = 64;             // commands outstanding while it is filled
constexpr uint64_t kFullBytes = 32 << 20;       // the budget of a full cache that has none
constexpr uint64_t kLeastRoomBytes = 64 << 20;  // of one that shall hold all keys
constexpr uint64_t kOverheadBytes = 128;        // an item, beside key and value; generously

void require_not_interrupted() {
  if (interrupted()) throw Error(ExitCode::kInterrupted, "interrupted");
}

// Anything but success ends the filling.
void require_stored(const Spec& adapter, Outcome outcome) {
  if (outcome == Outcome::kStored || outcome == Outcome::kNotStored) return;
  throw Error::failed(fmt::format(
      "{}: a key could not be stored while the cache was filled: {}", adapter.redacted(),
      outcome == Outcome::kRejected
          ? "it cannot take its key or value (give a smaller --value-size)"
      : outcome == Outcome::kTimeout ? "no reply came in time (--timeout)"
                                     : "the cache answered with an error"));
}

}  // namespace

AdapterSettings settings_with_room(const MicroCachePlan& plan, uint64_t footprint_bytes) {
  AdapterSettings settings = plan.settings;
  if (settings.memory_bytes) return settings;
  settings.memory_bytes =
      plan.content == MicroContent::kFull
          ? kFullBytes
          : std::max(kLeastRoomBytes, 2 * (footprint_bytes + 2 * plan.keys * kOverheadBytes));
  const Capabilities capabilities = make_adapter(plan.adapter, settings)->capabilities();
  const bool is_ours = capabilities.is_library || capabilities.private_server;
  if (!is_ours) settings.memory_bytes.reset();  // a running server has what it has
  return settings;
}

MicroCache::MicroCache(const MicroCachePlan& plan)
    : plan_(plan),
      all_keys_(make_workload(all_keys_spec(plan.workload, plan.keys))),
      values_(all_keys_->traits().compressibility) {
  summary_ = summarize_workload(*all_keys_, {});
  require_memory();
  adapter_ = make_adapter(plan.adapter, settings_with_room(plan, summary_.footprint_bytes));
  adapter_->start();
  if (adapter_->shares_keyspace()) {
    key_prefix_ = fmt::format("cg:{:08x}.micro:", std::random_device{}());
  }
  keys_ = std::make_unique<MicroKeys>(plan.workload, *all_keys_, plan.keys, key_prefix_);
  value_ = values_.make(0, 1, keys_->largest_value_bytes());
  for (uint32_t source = 0; source <= plan.settings.threads; ++source) {
    fresh_keys_.emplace_back(source);
  }
}

std::unique_ptr<MicroCache> MicroCache::make(const MicroCachePlan& plan) {
  std::unique_ptr<MicroCache> made(new MicroCache(plan));
  made->fill();
  return made;
}

MicroCache::~MicroCache() {
  try {
    if (!manifest_path_.empty()) clean_up();
  } catch (const Error& error) {
    fmt::print(stderr,
               "warning: {}: the keys of this benchmark could not be removed: {}; "
               "`cachegauge clean {}` does it\n",
               plan_.adapter.redacted(), error.what(), manifest_path_);
  }
  for (const std::string& warning : adapter_->take_warnings()) {
    fmt::print(stderr, "warning: {}: {}\n", plan_.adapter.redacted(), warning);
  }
}

// Before it is asked for: the kernel would rather end us than refuse.
void MicroCache::require_memory() const {
  const std::optional<uint64_t> available = available_memory_bytes();
  if (!available || plan_.content == MicroContent::kEmpty) return;
  const uint64_t mean_bytes = summary_.footprint_bytes / (2 * plan_.keys) + kOverheadBytes;
  const uint64_t items = plan_.content == MicroContent::kFull ? plan_.full_items : plan_.keys;
  if (items * mean_bytes < *available / 10 * 9) return;
  throw Error::failed(
      fmt::format("{}: {} items of these sizes take about {}, and {} are available: give {}, or a "
                  "smaller --value-size",
                  plan_.adapter.redacted(), format_count(items), format_size(items * mean_bytes),
                  format_size(*available),
                  plan_.content == MicroContent::kFull ? "fewer --items" : "fewer --keys"));
}

void MicroCache::begin_manifest() {
  const std::string id = key_prefix_.substr(3, key_prefix_.size() - 4);
  manifest_path_ = fmt::format("cachegauge-{}.manifest.json", id);
  write_manifest(manifest_path_, {.key_prefix = key_prefix_,
                                  .workload = all_keys_->spec(),
                                  .adapter = plan_.adapter,
                                  .rules = {},
                                  .fingerprint = summary_.fingerprint});
}

void MicroCache::fill() {
  if (plan_.content == MicroContent::kFull && adapter_->shares_keyspace()) {
    throw Error::failed(fmt::format("{} holds what is not ours, and filling it would push that out",
                                    plan_.adapter.redacted()));
  }
  if (!key_prefix_.empty()) begin_manifest();
  if (plan_.content == MicroContent::kEmpty) return;
  if (plan_.content == MicroContent::kFull) return fill_until_it_evicts();
  store_keys();
  if (!holds_nothing()) check_keys();
}

// As `null`, which is asked what the timed loop itself takes: it has no bound, so that it should
// hold all.
bool MicroCache::holds_nothing() const {
  return !adapter_->capabilities().bounded && adapter_->state().items == uint64_t{0};
}

void MicroCache::store_keys() {
  const std::vector<MicroDraw> draws = keys_->once_as_asked_for(CommandKind::kSet);
  DrawWalk walk(draws, 0, value_);
  MicroClient client(*adapter_, 0, kFillDepth);
  client.carry_out(
      draws.size(), [&](uint64_t, Command& command) { walk.next(command); },
      [&](uint64_t, const Completion& done) { require_stored(plan_.adapter, done.outcome); },
      &interrupted());
  require_not_interrupted();
}

// Every key is there, and is what was stored.
void MicroCache::check_keys() {
  const std::vector<MicroDraw> sets = keys_->once(CommandKind::kSet, false);
  const std::vector<MicroDraw> draws = keys_->once(CommandKind::kGet, false);
  DrawWalk walk(draws, 0, value_);
  uint64_t hits = 0, corrupt = 0;
  MicroClient client(*adapter_, 0, kFillDepth);
  client.carry_out(
      draws.size(), [&](uint64_t, Command& command) { walk.next(command); },
      [&](uint64_t index, const Completion& done) {
        if (done.outcome != Outcome::kHit) return;
        ++hits;
        const auto stored = value_.substr(0, sets[index].value_size_bytes);
        corrupt += done.value != stored;
      },
      &interrupted());
  require_not_interrupted();
  if (corrupt > 0) {
    throw Error::failed(fmt::format("{}: {} of {} values did not come back as they were stored",
                                    plan_.adapter.redacted(), corrupt, hits));
  }
  if (hits == draws.size()) return;
  throw Error::failed(
      fmt::format("{} holds {} of the {} keys: give it room for all (--memory, or a bound of its "
                  "own), or fewer --keys",
                  plan_.adapter.redacted(), format_count(hits), format_count(draws.size())));
}

uint64_t MicroCache::store_fresh(uint64_t count) {
  const std::vector<MicroDraw> sizes = keys_->drawn(CommandKind::kSet, false);
  DrawWalk walk(sizes, 0, value_);
  FreshKeys& fresh = fresh_keys_.back();
  uint64_t declined = 0;
  MicroClient client(*adapter_, 0, kFillDepth);
  client.carry_out(
      count,
      [&](uint64_t, Command& command) {
        walk.next(command);
        fresh.next(command);
      },
      [&](uint64_t, const Completion& done) {
        require_stored(plan_.adapter, done.outcome);
        declined += done.outcome == Outcome::kNotStored;
      },
      &interrupted());
  require_not_interrupted();
  return declined;
}

// And a quarter more, so that every part of it is full.
void MicroCache::fill_until_it_evicts() {
  constexpr uint64_t kFirst = 1000;
  const uint64_t mean_bytes = summary_.footprint_bytes / (2 * plan_.keys) + kOverheadBytes;
  const uint64_t most_bytes = available_memory_bytes().value_or(UINT64_MAX) / 10 * 9;
  uint64_t stored = 0;
  for (bool evicts = false; !evicts;) {
    const uint64_t more =
        stored == 0 && plan_.full_items > 0 ? plan_.full_items : std::max(kFirst, stored / 4);
    if ((stored + more) * mean_bytes > most_bytes) {
      throw Error::failed(fmt::format("{} evicted nothing after {} keys; is it bounded?",
                                      plan_.adapter.redacted(), format_count(stored)));
    }
    const uint64_t declined = store_fresh(more);
    stored += more;
    const AdapterState state = adapter_->state();
    if (!state.evictions && !state.items) {
      throw Error::failed(fmt::format(
          "{} says neither what it evicts nor how many items it holds, so nobody knows when it is "
          "full",
          plan_.adapter.redacted()));
    }
    evicts =
        declined > 0 || state.evictions.value_or(0) > 0 || state.items.value_or(stored) < stored;
  }
  store_fresh(stored / 4);
}

void MicroCache::clean_up() {
  uint64_t failed = 0;
  MicroClient client(*adapter_, 0, kFillDepth);
  for (const bool absent : {false, true}) {
    const std::vector<MicroDraw> draws = keys_->once(CommandKind::kDelete, absent);
    DrawWalk walk(draws, 0, value_);
    client.carry_out(
        draws.size(), [&](uint64_t, Command& command) { walk.next(command); },
        [&](uint64_t, const Completion& done) { failed += is_failure(done.outcome); }, nullptr);
  }
  if (failed > 0) throw Error::failed(fmt::format("{} deletes failed", format_count(failed)));
  std::remove(manifest_path_.c_str());
}

}  // namespace cachegauge
