// What origins share whose calls block: `threads` connections, each on a thread of its own, that
// all sessions of a cell use; calls beyond as many wait in line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/server/incident_log.h"
#include "adapters/server/worker_pool.h"
#include "harness/core/adapter.h"

namespace cachegauge {

inline constexpr ParamInfo kOriginThreadsParam = {
    "threads", "count = 8", "connections, each on a thread of its own; calls beyond as many wait"};

class PooledOrigin : public Origin {
 public:
  // Throws Error::usage for a bad `threads`.
  PooledOrigin(const Spec& spec, const OriginSettings& settings);

  const Spec& spec() const override { return spec_; }
  // The first one connects: threads that start now run where the client does.
  std::unique_ptr<Session> open(const SessionContext& context) override;
  std::vector<std::string> take_warnings() override { return log_->take(); }

 protected:
  // One connection of the pool's, after start(). Throws Error::failed.
  virtual std::unique_ptr<BlockingClient> connect() = 0;
  // To be called by stop(), before what the connections use is gone.
  void stop_pool() { pool_.reset(); }
  size_t threads() const { return threads_; }
  const OriginSettings& origin_settings() const { return settings_; }
  IncidentLog& log() { return *log_; }

 private:
  const Spec spec_;
  const OriginSettings settings_;
  const size_t threads_;
  const std::shared_ptr<IncidentLog> log_ = std::make_shared<IncidentLog>();
  std::shared_ptr<WorkerPool> pool_;
};

}  // namespace cachegauge
