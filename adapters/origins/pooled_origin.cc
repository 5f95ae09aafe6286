#include "adapters/origins/pooled_origin.h"

#include <fmt/format.h>

#include "adapters/server/session_support.h"
#include "adapters/server/threaded_session.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr uint64_t kDefaultThreads = 8, kMostThreads = 1024;

size_t read_threads(const Spec& spec) {
  const uint64_t threads = spec.count("threads", kDefaultThreads);
  if (threads >= 1 && threads <= kMostThreads) return threads;
  throw Error::usage(fmt::format("{}:threads: expected a count from 1 to {}, got \"{}\"",
                                 spec.kind(), kMostThreads, *spec.find("threads")));
}

}  // namespace

PooledOrigin::PooledOrigin(const Spec& spec, const OriginSettings& settings)
    : spec_(spec), settings_(settings), threads_(read_threads(spec)) {}

std::unique_ptr<Session> PooledOrigin::open(const SessionContext& context) {
  require_loop(context, "the origin " + spec_.redacted());
  if (!pool_) {
    log_->begin("the origin " + spec_.redacted());
    pool_ = std::make_shared<WorkerPool>(log_);
    for (size_t i = 0; i < threads_; ++i) pool_->add(connect());
  }
  return std::make_unique<ThreadedSession>(context, settings_.timeout_ns, pool_);
}

}  // namespace cachegauge
