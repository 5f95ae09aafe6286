#include "harness/replay/replay_thread.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr int64_t kLeastGiveUpNs = 5'000'000'000;
// Deletes outstanding on a connection, and on all of a thread's.
constexpr size_t kCleanupBatch = 64, kMostCleanupLanes = 1024;

// Lanes that store rows at an origin, of a thread's.
constexpr size_t kRowLanes = 64;

// Does this with each key when it first comes up, until all threads together have done so with
// `keys`.
ClientTask first_use_lane(Scheduler& scheduler, Client& client, FirstUse use, uint64_t keys) {
  constexpr uint32_t kSeenAtOnce = 256;  // requests without a new key, then the others have a turn
  uint32_t seen = 0;
  LaneShared& shared = client.shared();
  for (bool more = co_await client.next(); more; more = co_await client.next()) {
    // Ids are given in order of first appearance, so a new key is the next one.
    if (client.request().record->id() == shared.next_preload_id) {
      ++shared.next_preload_id;
      if (use == FirstUse::kSetInCache) {
        if (shared.guarding) shared.guarding->envelop(client);
        client.took_set(co_await client.set());
      } else {
        const bool stored = client.took_store(co_await client.store());
        if (!stored) {
          shared.ended = true;
          throw Error::failed("the origin did not store its rows");
        }
      }
      shared.control.preloaded.fetch_add(1, std::memory_order_relaxed);
    }
    client.finish();
    if (shared.control.preloaded.load(std::memory_order_relaxed) >= keys) shared.ended = true;
    if (++seen % kSeenAtOnce == 0) co_await Yield(scheduler);
  }
}

ClientTask clean_up_lane(Scheduler&, Client& client, uint32_t& next_id, uint64_t& deleted) {
  const uint32_t keys = client.shared().feed.keys().size();
  while (next_id < keys && client.shared().failure.empty()) {
    const Completion completion = co_await client.remove_key(next_id++);
    client.took_removed_key(completion);
    if (completion.outcome == Outcome::kDeleted) ++deleted;
  }
}

}  // namespace

ReplayThread::ReplayThread(const CellPlan& plan, Adapter& adapter, Origin* origin,
                           std::string key_prefix,
                           std::span<const std::unique_ptr<Adapter>> lock_servers,
                           FaultClock* faults, const KeyClasses* classes, OriginGauge& gauge,
                           AcknowledgedLog* acknowledged, CellControl& control, uint32_t thread)
    : plan_(plan),
      adapter_(adapter),
      origin_(origin),
      faults_(faults),
      loop_(plan.driver.virtual_time ? nullptr : std::make_unique<EventLoop>()),
      virtual_scheduler_(plan.driver.virtual_time ? std::make_unique<VirtualScheduler>() : nullptr),
      feed_(*plan.workload, plan.rules, std::move(key_prefix), thread, plan.driver.threads) {
  const DriverOptions& driver = plan.driver;
  recorder_.classes = classes;
  Scheduler& scheduler =
      loop_ ? static_cast<Scheduler&>(*loop_) : static_cast<Scheduler&>(*virtual_scheduler_);
  shared_.emplace(LaneShared{.scheduler = scheduler,
                             .virtual_scheduler = virtual_scheduler_.get(),
                             .feed = feed_,
                             .recorder = recorder_,
                             .origin_gauge = gauge,
                             .control = control,
                             .thread = thread,
                             .threads = driver.threads,
                             .in_process = adapter.capabilities().in_process,
                             .open_loop = false,
                             .plain = false,
                             .serve_at_once = nullptr,
                             .timing = driver.timing,
                             .fills = plan.fills,
                             .values = ValueMaker(plan.workload->traits().compressibility)});
  shared_->give_up_ns = std::max(kLeastGiveUpNs, 2 * driver.timeout_ns);
  if (!plan.guard.empty()) {
    const SessionContext context{.scheduler = scheduler, .loop = loop_.get(), .client = thread};
    shared_->guarding =
        &guarding_.emplace(context, lock_servers, recorder_, plan.guard, driver.seed);
  }
  if (plan.layers.any()) {
    layers_.emplace(plan.layers, plan.workload->traits().compressibility, driver.seed, recorder_);
  }
  if (adapter.shares_keyspace()) shared_->key_prefix_bytes = plan.key_prefix.size();
  if (origin && !origin->traits().simulated) shared_->origin_give_up_ns = shared_->give_up_ns;
  plan_faults();
  feed_.schedule(driver.open.arrivals, driver.seed, driver.open.speed);
  const bool one_lane = driver.clients == 1 && driver.pipeline == 1;
  if (answers_at_once() && one_lane && !driver.preload) feed_.spare_records();
  const bool one_pool = is_open();
  for (uint32_t client = thread; client < driver.clients; client += driver.threads) {
    if (!one_pool || connections_.empty()) add_connections(driver.pipeline);
    open_session(*connections_.back(), client);
    for (uint32_t lane = 0; lane < driver.pipeline; ++lane) {
      add_lane(*connections_.back(), client, driver.seed + lane * 0x10000);
    }
  }
  own_lanes_ = lanes_.size();
  make_application(acknowledged);
  if (is_open()) open_loop_.emplace(*shared_, [this] { make_open_lane(); });
  if (loop_) pause_watch_.emplace(scheduler, recorder_);
  if (!driver.log.empty()) shared_->log = &log_.emplace(driver.log);
}

ReplayThread::~ReplayThread() = default;

// Nothing is to be awaited for a request.
bool ReplayThread::answers_at_once() const {
  return virtual_scheduler_ && shared_->in_process && !origin_ && !guarding_ && !fault_account_ &&
         !recorder_.classes;
}

void ReplayThread::make_application(AcknowledgedLog* acknowledged) {
  pattern_ = plan_.pattern->make(plan_.pattern_spec);
  if (!pattern_) return;
  book_.emplace(shared_->scheduler, recorder_, acknowledged, plan_.driver.preload);
  pattern_->join(
      application_.emplace(Application{.lanes = *shared_,
                                       .book = *book_,
                                       .origin = connections_.front()->origin,
                                       .origin_is_simulated = origin_->traits().simulated}));
}

ClientTask ReplayThread::serve(Client& lane) {
  Scheduler& scheduler = shared_->scheduler;
  if (pattern_) return serve_application(scheduler, lane, *pattern_);
  return guarding_ ? plan_.pattern->serve_guarded(scheduler, lane, *guarding_)
                   : plan_.pattern->serve(scheduler, lane);
}

Client& ReplayThread::add_lane(Connections& connections, uint32_t client, uint64_t seed) {
  return *lanes_.emplace_back(std::make_unique<Client>(
      *shared_, connections.cache, origin_ ? &connections.origin : nullptr, client, seed));
}

// Of an open loop: one more than there are requests under way.
void ReplayThread::make_open_lane() {
  const auto number = static_cast<uint32_t>(lanes_.size());
  Client& lane = add_lane(*connections_.front(), number, plan_.driver.seed + number);
  serve(lane);
}

void ReplayThread::begin_phase() {
  shared_->ended = false;
  shared_->failure.clear();
  shared_->failing_since_ns = shared_->origin_failing_since_ns = 0;
  shared_->clock_ns = shared_->scheduler.now_ns();
  shared_->note_refill();
  for (auto& lane : lanes_) lane->begin_phase();
  // Timers are late by up to 50 us unless the kernel is told otherwise.
  prctl(PR_SET_TIMERSLACK, 1);
  if (pause_watch_) pause_watch_->begin();
}

template <class Serve>
void ReplayThread::run_closed(Serve serve) {
  begin_phase();
  shared_->open_loop = false;
  shared_->plain = plan_.driver.threads == 1 && (virtual_scheduler_ || !shared_->in_process);
  for (auto& lane : lanes_) serve(shared_->scheduler, *lane);
  shared_->scheduler.run();
}

void ReplayThread::enter_phase() { shared_->control.position[shared_->thread] = feed_.position(); }

void ReplayThread::leave_phase() { shared_->control.position[shared_->thread] = UINT64_MAX; }

void ReplayThread::run_open(const Schedule& schedule) {
  // To start those that the backlog of an earlier phase made would make this one late.
  lanes_.resize(std::min(lanes_.size(), own_lanes_));
  begin_phase();
  shared_->open_loop = true;
  shared_->plain = false;
  for (auto& lane : lanes_) serve(*lane);
  open_loop_->begin(schedule);
  if (loop_) loop_->wake_precisely(true);
  shared_->scheduler.run();
  if (loop_) loop_->wake_precisely(false);
}

void ReplayThread::visit_keys(FirstUse use) {
  recorder_.measure(false);
  shared_->phase_end = UINT64_MAX;
  shared_->deadline_ns = INT64_MAX;
  shared_->next_preload_id = 0;
  shared_->honours_time = false;
  run_closed([use, keys = plan_.summary->unique_keys](Scheduler& scheduler, Client& client) {
    return first_use_lane(scheduler, client, use, keys);
  });
  shared_->honours_time = true;
  feed_.rewind();
}

// Calls to an origin take long, and many stores at once share a transaction.
void ReplayThread::store_rows() {
  for (size_t lane = 0; lane < kRowLanes; ++lane) {
    add_lane(*connections_.front(), static_cast<uint32_t>(lane), plan_.driver.seed);
  }
  visit_keys(FirstUse::kStoreAtOrigin);
  lanes_.resize(own_lanes_);
}

void ReplayThread::replay(const Phase& phase) {
  recorder_.measure(phase.measured);
  if (phase.measured) begin_faults();
  shared_->phase_end = phase.end_index;
  shared_->deadline_ns = phase.deadline_ns;
  if (log_ && phase.measured)
    log_->begin(phase.schedule ? phase.schedule->start_ns : phase.start_ns);
  if (book_ && phase.measured) book_->begin_measuring();
  const int64_t cpu_before_ns = thread_cpu_ns();
  const int64_t spin_before_ns = loop_ ? loop_->spin_ns() : 0;
  if (phase.schedule) {
    run_open(*phase.schedule);
  } else {
    if (answers_at_once()) shared_->serve_at_once = plan_.pattern->serve_at_once;
    run_closed([this](Scheduler&, Client& lane) { return serve(lane); });
    shared_->serve_at_once = nullptr;
  }
  if (pause_watch_) pause_watch_->end();
  cpu_ns_ = thread_cpu_ns() - cpu_before_ns;
  if (phase.measured && loop_) recorder_.result.load.spin_ns = loop_->spin_ns() - spin_before_ns;
  if (phase.measured) {
    recorder_.series.finish(shared_->series_is_virtual ? now_ns() : monotonic_ns(),
                            feed_.position());
    if (fault_account_) fault_account_->finish();
  }
  if (log_ && phase.measured) log_->finish();
  if (pattern_ && phase.measured) {
    pattern_->count_queued();
    book_->count_unread(feed_.keys());
  }
  recorder_.measure(false);
}

void ReplayThread::settle_writes() {
  recorder_.measure(false);
  begin_phase();
  pattern_->drain();
  shared_->scheduler.run();
  held_.clear();
  for (const uint32_t id : book_->written()) {
    const KeyRecord& key = feed_.keys().record(id);
    held_.push_back({.key = &key, .at_origin = {}, .in_cache = {}});
    if (application_->origin_is_simulated) held_.back().at_origin = book_->version_at_origin(key);
  }
  Connections& connections = *connections_.front();
  if (!application_->origin_is_simulated) {
    const OriginReading reading(shared_->scheduler, connections.origin, held_,
                                shared_->key_prefix_bytes);
    shared_->scheduler.run();
  }
  connections.cache.set_depth(SessionPool::kNoLimit);
  const CacheReading reading(shared_->scheduler, connections.cache, shared_->values, held_);
  shared_->scheduler.run();
}

std::optional<double> ReplayThread::next_arrival(uint64_t end_index) {
  const PreparedRequest* next = feed_.peek(end_index);
  if (!next) return std::nullopt;
  return next->arrival;
}

uint64_t ReplayThread::next_index() {
  const PreparedRequest* next = feed_.peek(UINT64_MAX);
  return next ? next->index : UINT64_MAX;
}

void ReplayThread::skip_to_arrival(double arrival) {
  for (auto next = feed_.peek(UINT64_MAX); next && next->arrival < arrival;
       next = feed_.peek(UINT64_MAX)) {
    feed_.next(UINT64_MAX);
  }
}

void ReplayThread::read_all_keys() {
  while (feed_.next(UINT64_MAX)) {
  }
}

void ReplayThread::close_sessions() {
  open_loop_.reset();
  lanes_.clear();
  pattern_.reset();
  guarding_.reset();
  erasers_.clear();
  connections_.clear();
}

void ReplayThread::clean_up() {
  recorder_.measure(false);
  begin_phase();
  uint32_t next_id = 0;
  const auto batch = static_cast<uint32_t>(
      std::clamp<size_t>(kMostCleanupLanes / connections_.size(), 1, kCleanupBatch));
  for (auto& connections : connections_) {
    connections->cache.set_depth(SessionPool::kNoLimit);
    // A lane carries out one command at a time.
    for (uint32_t i = 0; i < batch; ++i) {
      Client& lane = add_lane(*connections, i, plan_.driver.seed);
      clean_up_lane(shared_->scheduler, lane, next_id, keys_deleted_);
    }
  }
  shared_->scheduler.run();
}

}  // namespace cachegauge
