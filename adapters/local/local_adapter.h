// A LocalCache, or several side by side (shards), as an Adapter.
//
// A key belongs to the shard that its hash picks. With more than one thread each shard has a lock
// of its own, held for one command; with one thread nothing is locked.
//
// A get-or-load is atomic by leases: of those who miss a key, one is granted the load.
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
#include "harness/core/lease_book.h"
#include "harness/core/page_allocator.h"

namespace cachegauge {

template <SlotPolicy Policy>
struct alignas(64) LocalShard {  // a cache line of its own for each lock
  explicit LocalShard(const PolicySettings& settings) : cache(settings) {}
  std::mutex mutex;
  LocalCache<Policy> cache;
  LeaseBook leases;
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

  // Calls use(shard) with the one of this key, under its lock where there are several threads.
  template <class Use>
  void with(uint64_t key_hash, Use&& use) {
    // The lower half of the hash: the upper one is the shard's own table's.
    const auto low = static_cast<uint32_t>(key_hash);
    use_shard(*shards_[(uint64_t{low} * shards_.size()) >> 32], use);
  }

  CacheStats stats() {
    CacheStats sum;
    for (const auto& shard : shards_) {
      use_shard(*shard, [&](LocalShard<Policy>& one) {
        const CacheStats part = one.cache.stats();
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
    use(shard);
  }

  bool concurrent_;
  std::vector<std::unique_ptr<LocalShard<Policy>>> shards_;
};

template <SlotPolicy Policy>
class LocalSession final : public Session {
 public:
  LocalSession(LocalShards<Policy>& shards, bool shares_values)
      : shards_(shards), shares_values_(shares_values) {}

  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      Completion done;
      done.tag = command.tag;
      execute(command, done);
      queue_.push(done);
    }
  }

  size_t poll(std::span<Completion> out) override { return queue_.poll(out); }

  bool execute(const Command& command, Completion& completion) override {
    shards_.with(command.key_hash, [&](LocalShard<Policy>& shard) {
      completion.outcome = answer(command, shard, completion);
    });
    return true;
  }

 private:
  using Cache = LocalCache<Policy>;

  Outcome answer(const Command& c, LocalShard<Policy>& shard, Completion& completion) {
    Cache& cache = shard.cache;
    const HashedKey key{c.key, c.key_hash};
    switch (c.kind) {
      case CommandKind::kGet:
        return get(c, key, cache, completion.value);
      case CommandKind::kSet:
        if (!may_write(c, shard.leases)) return Outcome::kNotStored;
        return cache.set(key, c.value, c.ttl_ns, c.now_ns);
      case CommandKind::kAdd:
        return cache.add(key, c.value, c.ttl_ns, c.now_ns);
      case CommandKind::kDelete:
        if (c.lease != 0 && c.lease != kAnyLease) {
          return shard.leases.end(c.key_hash, c.lease, c.now_ns) ? Outcome::kDeleted
                                                                 : Outcome::kNotFound;
        }
        may_write(c, shard.leases);
        return cache.erase(key, c.now_ns);
      case CommandKind::kLease:
        return lease(c, key, shard, completion);
      case CommandKind::kCompareAndDelete:
        break;
    }
    return Outcome::kRejected;
  }

  // The value of a hit is a copy, made under the lock; or with copy=share the stored one, for which
  // there is never a place to copy it to.
  Outcome get(const Command& c, const HashedKey& key, Cache& cache, std::string_view& value) {
    const std::optional<std::string_view> found = cache.get(key, c.now_ns);
    if (!found) return Outcome::kMiss;
    if (copy_.size() < found->size()) {
      if (shares_values_) {
        value = *found;
        return Outcome::kHit;
      }
      copy_.resize(found->size());
    }
    if (!found->empty()) std::memcpy(copy_.data(), found->data(), found->size());
    value = {copy_.data(), found->size()};
    return Outcome::kHit;
  }

  // False of a fill whose lease is not held any more; any other write ends the key's lease.
  static bool may_write(const Command& c, LeaseBook& leases) {
    if (c.lease != 0 && c.lease != kAnyLease) return leases.end(c.key_hash, c.lease, c.now_ns);
    if (!leases.empty()) leases.revoke(c.key_hash);
    return true;
  }

  Outcome lease(const Command& c, const HashedKey& key, LocalShard<Policy>& shard,
                Completion& completion) {
    completion.value = {};
    const bool is_stale =
        c.stale_ns > 0 && shard.cache.expiry_ns(key, c.now_ns) - c.now_ns <= c.stale_ns;
    const Outcome found = get(c, key, shard.cache, completion.value);
    if (found == Outcome::kHit && !is_stale) return found;
    completion.lease = shard.leases.grant(c.key_hash, c.now_ns, c.ttl_ns);
    return completion.lease != 0 ? Outcome::kLeaseGranted : Outcome::kMiss;
  }

  LocalShards<Policy>& shards_;
  const bool shares_values_;
  // Of the latest hit's value; with shared ones it stays empty.
  std::vector<char, PageAllocator<char>> copy_;
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
    return {.commands = kBasicCommands | command_bit(CommandKind::kLease),
            .in_process = true,
            .is_library = true,
            .bounded = kBounded};
  }
  // A fresh, empty cache. Sessions opened before belong to the old one and must be gone.
  void start() override { make_shards(); }
  void stop() override { shards_.reset(); }
  std::unique_ptr<Session> open(const SessionContext&) override {
    return std::make_unique<LocalSession<Policy>>(*shards_, settings_.shares_values);
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
