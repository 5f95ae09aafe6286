#include "harness/replay/cell.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/replay/memory_sampler.h"
#include "harness/replay/replay_thread.h"

namespace cachegauge {
namespace {

int64_t to_ns(const timeval& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_usec * 1000; }

// Cumulative figures at one moment; the measured interval lies between two of them.
struct Reading {
  int64_t time_ns;
  int64_t user_ns;
  int64_t system_ns;
  AdapterState adapter;
};

template <class T>
std::optional<T> difference(const std::optional<T>& after, const std::optional<T>& before) {
  if (!after || !before || *after < *before) return std::nullopt;
  return *after - *before;
}

class Cell {
 public:
  Cell(const CellPlan& plan, CellControl& control) : plan_(plan), control_(control) {
    AdapterSettings settings = plan.adapter_settings;
    settings.threads = plan.driver.threads;
    settings.timeout_ns = plan.driver.timeout_ns;
    settings.seed = plan.driver.seed;
    adapter_ = plan.make_adapter(settings);
    if (plan.make_origin) origin_ = plan.make_origin();
  }

  RunResult run(const CellHooks& hooks);
  uint64_t clean();

 private:
  void open_threads();
  // Runs `work` for every thread, side by side, and throws the first failure once all are done.
  void on_all_threads(const std::function<void(ReplayThread&)>& work);
  void count_progress(uint64_t phase_requests);
  Reading read();
  void measure();
  void begin_series(int64_t start_ns);
  // What the series does not have from the threads: memory, and the verdict on the hit ratio.
  void finish_series(const Reading& before, const Series& samples);
  void clean_up(const CellHooks& hooks);
  void note_unmeasured();
  void check_accounting();
  std::string failure() const;

  const CellPlan& plan_;
  CellControl& control_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Origin> origin_;
  OriginGauge gauge_;
  std::vector<std::unique_ptr<ReplayThread>> threads_;
  RunResult result_;
};

void Cell::open_threads() {
  const std::string prefix = adapter_->shares_keyspace() ? plan_.key_prefix : "";
  for (uint32_t i = 0; i < plan_.driver.threads; ++i) {
    threads_.push_back(std::make_unique<ReplayThread>(plan_, *adapter_, origin_.get(), prefix,
                                                      gauge_, control_, i));
  }
}

void Cell::on_all_threads(const std::function<void(ReplayThread&)>& work) {
  if (threads_.size() == 1) {
    work(*threads_[0]);
    return;
  }
  std::vector<std::exception_ptr> failures(threads_.size());
  std::vector<std::thread> running;
  for (size_t i = 0; i < threads_.size(); ++i) {
    running.emplace_back([&, i] {
      try {
        work(*threads_[i]);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  for (const auto& error : failures) {
    if (error) std::rethrow_exception(error);
  }
}

void Cell::count_progress(uint64_t phase_requests) {
  control_.base.fetch_add(phase_requests * threads_.size(), std::memory_order_relaxed);
  for (auto& done : control_.done) done.store(0, std::memory_order_relaxed);
}

Reading Cell::read() {
  Reading reading{};
  reading.adapter = adapter_->state();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  reading.user_ns = to_ns(usage.ru_utime);
  reading.system_ns = to_ns(usage.ru_stime);
  reading.time_ns = monotonic_ns();
  return reading;
}

void Cell::measure() {
  const DriverOptions& driver = plan_.driver;
  const Reading before = read();
  const int64_t deadline_ns =
      driver.duration_ns > 0 ? before.time_ns + driver.duration_ns : INT64_MAX;
  gauge_.peak = 0;  // of the warm-up
  begin_series(before.time_ns);
  std::optional<MemorySampler> sampler;
  if (!adapter_->capabilities().in_process) {
    sampler.emplace(*adapter_, before.time_ns, driver.interval_ns);
  }
  on_all_threads([&](ReplayThread& t) { t.replay(UINT64_MAX, deadline_ns, true); });
  const int64_t end_ns = monotonic_ns();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const Series samples = sampler ? sampler->stop() : Series();

  for (auto& thread : threads_) {
    RunResult& part = thread->recorder().result;
    part.counters.unique_keys = thread->unique_keys();
    part.counters.skipped_rows = thread->skipped_rows();
    result_.merge(part);
  }
  Histogram& gets = result_.timing(Timing::kResponseGet);  // so far the failed ones alone
  gets.merge(result_.timing(Timing::kResponseGetHit));
  gets.merge(result_.timing(Timing::kResponseGetMiss));
  result_.duration_ns = end_ns - before.time_ns;
  result_.client_user_ns = to_ns(usage.ru_utime) - before.user_ns;
  result_.client_system_ns = to_ns(usage.ru_stime) - before.system_ns;
  result_.counters.origin_peak_concurrency = gauge_.peak.load();

  result_.adapter_version = adapter_->version();
  result_.adapter_settings = adapter_->settings();
  try {
    const AdapterState after = adapter_->state();
    result_.adapter = after;
    result_.adapter.evictions = difference(after.evictions, before.adapter.evictions);
    result_.adapter.expirations = difference(after.expirations, before.adapter.expirations);
    result_.adapter.server_cpu_ns = difference(after.server_cpu_ns, before.adapter.server_cpu_ns);
  } catch (const Error& error) {
    result_.warnings.push_back(
        fmt::format("the backend's figures could not be read at the end: {}", error.what()));
  }
  finish_series(before, samples);
}

void Cell::begin_series(int64_t start_ns) {
  const bool in_process = adapter_->capabilities().in_process;
  for (auto& thread : threads_) {
    SeriesRecorder::AskMemory ask_memory;
    if (in_process && thread == threads_.front()) {
      ask_memory = [this] { return adapter_->bytes_used_now(); };
    }
    thread->recorder().series.begin(start_ns, plan_.driver.interval_ns,
                                    plan_.driver.warmup_requests, std::move(ask_memory));
  }
}

void Cell::finish_series(const Reading& before, const Series& samples) {
  Series& series = result_.series;
  series.merge(samples);
  MemorySample& first = series.at(0).memory;
  if (!first.taken && before.adapter.bytes_used) {
    first = {.taken = true, .bytes_used = before.adapter.bytes_used};
  }
  series.at(result_.duration_ns).memory = {.taken = true, .bytes_used = result_.adapter.bytes_used};
  if (still_warming(result_.hit_history)) result_.flags.push_back("still_warming");
}

std::string Cell::failure() const {
  for (const auto& thread : threads_) {
    if (!thread->failure().empty()) return thread->failure();
  }
  return {};
}

void Cell::note_unmeasured() {
  Counters outside;
  for (auto& thread : threads_) outside.merge(thread->recorder().outside);
  if (outside.errors == 0 && outside.rejected == 0) return;
  result_.warnings.push_back(fmt::format(
      "before the measured interval (preload, warm-up) {} commands failed and {} were rejected",
      outside.errors, outside.rejected));
}

void Cell::clean_up(const CellHooks& hooks) {
  if (!adapter_->shares_keyspace()) return;
  on_all_threads([](ReplayThread& t) { t.clean_up(); });
  if (const std::string reason = failure(); reason.empty()) {
    hooks.after_cleanup();
  } else {
    result_.warnings.push_back("the keys of this run could not be removed from the server: " +
                               reason);
  }
}

void Cell::check_accounting() {
  const Counters& c = result_.counters;
  if (c.hits + c.misses + c.get_errors != c.gets || c.corrupt + c.stale + c.unverifiable > c.hits ||
      result_.series.total() != series_counts(c)) {
    throw Error::failed("the counts of a cell do not add up: this is a bug in cachegauge");
  }
}

RunResult Cell::run(const CellHooks& hooks) {
  const DriverOptions& driver = plan_.driver;
  adapter_->start();
  if (adapter_->shares_keyspace()) hooks.before_first_key();
  open_threads();
  const uint64_t requests = plan_.summary->requests;
  control_.total = requests * threads_.size() * (driver.preload ? 2 : 1);
  try {
    if (driver.preload) {
      on_all_threads([](ReplayThread& t) { t.preload(); });
      count_progress(requests);
    }
    if (driver.warmup_requests > 0) {
      on_all_threads([&](ReplayThread& t) { t.replay(driver.warmup_requests, INT64_MAX, false); });
    }
    note_unmeasured();
    measure();
    result_.failure = failure();
  } catch (const Error&) {
    clean_up(hooks);
    throw;
  }
  result_.interrupted = control_.stop.load();
  clean_up(hooks);
  for (std::string& warning : adapter_->take_warnings()) {
    result_.warnings.push_back(std::move(warning));
  }
  threads_.clear();
  adapter_->stop();
  check_accounting();
  return std::move(result_);
}

uint64_t Cell::clean() {
  adapter_->start();
  open_threads();
  on_all_threads([](ReplayThread& t) {
    t.read_all_keys();
    t.clean_up();
  });
  if (const std::string reason = failure(); !reason.empty()) throw Error::failed(reason);
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
