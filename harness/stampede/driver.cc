#include "harness/stampede/driver.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cachegauge {
namespace {

constexpr int kStartedAtOnce = 64;                // then the network has its turn
constexpr int64_t kLongestSleepNs = 100'000'000;  // so that an end is seen

// Purposes of random streams.
constexpr uint64_t kArrivalDraws = uint64_t{3} << 32;
constexpr uint64_t kProcessDraws = uint64_t{4} << 32;

SessionPool::Options pool_options(bool immediate, uint32_t depth, int64_t timeout_ns) {
  return {.immediate = immediate, .depth = depth, .timeout_ns = timeout_ns};
}

}  // namespace

StampedeDriver::StampedeDriver(const DriverPlan& plan, Scheduler& scheduler, EventLoop* loop,
                               Adapter& adapter, Origin& origin, StampedeLog& log)
    : plan_(plan),
      scheduler_(scheduler),
      loop_(loop),
      virtual_scheduler_(dynamic_cast<VirtualScheduler*>(&scheduler)),
      log_(log),
      immediate_(adapter.capabilities().in_process),
      cache_(scheduler, pool_options(immediate_, virtual_scheduler_ ? SessionPool::kNoLimit : 1,
                                     plan.timeout_ns)),
      origin_(scheduler, pool_options(false, SessionPool::kNoLimit, plan.timeout_ns)),
      locks_({.scheduler = scheduler, .loop = loop, .client = plan.first_process},
             plan.lock_servers),
      random_(random_stream(plan.seed, kArrivalDraws + plan.first_process)) {
  open_sessions(adapter, origin);
  if (plan.fault) faults_.emplace(*plan.fault, plan.keys.size());
  processes_.reserve(plan.processes);
  for (uint32_t i = 0; i < plan.processes; ++i) {
    const uint32_t number = plan.first_process + i;
    processes_.push_back({.scheduler = scheduler,
                          .cache = &cache_,
                          .origin = &origin_,
                          .log = log,
                          .keys = plan.keys,
                          .ttl_ns = plan.ttl_ns,
                          .random = random_stream(plan.seed, kProcessDraws + number),
                          .guard = make_guard(plan.guard),
                          .number = number,
                          .lock_pools = locks_.pools(),
                          .faults = faults_ ? &*faults_ : nullptr});
  }
}

void StampedeDriver::open_sessions(Adapter& adapter, Origin& origin) {
  SessionContext context{.scheduler = scheduler_, .loop = loop_, .client = plan_.first_process};
  context.ready = origin_.add_place();
  origin_.attach(origin.open(context));
  for (uint32_t i = 0; i < plan_.connections; ++i) {
    context.ready = cache_.add_place();
    cache_.attach(adapter.open(context));
  }
}

void StampedeDriver::run(int64_t start_ns) {
  if (loop_) {
    prctl(PR_SET_TIMERSLACK, 1);  // else the kernel lets timers be late by up to 50 us
    loop_->wake_precisely(true);
  }
  GuardProcess& first = processes_.front();
  if (first.number == 0 && first.guard.warm_ns(plan_.ttl_ns) > 0) {
    for (uint32_t key = 0; key < plan_.keys.size(); ++key) {
      keep_warm(scheduler_, *this, first, key);
    }
  }
  if (plan_.load.clients == 0) {
    arrive(scheduler_, *this, start_ns);
  } else {
    for (uint32_t i = 0; i < plan_.load.clients; ++i) {
      work(scheduler_, *this, processes_[i % processes_.size()], i, start_ns);
    }
  }
  scheduler_.run();
  if (loop_) loop_->wake_precisely(false);
}

void StampedeDriver::clean_up() {
  erase_keys(scheduler_, processes_.front());
  scheduler_.run();
}

ClientTask StampedeDriver::erase_keys(Scheduler&, GuardProcess& process) {
  for (uint32_t key = 0; key < process.keys.size(); ++key) {
    GuardedRequest request(process, key);
    co_await request.erase();
  }
}

int64_t StampedeDriver::gap_ns(double mean_ns) {
  due_ns_ += plan_.load.poisson ? random_.exponential(mean_ns) : mean_ns;
  return std::llround(due_ns_);
}

GuardProcess& StampedeDriver::next_process() {
  if (processes_.size() == 1) return processes_[0];
  return processes_[plan_.load.poisson ? random_.below(processes_.size())
                                       : started_++ % processes_.size()];
}

// True if it is time already, or time could be moved there at once.
bool StampedeDriver::reach(int64_t time_ns) {
  return virtual_scheduler_ ? virtual_scheduler_->try_advance_to(time_ns)
                            : scheduler_.now_ns() >= time_ns;
}

ClientTask StampedeDriver::arrive(Scheduler& scheduler, StampedeDriver& driver, int64_t start_ns) {
  const double mean_ns = 1e9 / driver.plan_.load.rate;
  int at_once = 0;
  for (int64_t due_ns = start_ns + driver.gap_ns(mean_ns); !driver.plan_.finished();) {
    const bool reached = driver.reach(due_ns);
    if (!reached) {
      at_once = 0;
      const int64_t nap_ns =
          driver.virtual_scheduler_ ? INT64_MAX : scheduler.now_ns() + kLongestSleepNs;
      co_await SleepUntil(scheduler, std::min(due_ns, nap_ns), 0);
      continue;
    }
    driver.start(due_ns);
    due_ns = start_ns + driver.gap_ns(mean_ns);
    if (!driver.virtual_scheduler_ && ++at_once % kStartedAtOnce == 0) co_await Yield(scheduler);
  }
}

ClientTask StampedeDriver::work(Scheduler& scheduler, StampedeDriver& driver, GuardProcess& process,
                                uint32_t client, int64_t start_ns) {
  const StampedeLoad& load = driver.plan_.load;
  const double think_ns = load.rate > 0 ? 1e9 * load.clients / load.rate : 0;
  int64_t due_ns = start_ns;
  while (true) {
    const double thinks_ns = load.poisson ? driver.random_.exponential(think_ns) : think_ns;
    due_ns = std::max(due_ns, scheduler.now_ns()) + std::llround(thinks_ns);
    co_await SleepUntil(scheduler, due_ns, client);
    if (driver.plan_.finished()) co_return;
    driver.log_.started(due_ns, scheduler.now_ns());
    co_await driver.serve(process, due_ns, {});
    if (think_ns == 0) co_await Yield(scheduler);
  }
}

// What a cache in this process has is served without a coroutine.
void StampedeDriver::start(int64_t intended_ns) {
  log_.started(intended_ns, scheduler_.now_ns());
  GuardProcess& process = next_process();
  if (!immediate_) {
    carry_out(scheduler_, *this, process, intended_ns, {});
    return;
  }
  GuardedRequest request(process, 0);
  const FirstLook look = request.look_now();
  if (look.verdict == GuardVerdict::kServe) {
    log_.answered(0, intended_ns, scheduler_.now_ns(), request.serve_found(), false);
  } else {
    carry_out(scheduler_, *this, process, intended_ns, look);
  }
}

ClientTask StampedeDriver::carry_out(Scheduler&, StampedeDriver& driver, GuardProcess& process,
                                     int64_t intended_ns, FirstLook look) {
  co_await driver.serve(process, intended_ns, look);
}

Task<bool> StampedeDriver::serve(GuardProcess& process, int64_t intended_ns, FirstLook look) {
  GuardedRequest request(process, 0, look);
  if (!look.taken) co_await request.look();
  const GuardVerdict verdict = request.verdict();
  if (verdict == GuardVerdict::kRefresh) {
    request.note(GuardEvent::kMissed);
    const Served served = co_await process.guard.recover(request);
    log_.answered(request.key(), intended_ns, request.now_ns(), served, true);
    request.note(GuardEvent::kFinished);
  } else {
    log_.answered(request.key(), intended_ns, request.now_ns(), request.serve_found(), false);
    if (verdict == GuardVerdict::kRefreshBehind) {
      refresh(scheduler_, *this, process, request.key(),
              {.taken = true, .found = request.found(), .verdict = verdict});
    }
  }
  co_return true;
}

// The job of a guard that makes values whether anybody asks for them or not.
ClientTask StampedeDriver::keep_warm(Scheduler& scheduler, StampedeDriver& driver,
                                     GuardProcess& process, uint32_t key) {
  const int64_t ahead_ns = process.guard.warm_ns(process.ttl_ns);
  const int64_t nap_ns = driver.virtual_scheduler_ ? INT64_MAX / 2 : kLongestSleepNs;
  int64_t due_ns = scheduler.now_ns();
  while (!driver.plan_.finished()) {
    if (scheduler.now_ns() < due_ns) {
      co_await SleepUntil(scheduler, std::min(due_ns, scheduler.now_ns() + nap_ns), 0);
      continue;
    }
    GuardedRequest request(process, key);
    request.note(GuardEvent::kMissed);
    const Served served = co_await request.load_and_fill();
    request.note(GuardEvent::kFinished);
    // A value that lives no longer than it is made ahead would be made again and again.
    const int64_t again_ns = std::max<int64_t>(1, ahead_ns / 4);
    due_ns = scheduler.now_ns() + again_ns;
    if (served == Served::kLoaded) {
      due_ns = std::max(due_ns, request.filled().fresh_until_ns - ahead_ns);
    }
  }
}

ClientTask StampedeDriver::refresh(Scheduler&, StampedeDriver&, GuardProcess& process, uint32_t key,
                                   FirstLook look) {
  GuardedRequest request(process, key, look);
  request.note(GuardEvent::kMissed);
  co_await process.guard.recover(request);
  request.note(GuardEvent::kFinished);
}

}  // namespace cachegauge
