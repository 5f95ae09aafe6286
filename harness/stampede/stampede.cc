#include "harness/stampede/stampede.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/event_loop.h"
#include "harness/core/restartable.h"
#include "harness/core/shared_memory.h"
#include "harness/core/virtual_scheduler.h"
#include "harness/replay/forked_task.h"
#include "harness/stampede/event_log.h"
#include "harness/stampede/model_cache.h"

namespace cachegauge {
namespace {

constexpr uint32_t kConnections = 50;  // of all processes, in real time
constexpr uint32_t kLeastConnections = 2;
constexpr int64_t kLeadNs = 5'000'000;

void judge_lag(StampedeResult& result) {
  constexpr int64_t kMostLagNs = 2'000'000;
  const int64_t lag_ns = result.counts.lag_ns.percentile(0.99);
  if (lag_ns <= kMostLagNs) return;
  result.flags.push_back("generator_late");
  result.warnings.push_back(fmt::format(
      "invalid: 1 request in 100 was started {:.1f} ms late or more, so arrivals came in bursts "
      "that the schedule does not have; give a lower --rate, or the machine for itself",
      static_cast<double>(lag_ns) / 1e6));
}

// The share by which an open loop may miss its schedule is 1 %, or what chance does to as many
// Poisson arrivals.
void judge_generator(const StampedePlan& plan, StampedeResult& result) {
  if (plan.load.clients > 0 || plan.virtual_time) return;
  judge_lag(result);
  if (plan.load.recorded) return;
  const StampedeCounts& counts = result.counts;
  const double chance = 3 / std::sqrt(static_cast<double>(std::max<uint64_t>(1, counts.started)));
  const double off = std::abs(achieved_rate(counts) / plan.load.rate - 1);
  if (off > std::max(0.01, plan.load.poisson ? chance : 0)) {
    result.flags.push_back("rate_missed");
    result.warnings.push_back(fmt::format(
        "invalid: {:.1f} requests a second were started where {:.1f} were asked for, so the counts "
        "stand for another load; give a lower --rate",
        achieved_rate(counts), plan.load.rate));
  }
}

void judge_cache(const StampedePlan& plan, StampedeResult& result) {
  if (result.counts.cache_errors == 0 || plan.timetable.breaks_cache) return;
  result.flags.push_back("cache_errors");
  result.warnings.push_back(
      fmt::format("{} commands failed at the cache, and counted as misses: what they sent to the "
                  "origin is not the guard's doing",
                  result.counts.cache_errors));
}

void judge_length(const StampedePlan& plan, StampedeResult& result) {
  const size_t seen = result.counts.episodes.size();
  if (plan.timetable.round_ns > 0 || plan.load.recorded) return;
  if (seen >= plan.episodes || result.interrupted) return;
  result.flags.push_back("cut_short");
  result.warnings.push_back(fmt::format(
      "{} of {} episodes were seen within {:.0f} s: with a longer --ttl or a lower --rate than the "
      "origin can serve, the key may never come to rest",
      seen, plan.episodes, static_cast<double>(plan.limit_ns) / 1e9));
}

void judge_recovery(const StampedePlan& plan, StampedeResult& result) {
  if (plan.timetable.round_ns == 0 || result.interrupted) return;
  const StampedeRecovery recovery = recovery_of(result.counts.series);
  if (!recovery.baseline_hit_ratio || recovery.hit_ratio_ms) return;
  result.flags.push_back("not_recovered");
  result.warnings.push_back(fmt::format(
      "the hit ratio was not back where it had been before the next round: rounds bear on each "
      "other; give a --ttl longer than {:.0f} s, or a lower --rate",
      static_cast<double>(plan.ttl_ns) / 1e9));
}

class Stampede {
 public:
  Stampede(const StampedePlan& plan, const std::atomic<bool>& stop);
  StampedeResult run();

 private:
  std::unique_ptr<Adapter> model_lock_server(uint32_t number) const;
  DriverPlan driver_plan() const;
  std::vector<GuardedKey> make_keys() const;
  bool is_over(int64_t now_ns, int64_t start_ns) const;
  int64_t idle_ns() const;
  void run_here(Scheduler& scheduler, EventLoop* loop);
  void run_forked();
  void clean_up();

  const StampedePlan& plan_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Adapter> adapter_;
  std::vector<std::unique_ptr<Adapter>> lock_servers_;
  const std::unique_ptr<Origin> origin_;
  EpisodeBook book_;
};

Stampede::Stampede(const StampedePlan& plan, const std::atomic<bool>& stop)
    : plan_(plan),
      stop_(stop),
      adapter_(plan.make_adapter(plan.adapter_settings)),
      origin_(plan.make_origin()),
      book_({.keys = plan.timetable.keys,
             .settle_ns = plan.ttl_ns / 4,
             .before_ns = plan.timetable.before_ns,
             .after_ns = plan.timetable.after_ns,
             .is_watched = plan.timetable.round_ns > 0}) {
  for (uint32_t i = make_guard(plan.guard).lock_servers().count; i > 0; --i) {
    lock_servers_.push_back(plan.virtual_time ? model_lock_server(i) : plan.make_lock_server());
  }
  if (!plan.virtual_time) return;
  adapter_ =
      make_model_cache(adapter_->spec(), adapter_->capabilities(), plan.round_trip_ns, plan.seed);
}

std::unique_ptr<Adapter> Stampede::model_lock_server(uint32_t number) const {
  Capabilities like;
  like.commands |= command_bit(CommandKind::kCompareAndDelete);
  return make_model_cache(Spec("redis"), like, plan_.round_trip_ns, plan_.seed + number);
}

DriverPlan Stampede::driver_plan() const {
  DriverPlan driver;
  driver.load = plan_.load;
  driver.timetable = plan_.timetable;
  driver.rounds = plan_.timetable.round_ns > 0 ? plan_.episodes : 0;
  driver.origin_ns = plan_.origin_ns;
  driver.restart = [this](int64_t down_ns, int64_t now_ns) {
    dynamic_cast<Restartable&>(*adapter_).restart(down_ns, now_ns);
  };
  driver.guard = plan_.guard;
  driver.fault = plan_.fault;
  driver.ttl_ns = plan_.ttl_ns;
  driver.seed = plan_.seed;
  driver.timeout_ns = plan_.adapter_settings.timeout_ns;
  driver.lock_servers = lock_servers_;
  driver.keys = make_keys();
  driver.processes = plan_.processes;
  driver.connections = plan_.virtual_time || adapter_->capabilities().in_process ? 1 : kConnections;
  return driver;
}

// Those of a trace are named by their rank: what they are called there a cache may not take.
std::vector<GuardedKey> Stampede::make_keys() const {
  const std::string first = (adapter_->shares_keyspace() ? plan_.key_prefix : "") + "hot";
  std::vector<GuardedKey> keys = {make_guarded_key(first)};
  for (uint32_t i = 1; i < plan_.timetable.keys; ++i) {
    keys.push_back(make_guarded_key(fmt::format("{}:{}", first, i + 1)));
  }
  return keys;
}

// By the clock alone.
bool Stampede::is_over(int64_t now_ns, int64_t start_ns) const {
  const int64_t round_ns = plan_.timetable.round_ns;
  const auto rounds = static_cast<int64_t>(plan_.episodes);
  return now_ns - start_ns >= (round_ns > 0 ? rounds * round_ns : plan_.limit_ns);
}

// All processes on one scheduler.
void Stampede::run_here(Scheduler& scheduler, EventLoop* loop) {
  DriverPlan driver = driver_plan();
  std::vector<std::atomic<uint32_t>> struck(driver.keys.size());
  driver.struck = struck;
  const int64_t start_ns = scheduler.now_ns() + (loop ? kLeadNs : 0);
  const bool counts_episodes = plan_.timetable.round_ns == 0;
  driver.finished = [&, counts_episodes, start_ns] {
    return (counts_episodes && book_.counts().episodes.size() >= plan_.episodes) ||
           stop_.load(std::memory_order_relaxed) || is_over(scheduler.now_ns(), start_ns);
  };
  StampedeDriver running(driver, scheduler, loop, *adapter_, *origin_, book_);
  running.run(start_ns);
}

// What forked processes share: how many times keys were filled anew, all calls of one episode taken
// together, whose loads went wrong since then, and whether all is to end.
struct SharedProgress {
  std::array<std::atomic<int64_t>, kMostHotKeys> last_fill_ns{};
  std::array<std::atomic<uint32_t>, kMostHotKeys> struck{};
  std::atomic<uint64_t> cycles{0};
  std::atomic<bool> stop{false};

  void note_fill(uint32_t key, int64_t now_ns, int64_t ttl_ns) {
    if (key >= kMostHotKeys) return;
    int64_t last_ns = last_fill_ns[key].load();
    if (now_ns - last_ns > ttl_ns / 2 &&
        last_fill_ns[key].compare_exchange_strong(last_ns, now_ns)) {
      ++cycles;
    }
  }
};

// Hears of fills on their way to the log.
class ProgressLog final : public StampedeLog {
 public:
  ProgressLog(SharedProgress& progress, int64_t ttl_ns) : progress_(progress), ttl_ns_(ttl_ns) {}
  void note(GuardEvent event, uint32_t key, int64_t now_ns, int64_t detail) override {
    if (event == GuardEvent::kFilled) progress_.note_fill(key, now_ns, ttl_ns_);
    log.note(event, key, now_ns, detail);
  }
  void started(int64_t intended_ns, int64_t now_ns) override { log.started(intended_ns, now_ns); }
  void answered(uint32_t key, int64_t intended_ns, int64_t now_ns, Served served,
                bool missed) override {
    log.answered(key, intended_ns, now_ns, served, missed);
  }
  void watched(int64_t zero_ns, int64_t now_ns) override { log.watched(zero_ns, now_ns); }
  EventLog log;

 private:
  SharedProgress& progress_;
  const int64_t ttl_ns_;
};

void Stampede::run_forked() {
  if (plan_.fault && plan_.timetable.keys > kMostHotKeys) {
    throw Error::usage(fmt::format("--fault over several processes takes up to {} keys, not {}",
                                   kMostHotKeys, plan_.timetable.keys));
  }
  SharedMemory<SharedProgress> progress;
  // By then all are there and connected.
  const int64_t start_ns = monotonic_ns() + kLeadNs + kLeadNs * plan_.processes;
  std::vector<ForkedTask> tasks;
  for (uint32_t i = 0; i < plan_.processes; ++i) {
    DriverPlan driver = driver_plan();
    driver.first_process = driver.driver = i;
    driver.drivers = plan_.processes;
    driver.processes = 1;
    driver.struck = progress->struck;
    driver.connections = std::max(kLeastConnections, kConnections / plan_.processes);
    driver.load.rate /= plan_.processes;
    const uint32_t rest = plan_.load.clients % plan_.processes;
    driver.load.clients = plan_.load.clients / plan_.processes + (i < rest ? 1 : 0);
    // Cold starts are as many more, and a last one may be under way when the others end.
    const uint64_t most_cycles = plan_.timetable.round_ns > 0 || plan_.load.recorded
                                     ? UINT64_MAX
                                     : plan_.episodes + plan_.timetable.keys;
    driver.finished = [&, most_cycles] {
      return progress->cycles > most_cycles || progress->stop || is_over(monotonic_ns(), start_ns);
    };
    tasks.emplace_back([&, driver] {
      ProgressLog log(*progress, plan_.ttl_ns);
      EventLoop loop;
      StampedeDriver running(driver, loop, &loop, *adapter_, *origin_, log);
      running.run(start_ns);
      return log.log.bytes();
    });
  }
  EventLog all;
  for (ForkedTask& task : tasks) {
    const ForkedTask::Outcome outcome = task.finish([&] { progress->stop = stop_.load(); });
    if (!outcome.death.empty()) throw Error::failed("a process of the stampede " + outcome.death);
    all.add(outcome.text);
  }
  all.read_to(book_);
}

// Between the first and the last request.
int64_t Stampede::idle_ns() const {
  const StampedeCounts& counts = book_.counts();
  if (plan_.timetable.idle_ns == 0 || counts.started == 0) return 0;
  return (counts.last_start_ns - counts.first_start_ns) / plan_.timetable.round_ns *
         plan_.timetable.idle_ns;
}

void Stampede::clean_up() {
  EventLoop loop;
  DriverPlan driver = driver_plan();
  driver.fault.reset();
  StampedeDriver(driver, loop, &loop, *adapter_, *origin_, book_).clean_up();
}

StampedeResult Stampede::run() {
  adapter_->start();
  for (const auto& server : lock_servers_) server->start();
  if (plan_.virtual_time) {
    VirtualScheduler scheduler;
    run_here(scheduler, nullptr);
  } else if (plan_.processes == 1) {
    EventLoop loop;
    run_here(loop, &loop);
  } else {
    run_forked();
  }
  if (adapter_->shares_keyspace()) clean_up();
  StampedeResult result;
  const int64_t idle_ns = this->idle_ns();
  result.counts = book_.take();
  result.counts.idle_ns = idle_ns;
  result.interrupted = stop_.load();
  result.adapter_version = adapter_->version();
  result.warnings = adapter_->take_warnings();
  judge_generator(plan_, result);
  judge_cache(plan_, result);
  judge_recovery(plan_, result);
  judge_length(plan_, result);
  adapter_->stop();
  for (const auto& server : lock_servers_) server->stop();
  return result;
}

}  // namespace

StampedeResult run_stampede(const StampedePlan& plan, const std::atomic<bool>& stop) {
  return Stampede(plan, stop).run();
}

}  // namespace cachegauge
