#include "harness/cli/micro_benchmark.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/cli/interrupts.h"
#include "harness/cli/micro_client.h"
#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr const char* kInterrupted = "interrupted";

std::string_view outcome_name(size_t outcome) {
  constexpr std::string_view kNames[] = {"hits",    "misses",    "stored",         "not stored",
                                         "deleted", "not found", "leases granted", "rejected",
                                         "errors",  "timeouts"};
  return kNames[outcome];
}

// Keys that are fresh, with the sizes that the draws have.
class FreshWalk {
 public:
  FreshWalk(const DrawWalk& draws, FreshKeys& fresh) : draws_(draws), fresh_(fresh) {}
  void next(Command& command) {
    draws_.next(command);
    fresh_.next(command);
  }

 private:
  DrawWalk draws_;
  FreshKeys& fresh_;
};

// Over a network, and wherever else a reply has to be waited for. With `by_stamps` the time is what
// the session says, and not that of the loop: the engine's manual time.
template <class Walk, class Tally>
ClientTask measure_round_trips(Scheduler& /*for the task*/, SessionPool& pool, bool by_stamps,
                               benchmark::State& state, Walk& walk, Tally& tally) {
  SessionPool::Order order;
  for (auto iteration : state) {
    (void)iteration;
    walk.next(order.command);
    const Completion& completion = co_await SessionPool::Call(pool, order);
    tally.count(order.command, completion);
    if (by_stamps) {
      const int64_t service_ns = completion.completed_ns - completion.started_ns;
      state.SetIterationTime(static_cast<double>(service_ns) * 1e-9);
    }
    if (interrupted().load(std::memory_order_relaxed)) {
      state.SkipWithError(kInterrupted);
      break;
    }
  }
}

// Returns when all that stands before it has been carried out, as a reading of the clock does.
inline void wait_for_instructions() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_lfence();
#elif defined(__aarch64__)
  asm volatile("dsb sy\n\tisb" ::: "memory");
#else
  __sync_synchronize();
#endif
}

// One call at a time, as it is over a network and as `run` times it: what calls overlap depends on
// what else a loop does, and this one does next to nothing. Nor does a call overlap what makes its
// command: `null` has no use for the key, so that its figure would not have in it what that takes.
template <class Walk, class Tally>
void measure_calls(SessionPool& pool, benchmark::State& state, Walk& walk, Tally& tally) {
  SessionPool::Order order;
  const std::atomic<bool>& stop = interrupted();
  for (auto iteration : state) {
    (void)iteration;
    walk.next(order.command);
    wait_for_instructions();
    tally.count(order.command, SessionPool::Call(pool, order).now());
    wait_for_instructions();
    if (stop.load(std::memory_order_relaxed)) {
      state.SkipWithError(kInterrupted);
      break;
    }
  }
}

}  // namespace

uint64_t MicroBenchmark::Tally::commands() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), uint64_t{0});
}

MicroBenchmark::MicroBenchmark(MicroSuite& suite, const MicroOperation& operation,
                               MicroCachePlan plan, std::string name, bool by_stamps)
    : suite_(suite),
      operation_(operation),
      plan_(std::move(plan)),
      name_(std::move(name)),
      by_stamps_(by_stamps),
      prepared_(static_cast<std::ptrdiff_t>(plan_.settings.threads)) {}

int64_t MicroBenchmark::iterations() const {
  if (operation_.order != MicroOrder::kOnce) return 0;
  return static_cast<int64_t>(plan_.keys / plan_.settings.threads);
}

void MicroBenchmark::run(benchmark::State& state) {
  if (state.thread_index() == 0) prepare();
  prepared_.arrive_and_wait();
  if (!problem_.empty()) return fail(state, problem_);
  try {
    measure(state);
  } catch (const std::exception& error) {
    fail(state, error.what());
  }
}

void MicroBenchmark::prepare() {
  problem_.clear();
  try {
    if (interrupted()) throw Error(ExitCode::kInterrupted, kInterrupted);
    std::string key;
    if (operation_.order != MicroOrder::kOnce) {
      key = operation_.keeps_content ? name_.substr(name_.find('/')) : name_;
      key += fmt::format("/threads:{}", threads());
    }
    cache_ = &suite_.cache_for(key, plan_);
    const MicroKeys& keys = cache_->keys();
    suite_.draws() = operation_.order == MicroOrder::kOnce
                         ? keys.once(*operation_.kind, operation_.absent)
                         : keys.drawn(operation_.kind, operation_.absent);
    evictions_before_ = cache_->adapter().state().evictions;
  } catch (const std::exception& error) {
    problem_ = error.what();
  }
}

void MicroBenchmark::measure(benchmark::State& state) {
  const auto thread = static_cast<uint32_t>(state.thread_index());
  const std::vector<MicroDraw>& all = suite_.draws();
  const DrawWalk draws(all, all.size() / plan_.settings.threads * thread, cache_->value());
  Tally tally;
  if (operation_.order == MicroOrder::kFresh) {
    measure_walk(state, FreshWalk(draws, cache_->fresh_keys(thread)), tally);
  } else {
    measure_walk(state, draws, tally);
  }
  if (state.error_occurred()) return;
  if (const std::string problem = problem_of(tally); !problem.empty()) return fail(state, problem);
  report(state, tally);
}

template <class Walk>
void MicroBenchmark::measure_walk(benchmark::State& state, Walk walk, Tally& tally) {
  MicroClient client(cache_->adapter(), static_cast<uint32_t>(state.thread_index()), 1);
  if (client.is_immediate()) {
    measure_calls(client.pool(), state, walk, tally);
  } else {
    measure_round_trips(client.loop(), client.pool(), by_stamps_, state, walk, tally);
    client.loop().run();
  }
}

std::string MicroBenchmark::problem_of(const Tally& tally) const {
  uint64_t as_expected = tally.commands();
  if (operation_.expected) {
    as_expected = tally.of(*operation_.expected);
    // Of a full cache, an admission filter may decline what is new.
    if (operation_.content == MicroContent::kFull) as_expected += tally.of(Outcome::kNotStored);
  } else {
    for (const Outcome bad : {Outcome::kRejected, Outcome::kError, Outcome::kTimeout}) {
      as_expected -= tally.of(bad);
    }
  }
  if (as_expected == tally.commands()) return {};
  std::string found;
  for (size_t i = 0; i < tally.outcomes.size(); ++i) {
    if (tally.outcomes[i] == 0) continue;
    found += fmt::format("{}{} {}", found.empty() ? "" : ", ", format_count(tally.outcomes[i]),
                         outcome_name(i));
  }
  return fmt::format("not what {} measures: {}", operation_.name, found);
}

void MicroBenchmark::report(benchmark::State& state, const Tally& tally) {
  state.SetItemsProcessed(static_cast<int64_t>(tally.commands()));
  if (tally.value_bytes > 0) state.SetBytesProcessed(static_cast<int64_t>(tally.value_bytes));
  const uint64_t gets = tally.of(Outcome::kHit) + tally.of(Outcome::kMiss);
  if (!operation_.expected && gets > 0) {
    state.counters["hit_ratio"] =
        benchmark::Counter(static_cast<double>(tally.of(Outcome::kHit)) / static_cast<double>(gets),
                           benchmark::Counter::kAvgThreads);
  }
  if (state.thread_index() == 0) report_cache(state, tally);
}

// By the first thread when all have ended. Counters of one thread alone are its own.
void MicroBenchmark::report_cache(benchmark::State& state, const Tally& tally) {
  const AdapterState cache = cache_->adapter().state();
  const auto set = [&](const char* name, double value) { state.counters[name] = value; };
  if (cache.items.value_or(0) > 0) {
    const auto items = static_cast<double>(*cache.items);
    set("items", items);
    if (cache.bytes_used) set("bytes_per_item", static_cast<double>(*cache.bytes_used) / items);
    if (cache.payload_bytes) {
      set("payload_per_item", static_cast<double>(*cache.payload_bytes) / items);
    }
  }
  if (operation_.content != MicroContent::kFull) return;
  if (cache.evictions && evictions_before_) {
    const auto evicted = static_cast<double>(*cache.evictions - *evictions_before_);
    set("evictions_per_set", evicted / static_cast<double>(tally.commands() * threads()));
  }
}

void MicroBenchmark::fail(benchmark::State& state, const std::string& problem) {
  state.SkipWithError(problem.c_str());
  suite_.note_failure();
}

}  // namespace cachegauge
