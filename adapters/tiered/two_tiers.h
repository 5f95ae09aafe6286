// What one client does with its two tiers: a get looks in the first, and on a miss in the second,
// whose hit is copied to the first; a write goes to the second, and when that has acknowledged it
// to the first. Everything but gets, sets, adds and deletes is the second tier's alone.
//
// With messages the key of each write is published, and the other first tiers drop it. A first tier
// holds nothing before its client has subscribed, and forgets what it held when it may have missed
// a message.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/server/message_channel.h"
#include "adapters/tiered/first_tier.h"
#include "harness/core/adapter.h"

namespace cachegauge {

// Of one client; plain sums.
struct TierCounts {
  uint64_t l1_hits = 0, l1_misses = 0;
  uint64_t l2_hits = 0, l2_misses = 0;  // of the gets that missed in the first tier
  uint64_t l2_get_errors = 0;           // and those that the second tier failed
  uint64_t l1_fills = 0;                // copies and writes that were stored there
  uint64_t l1_fills_withheld = 0;       // since the key had changed, or nothing was subscribed to
  uint64_t l1_invalidations = 0;        // copies that a message took away
  uint64_t messages_sent = 0, messages_received = 0;  // the client's own are not among the latter
};

struct TierCountField {
  std::string_view name;
  uint64_t TierCounts::*field;
};
std::span<const TierCountField> tier_count_fields();

class TwoTiers final : private MessageListener {
 public:
  struct Options {
    std::shared_ptr<FirstTier> first;
    int64_t first_ttl_ns = 0;         // at most, of what is in the first tier; 0: no limit
    MessageBroker* broker = nullptr;  // null: no messages
    std::string channel = {};
  };
  TwoTiers(const SessionContext& context, const Options& options, TierCounts& counts);

  // A get that the first tier answers; false of anything else. The value is valid until the next
  // call.
  bool look(const Command& command, int64_t now_ns, Completion& done);
  // Before the command goes to the second tier: to be handed to settle() with what came of it.
  uint32_t begin(const Command& command);
  void settle(const Command& command, uint32_t begun, int64_t now_ns, const Completion& done);

 private:
  void subscribed() override { trusted_ = true; }
  void message(std::string_view text) override;
  void lost() override;

  uint64_t hash_here(uint64_t key_hash) const { return key_hash ^ salt_ ^ first_->salt(); }
  void wrote(const Command& command, uint32_t begun, int64_t now_ns, Outcome outcome);
  void store(const Command& command, std::string_view value, uint32_t begun, int64_t now_ns);
  bool erase(std::string_view key, uint64_t key_hash, int64_t now_ns);
  void publish(std::string_view key, uint64_t key_hash);

  const std::shared_ptr<FirstTier> first_;
  const std::unique_ptr<Session> session_;  // of the first tier
  const int64_t first_ttl_ns_;
  const Scheduler& scheduler_;
  TierCounts& counts_;
  bool trusted_ = true;  // what the first tier holds may be handed out
  uint64_t salt_ = 0;    // of this client's part in it, beside FirstTier's own
  std::string message_;
  std::unique_ptr<MessageChannel> channel_;  // null: no messages
};

}  // namespace cachegauge
