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
constexpr uint64_t kGenerationDraws = uint64_t{1} << 40;

// Counts a request while it is under way.
class InUse {
 public:
  explicit InUse(uint64_t& count) : count_(++count) {}
  InUse(const InUse&) = delete;
  ~InUse() { --count_; }

 private:
  uint64_t& count_;
};

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
      random_(random_stream(plan.seed, kArrivalDraws + plan.first_process)),
      arrivals_(plan.load, plan.timetable, random_, plan.driver, plan.drivers) {
  open_sessions(adapter, origin);
  if (plan.fault) faults_.emplace(*plan.fault, plan.struck);
  begin_generation();
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
  begin_to_keep_warm();
  direct(scheduler_, *this, start_ns);
  if (plan_.load.clients == 0) {
    arrive(scheduler_, *this, start_ns);
  } else {
    for (uint32_t i = 0; i < plan_.load.clients; ++i) work(scheduler_, *this, i, start_ns);
  }
  scheduler_.run();
  if (loop_) loop_->wake_precisely(false);
}

void StampedeDriver::clean_up() {
  erase();
  scheduler_.run();
}

// The steps of all rounds, each in its time.
ClientTask StampedeDriver::direct(Scheduler&, StampedeDriver& driver, int64_t start_ns) {
  const Timetable& timetable = driver.plan_.timetable;
  for (uint64_t round = 0; round < driver.plan_.rounds; ++round) {
    const int64_t begins_ns = start_ns + static_cast<int64_t>(round) * timetable.round_ns;
    for (const Step& step : timetable.steps) {
      const bool goes_on = co_await driver.sleep_until(begins_ns + step.at_ns);
      if (!goes_on) co_return;
      step.act(driver);
    }
  }
}

// False if all is finished by then. Leaves time to the others, where reach() would take it.
Task<bool> StampedeDriver::sleep_until(int64_t time_ns) {
  while (!plan_.finished()) {
    if (scheduler_.now_ns() >= time_ns) co_return true;
    const int64_t nap_ns = virtual_scheduler_ ? INT64_MAX : scheduler_.now_ns() + kLongestSleepNs;
    co_await SleepUntil(scheduler_, std::min(time_ns, nap_ns), 0);
  }
  co_return false;
}

void StampedeDriver::warm() {
  for (uint32_t key = 0; has_stage() && key < plan_.keys.size(); ++key) {
    store_key(scheduler_, *this, key);
  }
}

ClientTask StampedeDriver::store_key(Scheduler&, StampedeDriver& driver, uint32_t key) {
  const InUse in_use(driver.generations_.back().requests);
  GuardedRequest request(driver.generations_.back().processes.front(), key);
  co_await request.store(request.now_ns() - driver.plan_.origin_ns);
}

void StampedeDriver::erase() {
  for (uint32_t key = 0; has_stage() && key < plan_.keys.size(); ++key) {
    erase_key(scheduler_, *this, key);
  }
}

ClientTask StampedeDriver::erase_key(Scheduler&, StampedeDriver& driver, uint32_t key) {
  const InUse in_use(driver.generations_.back().requests);
  GuardedRequest request(driver.generations_.back().processes.front(), key);
  co_await request.erase();
}

void StampedeDriver::restart(int64_t down_ns) {
  if (has_stage()) plan_.restart(down_ns, scheduler_.now_ns());
}

void StampedeDriver::watch(int64_t zero_ns) {
  if (has_stage()) log_.watched(scheduler_.now_ns() + zero_ns, scheduler_.now_ns());
}

void StampedeDriver::replace_processes() {
  begin_generation();
  begin_to_keep_warm();
}

void StampedeDriver::begin_to_keep_warm() {
  Generation& now = generations_.back();
  if (!has_stage() || now.processes.front().guard.warm_ns(plan_.ttl_ns) == 0) return;
  for (uint32_t key = 0; key < plan_.keys.size(); ++key) keep_warm(scheduler_, *this, now, key);
}

void StampedeDriver::begin_generation() {
  std::erase_if(generations_, [](const Generation& old) { return old.requests == 0; });
  Generation& generation = generations_.emplace_back();
  generation.processes.reserve(plan_.processes);
  for (uint32_t i = 0; i < plan_.processes; ++i) {
    const uint32_t number = plan_.first_process + i;
    const uint64_t draws = kProcessDraws + number + kGenerationDraws * generations_made_;
    generation.processes.push_back({.scheduler = scheduler_,
                                    .cache = &cache_,
                                    .origin = &origin_,
                                    .log = log_,
                                    .keys = plan_.keys,
                                    .ttl_ns = plan_.ttl_ns,
                                    .random = random_stream(plan_.seed, draws),
                                    .guard = make_guard(plan_.guard),
                                    .number = number,
                                    .lock_pools = locks_.pools(),
                                    .faults = faults_ ? &*faults_ : nullptr});
  }
  ++generations_made_;
}

StampedeDriver::Place StampedeDriver::place_of(uint32_t process) {
  Generation& now = generations_.back();
  return {now, now.processes[process]};
}

StampedeDriver::Place StampedeDriver::next_place() {
  if (plan_.processes == 1) return place_of(0);
  return place_of(plan_.load.poisson ? random_.below(plan_.processes)
                                     : started_++ % plan_.processes);
}

// True if it is time already, or time could be moved there at once.
bool StampedeDriver::reach(int64_t time_ns) {
  return virtual_scheduler_ ? virtual_scheduler_->try_advance_to(time_ns)
                            : scheduler_.now_ns() >= time_ns;
}

ClientTask StampedeDriver::arrive(Scheduler& scheduler, StampedeDriver& driver, int64_t start_ns) {
  int at_once = 0;
  for (auto next = driver.arrivals_.next(); next; next = driver.arrivals_.next()) {
    const int64_t due_ns = start_ns + next->time_ns;
    bool is_due = driver.reach(due_ns);
    if (!is_due) {
      at_once = 0;
      is_due = co_await driver.sleep_until(due_ns);
    }
    if (!is_due || driver.plan_.finished()) co_return;
    driver.start(due_ns, next->key);
    if (!driver.virtual_scheduler_ && ++at_once % kStartedAtOnce == 0) co_await Yield(scheduler);
  }
}

ClientTask StampedeDriver::work(Scheduler& scheduler, StampedeDriver& driver, uint32_t client,
                                int64_t start_ns) {
  const StampedeLoad& load = driver.plan_.load;
  const double think_ns = load.rate > 0 ? 1e9 * load.clients / load.rate : 0;
  int64_t due_ns = start_ns;
  while (true) {
    const double thinks_ns = driver.arrivals_.draw_gap_ns(think_ns);
    due_ns = std::max(due_ns, scheduler.now_ns()) + std::llround(thinks_ns);
    due_ns = start_ns + driver.plan_.timetable.after_idle(due_ns - start_ns);
    co_await SleepUntil(scheduler, due_ns, client);
    if (driver.plan_.finished()) co_return;
    driver.log_.started(due_ns, scheduler.now_ns());
    const uint32_t key = driver.arrivals_.draw_key();
    co_await driver.serve(driver.place_of(client % driver.plan_.processes), key, due_ns, {});
    if (think_ns == 0) co_await Yield(scheduler);
  }
}

// What a cache in this process has is served without a coroutine.
void StampedeDriver::start(int64_t intended_ns, uint32_t key) {
  log_.started(intended_ns, scheduler_.now_ns());
  const Place place = next_place();
  if (!immediate_) {
    carry_out(scheduler_, *this, place, key, intended_ns, {});
    return;
  }
  GuardedRequest request(place.process, key);
  const FirstLook look = request.look_now();
  if (look.verdict == GuardVerdict::kServe) {
    answer(request, intended_ns, request.serve_found(), false);
  } else {
    carry_out(scheduler_, *this, place, key, intended_ns, look);
  }
}

ClientTask StampedeDriver::carry_out(Scheduler&, StampedeDriver& driver, Place place, uint32_t key,
                                     int64_t intended_ns, FirstLook look) {
  co_await driver.serve(place, key, intended_ns, look);
}

Task<bool> StampedeDriver::serve(Place place, uint32_t key, int64_t intended_ns, FirstLook look) {
  const InUse in_use(place.generation.requests);
  GuardedRequest request(place.process, key, look);
  if (!look.taken) co_await request.look();
  const GuardVerdict verdict = request.verdict();
  if (verdict == GuardVerdict::kRefresh) {
    request.note(GuardEvent::kMissed, request.found().has_value ? 1 : 0);
    const Served served = co_await place.process.guard.recover(request);
    answer(request, intended_ns, served, true);
    request.note(GuardEvent::kFinished);
  } else {
    answer(request, intended_ns, request.serve_found(), false);
    if (verdict == GuardVerdict::kRefreshBehind) {
      refresh(scheduler_, *this, place, key,
              {.taken = true, .found = request.found(), .verdict = verdict});
    }
  }
  co_return true;
}

void StampedeDriver::answer(GuardedRequest& request, int64_t intended_ns, Served served,
                            bool missed) {
  if (served == Served::kStale) request.note(GuardEvent::kServedStale, request.stale_ns());
  log_.answered(request.key(), intended_ns, request.now_ns(), served, missed);
}

// The job of a guard that makes values whether anybody asks for them or not. It ends with the
// process that has it.
ClientTask StampedeDriver::keep_warm(Scheduler& scheduler, StampedeDriver& driver,
                                     Generation& generation, uint32_t key) {
  const InUse in_use(generation.requests);
  GuardProcess& process = generation.processes.front();
  const int64_t ahead_ns = process.guard.warm_ns(process.ttl_ns);
  int64_t due_ns = scheduler.now_ns();
  while (true) {
    const bool goes_on = co_await driver.sleep_until(due_ns);
    if (!goes_on || &generation != &driver.generations_.back()) co_return;
    GuardedRequest request(process, key);
    request.note(GuardEvent::kMissed, 1);  // for all it knows: nobody has found it gone
    const Served served = co_await request.load_and_fill();
    request.note(GuardEvent::kFinished);
    // A value that lives no longer than it is made ahead would be made again and again.
    due_ns = scheduler.now_ns() + std::max<int64_t>(1, ahead_ns / 4);
    if (served == Served::kLoaded) {
      due_ns = std::max(due_ns, request.filled().fresh_until_ns - ahead_ns);
    }
  }
}

ClientTask StampedeDriver::refresh(Scheduler&, StampedeDriver&, Place place, uint32_t key,
                                   FirstLook look) {
  const InUse in_use(place.generation.requests);
  GuardedRequest request(place.process, key, look);
  request.note(GuardEvent::kMissed, 1);
  co_await place.process.guard.recover(request);
  request.note(GuardEvent::kFinished);
}

}  // namespace cachegauge
