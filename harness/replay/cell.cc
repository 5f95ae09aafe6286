#include "harness/replay/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/metrics.h"
#include "harness/core/placement.h"
#include "harness/replay/cell_classes.h"
#include "harness/replay/cell_origin.h"
#include "harness/replay/cell_reading.h"
#include "harness/replay/cell_threads.h"
#include "harness/replay/cell_writes.h"
#include "harness/replay/client_load.h"
#include "harness/replay/faults/cell_faults.h"
#include "harness/replay/memory_sampler.h"
#include "harness/replay/process_memory.h"
#include "harness/replay/self_kill.h"

namespace cachegauge {
namespace {

class Cell {
 public:
  Cell(const CellPlan& plan, CellControl& control)
      : plan_(plan), control_(control), threads_(plan, control) {
    AdapterSettings settings = plan.adapter_settings;
    settings.threads = plan.driver.threads;
    settings.timeout_ns = plan.driver.timeout_ns;
    settings.seed = plan.driver.seed;
    adapter_ = plan.make_adapter(settings);
    if (plan.started_origin) {
      origin_ = CellOrigin(*plan.started_origin);
    } else if (plan.make_origin) {
      origin_ = CellOrigin(plan.make_origin());
    }
    writes_.emplace(plan);
    faults_.emplace(plan.faults, *adapter_, origin_.get());
    if (!plan.classes.empty()) {
      classes_.emplace(plan.classes, adapter_->shares_keyspace() ? plan.key_prefix.size() : 0);
    }
    if (plan.guard.empty()) return;
    for (uint32_t i = make_guard(plan.guard).lock_servers().count; i > 0; --i) {
      lock_servers_.push_back(plan.make_lock_server());
    }
  }

  RunResult run(const CellHooks& hooks);
  uint64_t clean();

 private:
  void open_threads();
  void store_rows();
  RunResult measure(std::optional<double> ns_per_unit, int64_t duration_ns);
  RunResult search_capacity();
  RunResult trial(std::optional<double> rate, int64_t duration_ns);
  void begin_series(int64_t start_ns);
  // What the series does not have from the threads: memory, and the verdict on the hit ratio.
  void finish_series(const CellReading& before, const Series& samples, RunResult& result);
  void settle_writes();
  void clean_up(const CellHooks& hooks);
  void stop_and_weigh();
  void note_unmeasured();
  void judge_client(bool open_loop, RunResult& result);
  void check_accounting();

  const CellPlan& plan_;
  CellControl& control_;
  std::unique_ptr<Adapter> adapter_;
  CellOrigin origin_;
  std::vector<std::unique_ptr<Adapter>> lock_servers_;  // of the guard
  std::optional<CellFaults> faults_;
  std::optional<KeyClasses> classes_;
  OriginGauge gauge_;
  std::optional<CellWrites> writes_;
  CellThreads threads_;
  RunResult result_;
};

// Threads that sessions start for themselves may use all of the client's CPUs. The server was there
// before, so that it does not inherit them.
void Cell::open_threads() {
  if (!plan_.driver.log.empty()) begin_request_log(plan_.driver.log);
  if (const auto& cpus = plan_.driver.client_cpus; !cpus.empty()) pin_this_thread(cpus);
  const std::string prefix = adapter_->shares_keyspace() ? plan_.key_prefix : "";
  for (uint32_t i = 0; i < plan_.driver.threads; ++i) {
    threads_.add(std::make_unique<ReplayThread>(
        plan_, *adapter_, origin_.get(), prefix, lock_servers_, faults_->clock(),
        classes_ ? &*classes_ : nullptr, gauge_, writes_->log(), control_, i));
  }
}

void Cell::store_rows() {
  if (!origin_.holds_rows()) return;
  control_.preloaded = 0;
  origin_.store_rows([this] { threads_.on_all([](ReplayThread& t) { t.store_rows(); }); });
  threads_.count_progress(plan_.summary->requests);
}

// A measured phase of its own: a closed loop without a rate.
RunResult Cell::trial(std::optional<double> rate, int64_t duration_ns) {
  if (rate) threads_.skip_to_one_arrival();
  return measure(rate ? std::optional(1e9 / *rate) : std::nullopt, duration_ns);
}

// The figures are those of the last trial at the rate that was found, or of the last trial at all.
RunResult Cell::search_capacity() {
  constexpr int64_t kProbeNs = 1'000'000'000, kTrialNs = 2'000'000'000;
  constexpr double kFirstStep = 1.0 / 16;  // of what a closed loop reaches
  const Slo& slo = plan_.driver.slo;
  const int64_t wanted_ns = plan_.driver.duration_ns > 0 ? plan_.driver.duration_ns : kTrialNs;
  for (auto& thread : threads_) thread->repeat_workload();
  RunResult best = trial(std::nullopt, kProbeNs);
  const double closed_rps = derive_metrics(best).throughput_rps.value_or(0);
  CapacitySearch search(std::max(1.0, closed_rps * kFirstStep));
  bool any_held = false;
  for (auto rate = search.next_rate(); rate && !control_.stop.load(); rate = search.next_rate()) {
    RunResult result = trial(*rate, trial_duration_ns(slo, *rate, wanted_ns));
    if (control_.stop.load()) {  // cut short, it says nothing of the rate
      if (!any_held) best = std::move(result);
      break;
    }
    const CapacityTrial judged = judge_trial(slo, *rate, result);
    search.note(judged);
    if (search.is_best(judged) || !any_held) best = std::move(result);
    any_held |= judged.held;
  }
  best.capacity = search.result();
  best.capacity->slo = slo.text;
  return best;
}

// An open loop if the time between two units of its schedule is given; `duration_ns` 0: until the
// workload ends.
RunResult Cell::measure(std::optional<double> ns_per_unit, int64_t duration_ns) {
  RunResult result;
  const CellReading before = read_cell(*adapter_, origin_);
  Phase phase;
  phase.measured = true;
  phase.start_ns = before.time_ns;
  if (ns_per_unit) phase.schedule = threads_.schedule(UINT64_MAX, *ns_per_unit);
  if (duration_ns > 0 && phase.schedule) {
    phase.schedule->end_ns = phase.schedule->start_ns + duration_ns;
  } else if (duration_ns > 0) {
    phase.deadline_ns = before.time_ns + duration_ns;
  }
  gauge_.peak = 0;  // of the warm-up
  // Faults in virtual time, and the series that shows them, go by the virtual clock.
  const bool by_virtual_clock = plan_.driver.virtual_time && faults_->clock();
  const int64_t series_start_ns = by_virtual_clock ? threads_.first().now_ns() : before.time_ns;
  begin_series(series_start_ns);
  faults_->begin(series_start_ns);
  std::optional<MemorySampler> sampler;
  if (!adapter_->capabilities().in_process) {
    sampler.emplace(*adapter_, before.time_ns, plan_.driver.interval_ns);
  }
  std::optional<SelfKill> self_kill;
  if (plan_.driver.kill_at_ns > 0)
    self_kill.emplace(before.time_ns, plan_.driver.kill_at_ns, control_);
  threads_.on_all([&](ReplayThread& t) {
    t.replay(phase);
    t.recorder().result.client_cpus = allowed_cpus();
  });
  self_kill.reset();
  const int64_t end_ns = monotonic_ns();
  const CpuUse cpu = cpu_use();
  faults_->stop();
  const Series samples = sampler ? sampler->stop() : Series();

  for (auto& thread : threads_) {
    RunResult& part = thread->recorder().result;
    part.counters.unique_keys = thread->unique_keys();
    part.counters.skipped_rows = thread->skipped_rows();
    result.merge(part);
  }
  if (!plan_.guard.empty() && !result.guard) result.guard.emplace();
  if (classes_) merge_classes(result.classes, classes_->figures());
  if (writes_->log()) result.pattern = pattern_of(result);
  if (plan_.layers.any()) {
    if (!result.layers) result.layers.emplace();
    result.layers->keys_in_collisions = plan_.layers.keys_in_collisions;
  }
  Histogram& gets = result.timing(Timing::kResponseGet);  // so far the failed ones alone
  gets.merge(result.timing(Timing::kResponseGetHit));
  gets.merge(result.timing(Timing::kResponseGetMiss));
  result.duration_ns = end_ns - before.time_ns;
  if (by_virtual_clock) {
    result.virtual_ns = std::max<int64_t>(1, threads_.first().now_ns() - series_start_ns);
  }
  result.client_user_ns = cpu.user_ns - before.user_ns;
  result.client_system_ns = cpu.system_ns - before.system_ns;
  result.counters.origin_peak_concurrency = gauge_.peak.load();

  describe_adapter(*adapter_, before, result);
  origin_.describe(before.origin, result);
  finish_series(before, samples, result);
  faults_->tell(result);
  judge_client(ns_per_unit.has_value(), result);
  return result;
}

void Cell::begin_series(int64_t start_ns) {
  const bool in_process = adapter_->capabilities().in_process;
  const uint64_t place = threads_.next_index().value_or(plan_.driver.warmup_requests);
  for (auto& thread : threads_) {
    thread->recorder().result = RunResult();
    SeriesRecorder::AskMemory ask_memory;
    if (in_process && thread.get() == &threads_.first()) {
      ask_memory = [this] { return adapter_->bytes_used_now(); };
    }
    thread->recorder().series.begin(start_ns, plan_.driver.interval_ns, place,
                                    std::move(ask_memory));
  }
}

void Cell::finish_series(const CellReading& before, const Series& samples, RunResult& result) {
  Series& series = result.series;
  series.merge(samples);
  result.bytes_used_before = before.adapter.bytes_used;
  MemorySample& first = series.at(0).memory;
  if (!first.taken && before.adapter.bytes_used) {
    first = {.taken = true, .bytes_used = before.adapter.bytes_used};
  }
  series.at(result.series_span_ns()).memory = {.taken = true,
                                               .bytes_used = result.adapter.bytes_used};
  if (still_warming(result.hit_history)) result.flags.push_back("still_warming");
}

void Cell::note_unmeasured() {
  Counters outside;
  for (auto& thread : threads_) outside.merge(thread->recorder().outside());
  if (outside.errors == 0 && outside.rejected == 0) return;
  result_.warnings.push_back(fmt::format(
      "before the measured interval (preload, warm-up) {} commands failed and {} were rejected",
      outside.errors, outside.rejected));
}

void Cell::settle_writes() {
  if (!writes_->log() || control_.stop.load()) return;
  threads_.on_all([](ReplayThread& t) { t.settle_writes(); });
  std::vector<HeldVersions> held;
  for (const auto& thread : threads_) {
    held.insert(held.end(), thread->held().begin(), thread->held().end());
  }
  if (!result_.pattern) result_.pattern.emplace();
  writes_->judge(held, *result_.pattern);
  if (classes_) writes_->judge(held, *classes_, result_.classes);
}

void Cell::clean_up(const CellHooks& hooks) {
  if (!adapter_->shares_keyspace()) return;
  threads_.on_all([](ReplayThread& t) { t.clean_up(); });
  if (const std::string reason = threads_.failure(); reason.empty()) {
    hooks.after_cleanup();
  } else {
    result_.warnings.push_back("the keys of this run could not be removed from the server: " +
                               reason);
  }
}

void Cell::judge_client(bool open_loop, RunResult& result) {
  if (plan_.driver.virtual_time) return;
  ClientLoad load;
  load.open_loop = open_loop;
  load.in_process = adapter_->capabilities().in_process;
  for (const auto& thread : threads_) {
    load.busiest_thread_ns = std::max(load.busiest_thread_ns, thread->cpu_ns());
  }
  mark_client_bound(load, result);
  warn_of_hidden_stalls(load, result);
}

void Cell::check_accounting() {
  const Counters& c = result_.counters;
  // Who waited under a guard is answered with a value that is checked, too, and is no hit.
  const uint64_t most_checked = plan_.guard.empty() ? c.hits : c.gets;
  if (c.hits + c.misses + c.get_errors != c.gets ||
      c.corrupt + c.stale + c.unverifiable > most_checked ||
      result_.series.total() != series_counts(c) || !classes_add_up(result_)) {
    throw Error::failed("the counts of a cell do not add up: this is a bug in cachegauge");
  }
}

RunResult Cell::run(const CellHooks& hooks) {
  const DriverOptions& driver = plan_.driver;
  std::optional<double> ns_per_unit;  // the search for the capacity sets it by itself
  if (driver.open.arrivals != Arrivals::kNone && !driver.slo.is_set()) {
    ns_per_unit = driver.open.ns_per_unit();
  }
  adapter_->start();
  for (const auto& server : lock_servers_) server->start();
  origin_.start();
  if (adapter_->shares_keyspace()) hooks.before_first_key();
  open_threads();
  const uint64_t requests = plan_.summary->requests;
  const int passes = 1 + driver.preload + origin_.holds_rows();
  control_.total = requests * threads_.size() * static_cast<uint64_t>(passes);
  try {
    if (driver.preload) {
      threads_.on_all([](ReplayThread& t) { t.preload(); });
      threads_.count_progress(requests);
    }
    store_rows();  // of the versions that the cache was filled with
    if (driver.warmup_requests > 0) {
      Phase phase;
      phase.end_index = driver.warmup_requests;
      if (ns_per_unit) phase.schedule = threads_.schedule(phase.end_index, *ns_per_unit);
      threads_.on_all([&](ReplayThread& t) { t.replay(phase); });
    }
    if (driver.slo.is_set()) {
      result_ = search_capacity();
    } else {
      result_ = measure(ns_per_unit, driver.duration_ns);
    }
    note_unmeasured();
    result_.failure = threads_.failure();
    settle_writes();
  } catch (const Error&) {
    clean_up(hooks);
    throw;
  }
  result_.interrupted = control_.stop.load();
  clean_up(hooks);
  for (std::string& warning : adapter_->take_warnings()) {
    result_.warnings.push_back(std::move(warning));
  }
  stop_and_weigh();
  threads_.clear();
  origin_.stop(result_.warnings);
  drop_empty_other(result_.classes);
  check_accounting();
  return std::move(result_);
}

// What a cache in this process held of its memory is what it and its sessions give back.
void Cell::stop_and_weigh() {
  const bool weighs = adapter_->capabilities().is_library;
  const auto with_cache = weighs ? resident_bytes_in_use() : std::nullopt;
  for (const auto& thread : threads_) thread->close_sessions();
  for (const auto& server : lock_servers_) server->stop();
  adapter_->stop();
  const auto without = weighs ? resident_bytes_in_use() : std::nullopt;
  if (!with_cache || !without) return;
  result_.adapter.rss_bytes = *with_cache - std::min(*with_cache, *without);
  result_.adapter.memory_source +=
      "; rss_bytes: what the cell's process gave back when the cache was freed";
}

uint64_t Cell::clean() {
  adapter_->start();
  open_threads();
  threads_.on_all([](ReplayThread& t) {
    t.read_all_keys();
    t.clean_up();
  });
  if (const std::string reason = threads_.failure(); !reason.empty()) throw Error::failed(reason);
  uint64_t deleted = 0;
  for (const auto& thread : threads_) deleted += thread->keys_deleted();
  return deleted;
}

}  // namespace

RunResult run_cell(const CellPlan& plan, CellControl& control, const CellHooks& hooks) {
  return Cell(plan, control).run(hooks);
}

uint64_t clean_cell(const CellPlan& plan, CellControl& control) {
  return Cell(plan, control).clean();
}

}  // namespace cachegauge
