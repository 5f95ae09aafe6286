#include "harness/simulate/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/simulate/simulators.h"

namespace cachegauge {
namespace {

struct GridCell {
  const Simulator* simulator;
  SimulationSetup setup;
  PolicyCapacity capacity;  // for the whole workload
  std::string size;
  uint64_t bytes;
};

bool is_bounded(const Simulator& simulator) { return (simulator.info.needs & kNeedsCapacity) != 0; }
bool is_offline(const Simulator& simulator) {
  return (simulator.info.needs & kNeedsTheFuture) != 0;
}

SimulationResult describe(const GridCell& cell) {
  SimulationResult result;
  result.policy = cell.setup.policy.text();
  result.kind = cell.simulator->info.name;
  result.params = cell.setup.policy.params();
  result.offline = is_offline(*cell.simulator);
  result.size = cell.size;
  if (is_bounded(*cell.simulator)) {
    const PolicyCapacity& capacity = cell.capacity;
    (capacity.in_bytes ? result.capacity_bytes : result.capacity_objects) = capacity.limit;
  }
  return result;
}

// Threads take cells out of it.
class Grid {
 public:
  Grid(const InternedTrace& trace, std::vector<GridCell> cells, uint64_t memory_bytes,
       const std::atomic<bool>& stop)
      : trace_(trace),
        stop_(stop),
        cells_(std::move(cells)),
        results_(cells_.size()),
        waiting_(cells_.size()),
        free_bytes_(memory_bytes) {
    std::iota(waiting_.begin(), waiting_.end(), 0);
    // A policy that keeps more for each object has more to fetch, so it takes longer.
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [&](size_t a, size_t b) { return cells_[a].bytes > cells_[b].bytes; });
  }

  void work() {
    try {
      while (const auto cell = take()) {
        simulate(*cell);
        give_back(cells_[*cell].bytes);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      waiting_.clear();
      changed_.notify_all();
    }
  }

  std::vector<SimulationResult> finish() {
    if (failure_) std::rethrow_exception(failure_);
    std::vector<SimulationResult> done;
    for (auto& result : results_) {
      if (result) done.push_back(std::move(*result));
    }
    return done;
  }

 private:
  // The first that fits beside those under way; waits while none does.
  std::optional<size_t> take() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty() && !stop_) {
      const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](size_t cell) {
        return cells_[cell].bytes <= free_bytes_;
      });
      if (next != waiting_.end()) {
        const size_t cell = *next;
        waiting_.erase(next);
        free_bytes_ -= cells_[cell].bytes;
        return cell;
      }
      changed_.wait(lock);
    }
    return std::nullopt;
  }

  void give_back(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    free_bytes_ += bytes;
    changed_.notify_all();
  }

  void simulate(size_t index) {
    const GridCell& cell = cells_[index];
    SimulationResult result = describe(cell);
    const int64_t before = thread_cpu_ns();
    SimulationOutcome outcome = cell.simulator->run(trace_, cell.setup, stop_);
    result.counts = outcome.counts;
    result.series = std::move(outcome.series);
    result.cpu_ns = thread_cpu_ns() - before;
    result.simulated = trace_.summary().requests;
    if (!stop_) results_[index] = std::move(result);
  }

  const InternedTrace& trace_;
  const std::atomic<bool>& stop_;
  std::vector<GridCell> cells_;
  std::vector<std::optional<SimulationResult>> results_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<size_t> waiting_;
  uint64_t free_bytes_;
  std::exception_ptr failure_;
};

// No limit stays none.
PolicyCapacity scaled(PolicyCapacity capacity, double factor) {
  if (factor == 1 || capacity.limit == PolicyCapacity().limit) return capacity;
  const auto limit = std::llround(static_cast<double>(capacity.limit) * factor);
  capacity.limit = std::max<uint64_t>(1, static_cast<uint64_t>(limit));
  return capacity;
}

std::vector<GridCell> make_cells(const InternedTrace& trace, const std::vector<Spec>& policies,
                                 const std::vector<CacheSize>& sizes, const GridOptions& options) {
  std::vector<GridCell> cells;
  const SeriesWindow window = options.window.fit_to(trace, options.warmup_requests);
  const uint64_t unique_keys = scaled({trace.unique_keys()}, 1 / options.sample_rate).limit;
  const auto add = [&](const Spec& policy, const PolicyCapacity& capacity, std::string size) {
    const Simulator& simulator = require_simulator(policy.kind());
    SimulationSetup setup = {.policy = policy,
                             .capacity = scaled(capacity, options.sample_rate),
                             .seed = options.seed,
                             .fills_misses = options.fills_misses,
                             .warmup_requests = options.warmup_requests,
                             .window = window,
                             .origin_ns = options.origin_ns};
    const uint64_t bytes = simulator.bytes(setup, trace.unique_keys());
    cells.push_back({&simulator, std::move(setup), capacity, std::move(size), bytes});
  };
  for (const Spec& policy : policies) {
    if (!is_bounded(require_simulator(policy.kind()))) {
      add(policy, {}, "");
      continue;
    }
    for (const CacheSize& size : sizes) add(policy, size.resolve(unique_keys), size.text);
  }
  return cells;
}

}  // namespace

void check_policies(const std::vector<Spec>& policies) {
  for (const Spec& policy : policies) {
    const Simulator& simulator = require_simulator(policy.kind());
    std::vector<ParamInfo> params(simulator.info.params.begin(), simulator.info.params.end());
    params.push_back(kAdmissionParam);
    policy.require_known(params);
    // Reads the parameters.
    const PolicyCapacity any =
        is_bounded(simulator) ? PolicyCapacity{.limit = 1000} : PolicyCapacity{};
    simulator.bytes({.policy = policy, .capacity = any}, 0);
  }
}

bool needs_size(const std::vector<Spec>& policies) {
  return std::any_of(policies.begin(), policies.end(), [](const Spec& policy) {
    return is_bounded(require_simulator(policy.kind()));
  });
}

bool needs_the_future(const std::vector<Spec>& policies) {
  return std::any_of(policies.begin(), policies.end(), [](const Spec& policy) {
    return is_offline(require_simulator(policy.kind()));
  });
}

bool need_times(const std::vector<Spec>& policies) {
  return std::any_of(policies.begin(), policies.end(),
                     [](const Spec& policy) { return require_simulator(policy.kind()).sweeps; });
}

std::vector<SimulationResult> simulate_grid(const InternedTrace& trace,
                                            const std::vector<Spec>& policies,
                                            const std::vector<CacheSize>& sizes,
                                            const GridOptions& options,
                                            const std::atomic<bool>& stop) {
  std::vector<GridCell> cells = make_cells(trace, policies, sizes, options);
  const uint64_t taken = trace.bytes_in_memory();
  const uint64_t left = options.max_memory_bytes - std::min(options.max_memory_bytes, taken);
  for (const GridCell& cell : cells) {
    if (cell.bytes <= left) continue;
    throw Error::failed(fmt::format(
        "{} {} takes about {} beside the {} of the workload: raise --max-memory from {}, or give "
        "--limit",
        cell.setup.policy.text(), cell.size, format_size(cell.bytes), format_size(taken),
        format_size(options.max_memory_bytes)));
  }
  const size_t threads = std::min<size_t>(options.threads, cells.size());
  Grid grid(trace, std::move(cells), left, stop);
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back([&] { grid.work(); });
  grid.work();
  for (std::thread& thread : others) thread.join();
  return grid.finish();
}

}  // namespace cachegauge
