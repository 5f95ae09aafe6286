#include "harness/cli/micro_suite.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>

#include "adapters/adapters.h"
#include "harness/cli/micro_benchmark.h"
#include "harness/core/error.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

using enum MicroContent;
using enum MicroOrder;

constexpr MicroOperation kOperations[] = {
    {"get-hit", "gets of keys that are there", kKeys, kDrawn, false, CommandKind::kGet,
     Outcome::kHit, true},
    {"get-miss", "gets of keys that are not", kKeys, kDrawn, true, CommandKind::kGet,
     Outcome::kMiss, true},
    {"set-replace", "sets of keys that are there", kKeys, kDrawn, false, CommandKind::kSet,
     Outcome::kStored, true},
    {"set-new", "sets of keys that are not, into a cache that is empty and has room", kEmpty, kOnce,
     false, CommandKind::kSet, Outcome::kStored, false},
    {"delete", "deletes of keys that are there", kKeys, kOnce, false, CommandKind::kDelete,
     Outcome::kDeleted, false},
    {"mixed", "the workload's ops, on keys that were there", kKeys, kDrawn, false, std::nullopt,
     std::nullopt, false},
    {"set-evicting", "sets of new keys into a cache that is full", kFull, kFresh, false,
     CommandKind::kSet, Outcome::kStored, false},
};

// A part of a name, as of an id: no "/".
std::string label_of(const Spec& adapter) {
  std::string label = adapter.redacted();
  std::replace(label.begin(), label.end(), '/', '_');
  return label;
}

// It counts entries unless it is told otherwise, so that its size can be chosen here.
bool has_free_bound(const MicroCachePlan& plan) {
  const AdapterKind& kind = require_adapter_kind(plan.adapter.kind());
  return find_row(kind.params, "entries") && !plan.adapter.has("entries") &&
         !plan.adapter.has("capacity") && !plan.settings.memory_bytes;
}

// A running server that is not there, or that we may not use, is found before anything is measured.
void check_server(const MicroOptions& options, const Spec& adapter) {
  const MicroCachePlan plan = {.adapter = adapter, .settings = options.settings};
  const auto probe = make_adapter(adapter, settings_with_room(plan, 0));
  if (!probe->shares_keyspace()) return;
  probe->start();
  probe->stop();
}

}  // namespace

std::span<const MicroOperation> micro_operations() { return kOperations; }

MicroSuite::MicroSuite(const MicroOptions& options) {
  for (const std::string& value : options.values) {
    Spec sized = options.workload;
    sized.set("value", value);
    make_workload(all_keys_spec(sized, options.keys));  // it may refuse the value
  }
  for (const Spec& adapter : options.adapters) {
    check_server(options, adapter);
    for (const std::string& value : options.values) {
      for (const uint32_t threads : options.threads) add_adapter(options, adapter, value, threads);
    }
  }
}

MicroSuite::~MicroSuite() = default;

void MicroSuite::leave_out(const MicroOperation& operation, const Spec& adapter,
                           std::string_view why) {
  const std::string line = fmt::format("{} of {}: {}", operation.name, adapter.redacted(), why);
  if (std::find(left_out_.begin(), left_out_.end(), line) == left_out_.end()) {
    left_out_.push_back(line);
  }
}

void MicroSuite::add_adapter(const MicroOptions& options, const Spec& adapter,
                             const std::string& value, uint32_t threads) {
  MicroCachePlan plan = {.adapter = adapter,
                         .settings = options.settings,
                         .workload = options.workload,
                         .keys = options.keys};
  plan.settings.threads = threads;
  plan.workload.set("value", value);
  const auto probe = make_adapter(adapter, settings_with_room(plan, 0));
  const Capabilities capabilities = probe->capabilities();
  for (const MicroOperation& operation : kOperations) {
    plan.content = operation.content;
    const std::string name =
        fmt::format("{}/{}/value:{}", operation.name, label_of(adapter), value);
    if (operation.kind && !(capabilities.commands & command_bit(*operation.kind))) {
      leave_out(operation, adapter, "it has no such command");
    } else if (operation.content != kFull) {
      add(operation, plan, name);
    } else if (!capabilities.bounded) {
      leave_out(operation, adapter, "it has no bound, so it evicts nothing");
    } else if (probe->shares_keyspace()) {
      leave_out(operation, adapter,
                "it would push out what others keep there; a private server has none of that");
    } else {
      add_evicting(options, operation, plan, name);
    }
  }
}

void MicroSuite::add_evicting(const MicroOptions& options, const MicroOperation& operation,
                              const MicroCachePlan& plan, const std::string& name) {
  if (!has_free_bound(plan)) return add(operation, plan, name);
  for (const uint64_t items : options.items) {
    MicroCachePlan full = plan;
    full.adapter.set("entries", std::to_string(items));
    full.full_items = items;
    make_adapter(full.adapter, full.settings);  // it may refuse the number
    add(operation, std::move(full), fmt::format("{}/items:{}", name, items));
  }
}

void MicroSuite::add(const MicroOperation& operation, MicroCachePlan plan,
                     const std::string& name) {
  const Capabilities capabilities =
      make_adapter(plan.adapter, settings_with_room(plan, 0))->capabilities();
  // A library that blocks has a thread of its own: handing it the command and waking up for its
  // reply takes longer than many of its calls do, and is none of its time.
  const bool by_stamps = capabilities.is_library && !capabilities.in_process;
  MicroBenchmark* made = benchmarks_
                             .emplace_back(std::make_unique<MicroBenchmark>(
                                 *this, operation, std::move(plan), name, by_stamps))
                             .get();
  auto* registered = benchmark::RegisterBenchmark(
      name.c_str(), [made](benchmark::State& state) { made->run(state); });
  // A round trip is waited for, and threads wait for each other: CPU time would be of neither.
  by_stamps ? registered->UseManualTime() : registered->UseRealTime();
  registered->Threads(made->threads());
  if (made->iterations() > 0) registered->Iterations(made->iterations());
}

MicroCache& MicroSuite::cache_for(const std::string& key, const MicroCachePlan& plan) {
  if (!cache_ || key.empty() || key != cache_key_) {
    cache_.reset();  // before there is another
    cache_key_.clear();
    cache_ = MicroCache::make(plan);
    cache_key_ = key;
  }
  return *cache_;
}

}  // namespace cachegauge
