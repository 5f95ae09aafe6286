// A LocalCache, or several side by side (shards), as an Adapter.
//
// A key belongs to the shard that its hash picks. With more than one thread each shard has a lock
// of its own, held for one command; with one thread nothing is locked.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/local/cache.h"
#include "adapters/local/completion_queue.h"
#include "adapters/local/local_settings.h"
#include "adapters/local/policies/policy.h"
#include "harness/core/adapter.h"

namespace cachegauge {

template <SlotPolicy Policy>
struct alignas(64) LocalShard {  // a cache line of its own for each lock
  explicit LocalShard(const PolicySettings& settings) : cache(settings) {}
  std::mutex mutex;
  LocalCache<Policy> cache;
};

template <SlotPolicy Policy>
class LocalShards {
 public:
  LocalShards(const Spec& spec, const LocalSettings& settings) : concurrent_(settings.concurrent) {
    for (uint32_t i = 0; i < settings.shards; ++i) {
      shards_.push_back(std::make_unique<LocalShard<Policy>>(
          PolicySettings{settings.shard_capacity(i), spec, settings.seed + i}));
    }
  }

  // Calls use(cache) with the shard of this key, under its lock where there are several threads.
  template <class Use>
  void with(uint64_t key_hash, Use&& use) {
    // The lower half of the hash: the upper one is the shard's own table's.
    const auto low = static_cast<uint32_t>(key_hash);
    use_shard(*shards_[(uint64_t{low} * shards_.size()) >> 32], use);
  }

  CacheStats stats() {
    CacheStats sum;
    for (const auto& shard : shards_) {
      use_shard(*shard, [&](LocalCache<Policy>& cache) {
        const CacheStats part = cache.stats();
        sum.evictions += part.evictions;
        sum.expirations += part.expirations;
        sum.not_admitted += part.not_admitted;
        sum.items += part.items;
        sum.payload_bytes += part.payload_bytes;
        sum.bytes_used += part.bytes_used;
      });
    }
    return sum;
  }

 private:
  template <class Use>
  void use_shard(LocalShard<Policy>& shard, Use&& use) {
    std::unique_lock<std::mutex> lock(shard.mutex, std::defer_lock);
    if (concurrent_) lock.lock();
    use(shard.cache);
  }

  bool concurrent_;
  std::vector<std::unique_ptr<LocalShard<Policy>>> shards_;
};

template <SlotPolicy Policy>
class LocalSession final : public Session {
 public:
  explicit LocalSession(LocalShards<Policy>& shards) : shards_(shards) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      Completion done;
      execute(command, done);
      if (done.outcome == Outcome::kHit) {
        queue_.push_hit(command.tag, done.value);
      } else {
        queue_.push(command.tag, done.outcome);
      }
    }
  }

  size_t poll(std::span<Completion> out) override { return queue_.poll(out); }

  bool execute(const Command& command, Completion& completion) override {
    shards_.with(command.key_hash, [&](LocalCache<Policy>& cache) {
      completion.outcome = answer(command, cache, completion.value);
    });
    return true;
  }

 private:
  // `value` is a copy of a hit's, made under the lock.
  Outcome answer(const Command& c, LocalCache<Policy>& cache, std::string_view& value) {
    const HashedKey key{c.key, c.key_hash};
    switch (c.kind) {
      case CommandKind::kGet: {
        const std::optional<std::string_view> found = cache.get(key, c.now_ns);
        if (!found) return Outcome::kMiss;
        if (copy_.size() < found->size()) copy_.resize(found->size());
        if (!found->empty()) std::memcpy(copy_.data(), found->data(), found->size());
        value = {copy_.data(), found->size()};
        return Outcome::kHit;
      }
      case CommandKind::kSet:
        return cache.set(key, c.value, c.ttl_ns, c.now_ns);
      case CommandKind::kAdd:
        return cache.add(key, c.value, c.ttl_ns, c.now_ns);
      case CommandKind::kDelete:
        return cache.erase(key, c.now_ns);
      case CommandKind::kCompareAndDelete:
      case CommandKind::kLease:
        break;
    }
    return Outcome::kRejected;
  }

  LocalShards<Policy>& shards_;
  std::vector<char> copy_;  // of the latest hit's value
  CompletionQueue queue_;
};

template <SlotPolicy Policy>
class LocalAdapter final : public Adapter {
 public:
  static constexpr bool kBounded = (Policy::kInfo.needs & kNeedsCapacity) != 0;

  LocalAdapter(const Spec& spec, const LocalSettings& settings) : spec_(spec), settings_(settings) {
    make_shards();  // so that a policy refuses bad parameters before anything runs
  }

  const Spec& spec() const override { return spec_; }
  Capabilities capabilities() const override {
    return {.in_process = true, .is_library = true, .bounded = kBounded};
  }
  // A fresh, empty cache. Sessions opened before belong to the old one and must be gone.
  void start() override { make_shards(); }
  void stop() override { shards_.reset(); }
  std::unique_ptr<Session> open(const SessionContext&) override {
    return std::make_unique<LocalSession<Policy>>(*shards_);
  }
  AdapterState state() override {
    const CacheStats stats = shards_->stats();
    AdapterState state;
    state.evictions = stats.evictions;
    state.expirations = stats.expirations;
    if (spec_.has("admission")) state.not_admitted = stats.not_admitted;
    state.items = stats.items;
    state.payload_bytes = stats.payload_bytes;
    state.bytes_used = stats.bytes_used;
    state.memory_source = "the cache's own tables and malloc chunks";
    return state;
  }
  std::optional<uint64_t> bytes_used_now() override { return shards_->stats().bytes_used; }
  std::vector<Spec::Param> settings() const override { return settings_.resolved(); }

 private:
  void make_shards() { shards_ = std::make_unique<LocalShards<Policy>>(spec_, settings_); }

  Spec spec_;
  LocalSettings settings_;
  std::unique_ptr<LocalShards<Policy>> shards_;  // made anew, and empty, by each start()
};

// The parameters of the policy's adapter: its own, then those that all local caches share.
template <SlotPolicy Policy>
constexpr auto local_params() {
  constexpr auto& shared = []() -> auto& {
    if constexpr (LocalAdapter<Policy>::kBounded) {
      return kBoundedParams;
    } else {
      return kUnboundedParams;
    }
  }
  ();
  constexpr size_t kOwn = Policy::kInfo.params.size();
  std::array<ParamInfo, kOwn + shared.size()> params;
  std::copy(Policy::kInfo.params.begin(), Policy::kInfo.params.end(), params.begin());
  std::copy(shared.begin(), shared.end(), params.begin() + kOwn);
  return params;
}
template <SlotPolicy Policy>
inline constexpr auto kLocalParams = local_params<Policy>();

template <SlotPolicy Policy>
std::unique_ptr<Adapter> make_local_adapter(const Spec& spec, const AdapterSettings& settings) {
  spec.require_known(kLocalParams<Policy>);
  return std::make_unique<LocalAdapter<Policy>>(
      spec, read_local_settings(spec, settings, LocalAdapter<Policy>::kBounded));
}

}  // namespace cachegauge
