// The sessions of a thread: its connections, what the application puts before them, and the faults
// that are brought about in them.
#include <algorithm>
#include <utility>

#include "harness/replay/replay_thread.h"

namespace cachegauge {
namespace {

// How long a command waits in line for a connection. While the capacity is searched for, a trial at
// too high a rate is not to leave behind a line of requests that takes longer than the trial.
int64_t wait_timeout_ns(const DriverOptions& driver) {
  constexpr int64_t kLeastNs = 250'000'000;
  int64_t longest_ns = 0;
  for (const SloTerm& term : driver.slo.terms) longest_ns = std::max(longest_ns, term.limit_ns);
  if (longest_ns == 0) return driver.timeout_ns;
  return std::min(driver.timeout_ns, std::max(kLeastNs, 10 * longest_ns));
}

}  // namespace

ReplayThread::Connections& ReplayThread::add_connections(uint32_t depth) {
  // Commands to a cache in this process wait for faults, never for a connection.
  const bool delayed = any_session_fault(false);
  const bool in_process = shared_->in_process;
  const SessionPool::Options options{.immediate = in_process && !delayed,
                                     .depth = in_process && delayed ? SessionPool::kNoLimit : depth,
                                     .timeout_ns = wait_timeout_ns(plan_.driver),
                                     .waits = is_open() ? &recorder_ : nullptr,
                                     .values = &shared_->values};
  return *connections_.emplace_back(std::make_unique<Connections>(shared_->scheduler, options));
}

void ReplayThread::open_session(Connections& connections, uint32_t client) {
  const SessionContext context{
      .scheduler = shared_->scheduler, .loop = loop_.get(), .client = client, .ready = nullptr};
  SessionContext cache = context;
  cache.ready = connections.cache.add_place();
  connections.cache.attach(in_layers(open_faulty(cache, false)));
  if (!origin_) return;
  SessionContext origin = context;
  origin.ready = connections.origin.add_place();
  connections.origin.attach(open_faulty(origin, true));
}

std::unique_ptr<Session> ReplayThread::in_layers(std::unique_ptr<Session> session) {
  return layers_ ? layers_->put_on(std::move(session)) : std::move(session);
}

bool ReplayThread::any_session_fault(bool on_origin) const {
  if (!faults_) return false;
  return std::ranges::any_of(faults_->faults(), [on_origin](const PlannedFault& planned) {
    return planned.means == FaultMeans::kSession && planned.fault.on_origin == on_origin &&
           planned.fault.type != FaultType::kFlush;
  });
}

std::unique_ptr<Session> ReplayThread::open_faulty(const SessionContext& context, bool of_origin) {
  const auto open = [&](const SessionContext& inner) {
    return of_origin ? origin_->open(inner) : adapter_.open(inner);
  };
  if (!any_session_fault(of_origin)) return open(context);
  const FaultySession::Options options{.clock = faults_,
                                       .of_origin = of_origin,
                                       .in_process = !of_origin && shared_->in_process,
                                       .timeout_ns = plan_.driver.timeout_ns};
  auto session = std::make_unique<FaultySession>(context, options, open);
  faulty_sessions_.push_back(session.get());
  return session;
}

// A cell with faults is not given up while one of them lasts.
void ReplayThread::plan_faults() {
  if (!faults_ && plan_.on_cache_error == OnCacheError::kFail) return;
  shared_->faults =
      &fault_account_.emplace(faults_, plan_.on_cache_error, shared_->scheduler, recorder_);
  if (!faults_) return;
  shared_->series_is_virtual = virtual_scheduler_ != nullptr;
  int64_t longest_ns = 0;
  for (size_t i = 0; i < faults_->faults().size(); ++i) {
    const auto& [fault, means] = faults_->faults()[i];
    longest_ns = std::max(longest_ns, fault.for_ns);
    if (fault.type != FaultType::kFlush || means != FaultMeans::kSession) continue;
    const SessionContext context{.scheduler = shared_->scheduler, .loop = loop_.get()};
    const auto open = [this](const SessionContext& own) { return in_layers(adapter_.open(own)); };
    erasers_.push_back(
        std::make_unique<KeyEraser>(context, open, adapter_, *faults_, i, feed_.keys()));
  }
  shared_->give_up_ns += longest_ns;
  if (shared_->origin_give_up_ns != INT64_MAX) shared_->origin_give_up_ns += longest_ns;
}

void ReplayThread::begin_faults() {
  if (fault_account_) fault_account_->begin();
  for (FaultySession* session : faulty_sessions_) session->arm();
  for (const auto& eraser : erasers_) eraser->arm();
}

}  // namespace cachegauge
