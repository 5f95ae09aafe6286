#include "harness/replay/replay_thread.h"

#include <algorithm>
#include <utility>

namespace cachegauge {
namespace {

constexpr int64_t kLeastGiveUpNs = 5'000'000'000;
constexpr uint32_t kCleanupBatch = 64;  // deletes outstanding on a connection

ClientTask preload_lane(Scheduler&, Client& client) {
  while (co_await client.next()) {
    LaneShared& shared = client.shared();
    // Ids are given in order of first appearance, so a new key is the next one.
    if (client.request().id == shared.next_preload_id) {
      ++shared.next_preload_id;
      client.took_set(co_await client.set());
    }
    client.finish();
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

struct ReplayThread::Connection {
  explicit Connection(bool immediate) : cache(immediate), origin(false) {}
  SessionPort cache;
  SessionPort origin;
};

ReplayThread::ReplayThread(const CellPlan& plan, Adapter& adapter, Origin* origin,
                           std::string key_prefix, OriginGauge& gauge, CellControl& control,
                           uint32_t thread)
    : plan_(plan),
      loop_(plan.driver.virtual_time ? nullptr : std::make_unique<EventLoop>()),
      virtual_scheduler_(plan.driver.virtual_time ? std::make_unique<VirtualScheduler>() : nullptr),
      feed_(*plan.workload, plan.rules, std::move(key_prefix), thread, plan.driver.threads) {
  const DriverOptions& driver = plan.driver;
  const bool in_process = adapter.capabilities().in_process;
  Scheduler& scheduler =
      loop_ ? static_cast<Scheduler&>(*loop_) : static_cast<Scheduler&>(*virtual_scheduler_);
  shared_.emplace(LaneShared{.scheduler = scheduler,
                             .virtual_scheduler = virtual_scheduler_.get(),
                             .feed = feed_,
                             .recorder = recorder_,
                             .versions = {},
                             .values = {},
                             .origin_gauge = gauge,
                             .control = control,
                             .thread = thread,
                             .in_process = in_process,
                             .fills = plan.fills});
  shared_->give_up_ns = std::max(kLeastGiveUpNs, 2 * driver.timeout_ns);
  for (uint32_t client = thread; client < driver.clients; client += driver.threads) {
    auto& connection = *connections_.emplace_back(std::make_unique<Connection>(in_process));
    connection.cache.attach(adapter.open({.scheduler = scheduler,
                                          .loop = loop_.get(),
                                          .client = client,
                                          .ready = &connection.cache}));
    if (origin) {
      connection.origin.attach(origin->open({.scheduler = scheduler,
                                             .loop = loop_.get(),
                                             .client = client,
                                             .ready = &connection.origin}));
    }
    for (uint32_t lane = 0; lane < driver.pipeline; ++lane) {
      lanes_.push_back(std::make_unique<Client>(*shared_, connection.cache,
                                                origin ? &connection.origin : nullptr, client,
                                                driver.seed + lane * 0x10000));
    }
  }
}

ReplayThread::~ReplayThread() = default;

template <class Serve>
void ReplayThread::run_lanes(Serve serve) {
  shared_->ended = false;
  shared_->last_success_ns = monotonic_ns();
  for (auto& lane : lanes_) serve(shared_->scheduler, *lane);
  shared_->scheduler.run();
}

void ReplayThread::preload() {
  recorder_.measuring = false;
  shared_->phase_end = UINT64_MAX;
  shared_->deadline_ns = INT64_MAX;
  shared_->next_preload_id = 0;
  shared_->honours_time = false;
  run_lanes(preload_lane);
  shared_->honours_time = true;
  feed_.rewind();
}

void ReplayThread::replay(uint64_t end_index, int64_t deadline_ns, bool measured) {
  recorder_.measuring = measured;
  shared_->phase_end = end_index;
  shared_->deadline_ns = deadline_ns;
  run_lanes(plan_.pattern->serve);
  if (measured) recorder_.series.finish(monotonic_ns(), feed_.position());
  recorder_.measuring = false;
}

void ReplayThread::read_all_keys() {
  while (feed_.next(UINT64_MAX)) {
  }
}

void ReplayThread::clean_up() {
  recorder_.measuring = false;
  shared_->failure.clear();
  uint32_t next_id = 0;
  shared_->last_success_ns = monotonic_ns();
  const size_t lanes = lanes_.size();
  for (size_t i = 0; i < lanes; ++i) {
    // Several coroutines may share a lane here: they use nothing of its request.
    for (uint32_t batch = 0; batch < std::max(1u, kCleanupBatch / plan_.driver.pipeline); ++batch) {
      clean_up_lane(shared_->scheduler, *lanes_[i], next_id, keys_deleted_);
    }
  }
  shared_->scheduler.run();
}

}  // namespace cachegauge
