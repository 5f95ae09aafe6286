#include "harness/replay/patterns/end_check.h"

#include <algorithm>

#include "harness/core/origin_row.h"

namespace cachegauge {
namespace {

constexpr size_t kLanes = 64;  // calls under way

void ask_for(const KeyRecord& key, size_t prefix_bytes, int64_t now_ns, Command& command) {
  command.kind = CommandKind::kGet;
  command.key = key.bytes().substr(prefix_bytes);
  command.key_hash = key.hash();
  command.now_ns = now_ns;
}

}  // namespace

OriginReading::OriginReading(Scheduler& scheduler, SessionPool& origin,
                             std::span<HeldVersions> held, size_t prefix_bytes)
    : origin_(origin), held_(held), prefix_bytes_(prefix_bytes) {
  for (size_t lane = 0; lane < std::min(kLanes, held.size()); ++lane) read(scheduler, *this);
}

ClientTask OriginReading::read(Scheduler& scheduler, OriginReading& reading) {
  SessionPool::Order order;
  while (reading.next_ < reading.held_.size()) {
    HeldVersions& held = reading.held_[reading.next_++];
    ask_for(*held.key, reading.prefix_bytes_, scheduler.now_ns(), order.command);
    const Completion& completion = co_await SessionPool::Call(reading.origin_, order);
    if (completion.outcome != Outcome::kHit) continue;
    if (const uint32_t version = origin_row_version(completion.value)) held.at_origin = version;
  }
}

CacheReading::CacheReading(Scheduler& scheduler, SessionPool& cache, const ValueMaker& values,
                           std::span<HeldVersions> held)
    : cache_(cache), values_(values), held_(held) {
  for (size_t lane = 0; lane < std::min(kLanes, held.size()); ++lane) read(scheduler, *this);
}

ClientTask CacheReading::read(Scheduler& scheduler, CacheReading& reading) {
  SessionPool::Order order;
  while (reading.next_ < reading.held_.size()) {
    HeldVersions& held = reading.held_[reading.next_++];
    ask_for(*held.key, 0, scheduler.now_ns(), order.command);
    const Completion& completion = co_await SessionPool::Call(reading.cache_, order);
    if (completion.outcome == Outcome::kMiss || completion.outcome == Outcome::kRejected) {
      held.in_cache = 0;
    }
    if (completion.outcome != Outcome::kHit) continue;
    const ValueCheck check = reading.values_.check(completion.value, held.key->hash());
    if (check.verdict == ValueVerdict::kGood) held.in_cache = check.version;
  }
}

std::optional<uint64_t> count_drifted(std::span<const HeldVersions> held) {
  uint64_t drifted = 0;
  for (const HeldVersions& key : held) {
    if (!key.in_cache || !key.at_origin) return std::nullopt;
    if (*key.in_cache != 0 && *key.in_cache != *key.at_origin) ++drifted;
  }
  return drifted;
}

}  // namespace cachegauge
