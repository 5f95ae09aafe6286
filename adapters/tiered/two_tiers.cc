#include "adapters/tiered/two_tiers.h"

#include <algorithm>
#include <cstring>

namespace cachegauge {
namespace {

constexpr TierCountField kFields[] = {
    {"l1_hits", &TierCounts::l1_hits},
    {"l1_misses", &TierCounts::l1_misses},
    {"l2_hits", &TierCounts::l2_hits},
    {"l2_misses", &TierCounts::l2_misses},
    {"l2_get_errors", &TierCounts::l2_get_errors},
    {"l1_fills", &TierCounts::l1_fills},
    {"l1_fills_withheld", &TierCounts::l1_fills_withheld},
    {"l1_invalidations", &TierCounts::l1_invalidations},
    {"messages_sent", &TierCounts::messages_sent},
    {"messages_received", &TierCounts::messages_received},
};

// In front of the key in a message, as it lies in memory: all first tiers are on this machine.
struct MessageHead {
  uint64_t writer;  // the number of its first tier
  uint64_t key_hash;
};

bool is_write(const Command& command) {
  switch (command.kind) {
    case CommandKind::kGet:
    case CommandKind::kLease:
      return false;
    case CommandKind::kDelete:  // under a lease's token it gives up the lease, and the value stays
      return command.lease == 0 || command.lease == kAnyLease;
    default:
      return true;
  }
}

}  // namespace

std::span<const TierCountField> tier_count_fields() { return kFields; }

TwoTiers::TwoTiers(const SessionContext& context, const Options& options, TierCounts& counts)
    : first_(options.first),
      session_(first_->cache().open(context)),
      first_ttl_ns_(options.first_ttl_ns),
      scheduler_(context.scheduler),
      counts_(counts),
      trusted_(!options.broker) {
  if (options.broker) channel_ = options.broker->open_channel(context, options.channel, *this);
}

bool TwoTiers::look(const Command& command, int64_t now_ns, Completion& done) {
  if (command.kind != CommandKind::kGet) return false;
  if (trusted_) {
    Command get = command;
    get.key_hash = hash_here(command.key_hash);
    get.now_ns = now_ns;
    session_->execute(get, done);
  }
  if (!trusted_ || done.outcome != Outcome::kHit) {
    ++counts_.l1_misses;
    return false;
  }
  ++counts_.l1_hits;
  return true;
}

uint32_t TwoTiers::begin(const Command& command) {
  return is_write(command) ? first_->note_change(command.key_hash)
                           : first_->changes(command.key_hash);
}

void TwoTiers::settle(const Command& command, uint32_t begun, int64_t now_ns,
                      const Completion& done) {
  if (is_write(command)) return wrote(command, begun, now_ns, done.outcome);
  if (command.kind != CommandKind::kGet) return;
  if (done.outcome == Outcome::kHit) {
    ++counts_.l2_hits;
    store(command, done.value, begun, now_ns);
  } else if (done.outcome == Outcome::kMiss) {
    ++counts_.l2_misses;
  } else if (is_failure(done.outcome)) {
    ++counts_.l2_get_errors;
  }
}

void TwoTiers::wrote(const Command& command, uint32_t begun, int64_t now_ns, Outcome outcome) {
  const bool is_set = command.kind == CommandKind::kSet;
  // Of a set that was declined an older value is gone, too.
  const bool unchanged = outcome == Outcome::kRejected ||
                         (outcome == Outcome::kNotStored && !is_set) ||
                         (outcome == Outcome::kNotFound && command.kind != CommandKind::kDelete);
  if (unchanged) return;
  const bool alone = first_->changes(command.key_hash) == begun;
  const uint32_t now = first_->note_change(command.key_hash);  // of answers on their way
  if (outcome == Outcome::kStored && alone) {
    store(command, command.value, now, now_ns);
  } else {
    erase(command.key, command.key_hash, now_ns);
  }
  publish(command.key, command.key_hash);
}

void TwoTiers::store(const Command& command, std::string_view value, uint32_t begun,
                     int64_t now_ns) {
  if (!trusted_ || first_->changes(command.key_hash) != begun) {
    ++counts_.l1_fills_withheld;
    return;
  }
  Command set;
  set.kind = CommandKind::kSet;
  set.key = command.key;
  set.key_hash = hash_here(command.key_hash);
  set.value = value;
  set.now_ns = now_ns;
  set.ttl_ns = command.ttl_ns;
  if (first_ttl_ns_ > 0 && (set.ttl_ns == 0 || first_ttl_ns_ < set.ttl_ns)) {
    set.ttl_ns = first_ttl_ns_;
  }
  Completion done;
  session_->execute(set, done);
  if (done.outcome == Outcome::kStored) ++counts_.l1_fills;
}

bool TwoTiers::erase(std::string_view key, uint64_t key_hash, int64_t now_ns) {
  Command command;
  command.kind = CommandKind::kDelete;
  command.key = key;
  command.key_hash = hash_here(key_hash);
  command.now_ns = now_ns;
  Completion done;
  session_->execute(command, done);
  return done.outcome == Outcome::kDeleted;
}

void TwoTiers::publish(std::string_view key, uint64_t key_hash) {
  if (!channel_) return;
  const MessageHead head{first_->number(), key_hash};
  message_.assign(reinterpret_cast<const char*>(&head), sizeof(head));
  message_ += key;
  channel_->publish(message_);
  ++counts_.messages_sent;
}

void TwoTiers::message(std::string_view text) {
  MessageHead head;
  if (text.size() < sizeof(head)) return;
  std::memcpy(&head, text.data(), sizeof(head));
  if (head.writer == first_->number()) return;
  ++counts_.messages_received;
  first_->note_change(head.key_hash);
  const std::string_view key = text.substr(sizeof(head));
  if (erase(key, head.key_hash, scheduler_.now_ns())) ++counts_.l1_invalidations;
}

void TwoTiers::lost() {
  trusted_ = false;
  salt_ = FirstTier::another_salt(salt_);
}

}  // namespace cachegauge
