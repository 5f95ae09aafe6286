// One policy at one capacity over an interned trace. An object's dense id is its slot, so nothing
// is looked up or allocated for a request, and the nodes of requests ahead are prefetched.
//
// What a request means is what it means to the local caches (adapters/local/cache.h), so that both
// report the same hits and evict the same objects in the same order:
//   get of a live object     hit; otherwise a miss, which is filled if misses are
//   set of a live object     hit, and a resize if its charge changes; if making room takes the
//                            object itself, it goes on as a set of an absent one
//   set, add, fill           of an absent object insert it; the policy may decline, or the
//                            admission filter before it (policies/admission/filter.h)
//   add of a live object     nothing
//   delete                   erase
// An expired object (now >= store time + TTL) is found when it is touched or chosen as a victim, or
// by a policy that sweeps, and is absent. Now is the latest arrival so far.
//
// With an origin that takes a while, a miss is filled when that has answered (fetches.h): a get of
// an object whose fill is under way is a miss, too, and a delayed hit.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "adapters/local/policies/admission/admissions.h"
#include "adapters/local/policies/policy.h"
#include "harness/core/huge_pages.h"
#include "harness/core/simulation_report.h"
#include "harness/simulate/course.h"
#include "harness/simulate/fetches.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

struct SimulationSetup {
  Spec policy;
  PolicyCapacity capacity;
  uint64_t seed = 42;
  bool fills_misses = true;
  uint64_t warmup_requests = 0;  // carried out first and not counted
  SeriesWindow window = {};      // of series(), if set
  int64_t origin_ns = 0;         // how long a fill takes; 0: misses are filled at once
};

// Hears of each object that the policy removes: for tests that compare order.
struct NoListener {
  void removed(uint32_t /*id*/, bool /*expired*/) {}
};

template <SlotPolicy Policy, class Listener = NoListener>
class Simulation {
 public:
  // For a policy that needs the future the trace must have its next uses. Throws Error::usage for a
  // parameter of the policy that is out of range.
  Simulation(const InternedTrace& trace, const SimulationSetup& setup, Listener listener = {})
      : trace_(trace),
        setup_(setup),
        policy_({setup.capacity, setup.policy, setup.seed}),
        filter_(make_admission({setup.capacity, setup.policy, setup.seed})),
        listener_(listener),
        fills_at_once_(setup.fills_misses && setup.origin_ns == 0),
        fetches_(setup.origin_ns),
        course_(setup.window) {}

  // Once. Ends early, with what there is by then, when `stop` becomes true.
  SimulationCounts run(const std::atomic<bool>& stop) {
    policy_.reserve(trace_.unique_keys());
    if (filter_) filter_->reserve(trace_.unique_keys());
    const bool plain = is_plain();
    if (!plain) objects_.resize(trace_.unique_keys());
    if (waits_for_fills()) fetches_.reserve(trace_.unique_keys());
    for (const TraceChunk& chunk : trace_.chunks()) {
      if (stop) break;
      uint32_t begin = 0;
      if (chunk_begin_ < setup_.warmup_requests) {
        begin = static_cast<uint32_t>(
            std::min<uint64_t>(chunk.count, setup_.warmup_requests - chunk_begin_));
        serve(chunk, 0, begin, plain);
        counts_ = {};
      }
      serve_in_windows(chunk, begin, plain);
      chunk_begin_ += chunk.count;
    }
    counts_.misses = counts_.gets - counts_.hits;
    return counts_;
  }

  // After the run, how it went. Once.
  std::vector<SimulationWindow> series() { return course_.finish(counts_, chunk_begin_); }

  const Policy& policy() const { return policy_; }

 private:
  static constexpr uint32_t kAhead = 12;  // requests; 8 to 16 do equally well
  static constexpr bool kSweeps = SweepingPolicy<Policy>;
  static constexpr bool kNeedsHash = (Policy::kInfo.needs & kNeedsKeyHash) != 0;
  static constexpr bool kNeedsFuture = (Policy::kInfo.needs & kNeedsTheFuture) != 0;
  // Of runs of requests nobody hears whom each evicted.
  static constexpr bool kServesRuns =
      std::is_same_v<Listener, NoListener> && requires(const Policy& policy) {
    policy.can_serve();
  };

  // What is known of a resident beside the policy's own arrays.
  struct Object {
    uint64_t value_size = 0;
    int64_t expires_ns = kNeverExpires;
  };

  // The policy's sink.
  struct Sink {
    Simulation& simulation;
    uint64_t size(uint32_t id) const { return simulation.size_of(id); }
    int64_t expires_ns(uint32_t id) const { return simulation.objects_[id].expires_ns; }
    bool evicted(uint32_t id) { return simulation.on_evicted(id); }
    void forgotten(uint32_t) {}
  };
  // Where no object expires and each takes one entry.
  struct PlainSink : DeafSink {
    explicit PlainSink(Simulation& s) : simulation(s) {}
    bool evicted(uint32_t id) {
      ++simulation.counts_.evictions;
      simulation.listener_.removed(id, false);
      return true;
    }
    Simulation& simulation;
  };

  // Nothing but gets that fill, where an object is all that is to be known of it.
  bool is_plain() const {
    return !kSweeps && !filter_ && trace_.only_gets() && fills_at_once_ &&
           !setup_.capacity.in_bytes && trace_.summary().with_ttl == 0 && trace_.equal_sizes();
  }

  void serve_in_windows(const TraceChunk& chunk, uint32_t begin, bool plain) {
    while (begin < chunk.count) {
      uint32_t end = chunk.count;
      if (setup_.window.is_set()) {
        end = course_.cut(chunk, begin, end, chunk_begin_ + begin, counts_);
      }
      serve(chunk, begin, end, plain);
      begin = end;
    }
  }

  void serve(const TraceChunk& chunk, uint32_t begin, uint32_t end, bool plain) {
    counts_.requests += end - begin;
    if (waits_for_fills()) {
      for (uint32_t i = begin; i < end; ++i) serve_waiting(chunk, i);
    } else {
      plain ? serve_plain(chunk, begin, end) : serve_any(chunk, begin, end);
    }
  }

  bool waits_for_fills() const { return setup_.fills_misses && setup_.origin_ns > 0; }

  // One request, and before it what has arrived meanwhile.
  void serve_waiting(const TraceChunk& chunk, uint32_t i) {
    const int64_t now_ns = chunk.now_ns[i];
    const Store store = {chunk.ids[i], chunk.value_sizes[i], chunk.ttls_ns[i]};
    fetches_.arrive_until(now_ns, [&](const Fetch& fetch) {
      now_ns_ = fetch.arrives_ns;
      next_use_ = fetch.next_use;
      insert({fetch.id, fetch.value_size, fetch.ttl_ns});
    });
    prefetch_ahead(chunk, i);
    look_ahead(chunk, i);
    now_ns_ = now_ns;
    if (chunk.ops[i] != Op::kGet) {
      fetches_.cancel(store.id);
      serve_one(chunk.ops[i], store);
    } else if (fetches_.under_way(store.id)) {
      ++counts_.gets;
      ++counts_.delayed_hits;
      counts_.get_bytes += store.value_size;
      counts_.waited_ns += static_cast<uint64_t>(fetches_.wait_ns(store.id, now_ns, next_use_));
    } else {
      const uint64_t hits = counts_.hits;
      serve_one(Op::kGet, store);
      if (counts_.hits > hits) return;
      counts_.waited_ns += static_cast<uint64_t>(fetches_.latency_ns());
      fetches_.begin({.id = store.id,
                      .value_size = store.value_size,
                      .ttl_ns = store.ttl_ns,
                      .next_use = next_use_},
                     now_ns);
    }
  }

  void prefetch(uint32_t id) const {
    policy_.prefetch(id);
    if constexpr (kNeedsHash) trace_.prefetch_hash(id);
  }

  void serve_plain(const TraceChunk& chunk, uint32_t begin, uint32_t end) {
    const uint64_t gets = end - begin;
    uint64_t hits = 0, admissions = 0;
    if constexpr (kServesRuns) {
      if (policy_.can_serve()) {
        hits = policy_.serve({chunk.ids + begin, chunk.ids + end});
        admissions = gets - hits;
        counts_.evictions += admissions;
        begin = end;
      }
    }
    PlainSink sink(*this);
    for (uint32_t i = begin; i < end; ++i) {
      if (i + kAhead < chunk.count) prefetch(chunk.ids[i + kAhead]);
      const uint32_t id = chunk.ids[i];
      look_ahead(chunk, i);
      const Access access = {
          .slot = id, .key_hash = key_hash(id), .next_use = next_use_, .position = position_};
      if (policy_.resident(id)) {
        ++hits;
        policy_.hit(access, sink);
      } else {
        admissions += policy_.insert(access, sink);
      }
    }
    counts_.gets += gets;
    counts_.hits += hits;
    counts_.admissions += admissions;
    counts_.declined += gets - hits - admissions;
    counts_.get_bytes += gets * chunk.value_sizes.same();
    counts_.hit_bytes += hits * chunk.value_sizes.same();
  }

  void serve_any(const TraceChunk& chunk, uint32_t begin, uint32_t end) {
    constexpr uint32_t kBatch = 128;
    uint64_t ops[kBatch], times_ns[kBatch], value_sizes[kBatch], ttls_ns[kBatch];
    for (uint32_t count; begin < end; begin += count) {
      count = std::min(kBatch, end - begin);
      chunk.ops.unpack(begin, count, ops);
      chunk.now_ns.unpack(begin, count, times_ns);
      chunk.value_sizes.unpack(begin, count, value_sizes);
      chunk.ttls_ns.unpack(begin, count, ttls_ns);
      for (uint32_t i = 0; i < count; ++i) {
        prefetch_ahead(chunk, begin + i);
        look_ahead(chunk, begin + i);
        now_ns_ = static_cast<int64_t>(times_ns[i]);
        serve_one(static_cast<Op>(ops[i]),
                  {chunk.ids[begin + i], value_sizes[i], static_cast<int64_t>(ttls_ns[i])});
      }
    }
  }

  // g++ takes a function that only prefetches for one without effect, and leaves calls of it out.
  [[gnu::always_inline]] void prefetch_ahead(const TraceChunk& chunk, uint32_t i) const {
    if (i + kAhead >= chunk.count) return;
    const uint32_t id = chunk.ids[i + kAhead];
    prefetch(id);
    __builtin_prefetch(&objects_[id], 1);
    if (filter_) trace_.prefetch_hash(id);
  }

  // What a request would have stored.
  struct Store {
    uint32_t id;
    uint64_t value_size;
    int64_t ttl_ns;
  };

  void serve_one(Op op, const Store& store) {
    switch (op) {
      case Op::kGet:
        get(store);
        break;
      case Op::kSet:
        ++counts_.sets;
        set(store);
        break;
      case Op::kAdd:
        ++counts_.adds;
        if (!find_live(store.id)) insert(store);
        break;
      case Op::kDelete:
        ++counts_.deletes;
        if (find_live(store.id)) erase(store.id);
        break;
    }
  }

  void look_ahead(const TraceChunk& chunk, uint32_t i) {
    if constexpr (kNeedsFuture) {
      position_ = chunk_begin_ + i;
      next_use_ = chunk.next_use(i, position_);
    }
  }
  uint64_t key_hash(uint32_t id) const {
    if constexpr (kNeedsHash) return trace_.key_hash(id);
    return 0;
  }
  uint64_t charge_of(uint32_t id, uint64_t value_size) const {
    if (!setup_.capacity.in_bytes) return 1;
    return charge(setup_.capacity, trace_.key_size_bytes(id), value_size);
  }
  Access access(uint32_t id, uint64_t value_size) const {
    return {.slot = id,
            .key_hash = key_hash(id),
            .size = charge_of(id, value_size),
            .now_ns = now_ns_,
            .next_use = next_use_,
            .position = position_};
  }
  Sighting sighting(const Access& access, uint64_t value_size) const {
    return {.slot = access.slot,
            .key_hash = trace_.key_hash(access.slot),
            .size_bytes = trace_.key_size_bytes(access.slot) + value_size,
            .charge = access.size,
            .items = policy_.items()};
  }
  uint64_t size_of(uint32_t id) const {
    return id == storing_ ? storing_size_ : charge_of(id, objects_[id].value_size);
  }

  bool expired(uint32_t id) const { return now_ns_ >= objects_[id].expires_ns; }

  bool find_live(uint32_t id) {
    if (!policy_.resident(id)) return false;
    if (!expired(id)) return true;
    ++counts_.expirations;
    erase(id);
    return false;
  }

  void get(const Store& store) {
    ++counts_.gets;
    if (!find_live(store.id)) {
      counts_.get_bytes += store.value_size;
      if (fills_at_once_) insert(store);
      return;
    }
    const uint64_t value_size = objects_[store.id].value_size;
    ++counts_.hits;
    counts_.get_bytes += value_size;
    counts_.hit_bytes += value_size;
    hit(access(store.id, value_size), value_size);
  }

  void hit(const Access& access, uint64_t value_size) {
    if (filter_) filter_->hit(sighting(access, value_size));
    Sink sink{*this};
    policy_.hit(access, sink);
  }

  void set(const Store& store) {
    const bool live = find_live(store.id);
    counts_.write_hits += live;
    sweep();
    if (live && make_room_again(store)) {
      record(store);
    } else {
      insert_swept(store);
    }
  }

  // The policy's part of a set of a live object; false if the object had to go.
  bool make_room_again(const Store& store) {
    const uint64_t old_value_size = objects_[store.id].value_size;
    const Access before = access(store.id, old_value_size);
    hit(before, old_value_size);
    const Access after = access(store.id, store.value_size);
    if (after.size == before.size) return true;
    begin_storing(after);
    Sink sink{*this};
    const bool stays = policy_.resize(after, before.size, sink);
    storing_ = kNoSlot;
    return stays;
  }

  void insert(const Store& store) {
    sweep();
    insert_swept(store);
  }
  void insert_swept(const Store& store) {
    const Access stored = access(store.id, store.value_size);
    Sink sink{*this};
    AdmissionVerdict verdict;
    if (filter_) {
      verdict = consult(*filter_, sighting(stored, store.value_size), policy_, stored, sink,
                        [&](uint32_t id) { return expired(id); });
      counts_.not_admitted += !verdict.admitted;
    }
    bool admitted = verdict.admitted;
    if (admitted) {
      begin_storing(stored);
      admitted = policy_.insert(stored, sink, verdict.victim);
      storing_ = kNoSlot;
    }
    ++(admitted ? counts_.admissions : counts_.declined);
    if (admitted) record(store);
  }

  void record(const Store& store) {
    Object& object = objects_[store.id];
    object.value_size = store.value_size;
    int64_t ttl_ns = store.ttl_ns;
    if constexpr (kSweeps) {
      if (ttl_ns == 0) ttl_ns = policy_.default_ttl_ns();
    }
    if (ttl_ns == 0 || __builtin_add_overflow(now_ns_, ttl_ns, &object.expires_ns)) {
      object.expires_ns = kNeverExpires;
    }
    if constexpr (kSweeps) {
      Sink sink{*this};
      policy_.stored(store.id, sink);
    }
  }

  void sweep() {
    if constexpr (kSweeps) {
      Sink sink{*this};
      policy_.sweep(now_ns_, sink);
    }
  }

  void erase(uint32_t id) {
    Sink sink{*this};
    policy_.erase(id, sink);
  }

  // Until storing_ is reset, the object's size is that of what it shall hold.
  void begin_storing(const Access& stored) {
    storing_ = stored.slot;
    storing_size_ = stored.size;
  }

  bool on_evicted(uint32_t id) {
    const bool was_expired = expired(id);
    ++(was_expired ? counts_.expirations : counts_.evictions);
    listener_.removed(id, was_expired);
    return !was_expired && id != storing_;
  }

  const InternedTrace& trace_;
  const SimulationSetup& setup_;
  Policy policy_;
  std::unique_ptr<AdmissionFilter> filter_;  // null: everything is admitted
  [[no_unique_address]] Listener listener_;
  SimulationCounts counts_;
  const bool fills_at_once_;
  Fetches fetches_;  // unused if it does
  Course course_;
  std::vector<Object, HugePageAllocator<Object>> objects_;  // by id; empty where all is plain
  uint64_t chunk_begin_ = 0;  // position of the first request of the chunk under way
  // Of the request under way:
  int64_t now_ns_ = 0;
  uint64_t next_use_ = kNeverUsed;  // for a policy that needs the future, as is
  uint64_t position_ = 0;           // in the trace
  uint32_t storing_ = kNoSlot;
  uint64_t storing_size_ = 0;
};

}  // namespace cachegauge
