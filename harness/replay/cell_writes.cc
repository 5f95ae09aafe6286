#include "harness/replay/cell_writes.h"

#include <optional>
#include <unordered_map>

#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {

CellWrites::CellWrites(const CellPlan& plan) {
  if (!plan.pattern->make(plan.pattern_spec)) return;
  if (!plan.acknowledged) own_ = std::make_unique<AcknowledgedLog>(plan.summary->writes());
  log_ = plan.acknowledged ? plan.acknowledged : own_.get();
}

void CellWrites::judge_part(std::span<const HeldVersions> held, bool all,
                            PatternFigures& figures) const {
  std::unordered_map<uint64_t, std::optional<uint32_t>> at_origin;
  for (const HeldVersions& key : held) at_origin[key.key->hash()] = key.at_origin;
  figures.checked_keys = held.size();
  figures.drifted_keys = count_drifted(held);
  const auto version_at_origin = [&at_origin](uint64_t key_hash) {
    const auto found = at_origin.find(key_hash);
    return found == at_origin.end() ? std::nullopt : found->second;
  };
  figures.lost_writes = log_->count_lost(
      version_at_origin, [&](uint64_t key_hash) { return all || at_origin.contains(key_hash); });
}

void CellWrites::judge(std::span<const HeldVersions> held, PatternFigures& figures) const {
  judge_part(held, true, figures);
}

void CellWrites::judge(std::span<const HeldVersions> held, const KeyClasses& classes,
                       std::vector<ClassFigures>& figures) const {
  std::vector<std::vector<HeldVersions>> parts(figures.size());
  for (const HeldVersions& key : held) parts[classes.of(key.key->bytes())].push_back(key);
  for (size_t i = 0; i < figures.size(); ++i) {
    if (!figures[i].pattern) figures[i].pattern.emplace();
    judge_part(parts[i], false, *figures[i].pattern);
  }
}

}  // namespace cachegauge
