// One connection of the PostgreSQL origin: loads and stores rows of cachegauge.origin, and connects
// again when it was lost.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "adapters/origins/pooled_origin.h"
#include "adapters/origins/postgres_connection.h"

namespace cachegauge {

inline constexpr const char* kPostgresOriginTable = "cachegauge.origin";
inline constexpr int kPublishesOnRequest = 150000;  // its statistics: servers from this version on
// A server's process that has looked at no table since it last told what it counted would tell
// nothing, its transactions included.
inline constexpr const char* kPublishStatistics =
    "SELECT pg_stat_force_next_flush() FROM pg_catalog.pg_class LIMIT 1";

class PostgresClient final : public OriginClient {
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
  Result load(const Command& command, std::string& value) override;
  Result store(const Command& command) override;
  Result failed(const PostgresResult& result);
  int64_t deadline_ns() const;

  const PostgresTarget target_;
  std::mutex busy_;
  std::optional<PostgresConnection> connection_;  // empty once it was lost
  bool in_transaction_ = false;
};

}  // namespace cachegauge
