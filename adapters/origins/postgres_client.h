// One connection of the PostgreSQL origin: loads and stores rows of cachegauge.origin, and connects
// again when it was lost.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "adapters/origins/postgres_connection.h"
#include "adapters/server/worker_pool.h"

namespace cachegauge {

inline constexpr const char* kPostgresOriginTable = "cachegauge.origin";
inline constexpr int kPublishesOnRequest = 150000;  // its statistics: servers from this version on

class PostgresClient final : public BlockingClient {
 public:
  // Throws Error::failed.
  explicit PostgresClient(const PostgresTarget& target);

  Result execute(const Command& command, std::string& value) override;
  bool must_commit() const override { return in_transaction_; }
  Result commit() override;

  // Has its server process publish what it has counted, which it else does about once a second.
  // From any thread; waits for a command under way.
  void publish_statistics();

 private:
  void connect();
  Result load(const Command& command, std::string& value);
  Result store(const Command& command);
  Result failed(const PostgresResult& result);
  int64_t deadline_ns() const;

  const PostgresTarget target_;
  std::mutex busy_;
  std::optional<PostgresConnection> connection_;  // empty once it was lost
  bool in_transaction_ = false;
};

}  // namespace cachegauge
