#include "harness/replay/layers/changing_session.h"

namespace cachegauge {

void Changes::note(const Completion& completion) {
  if (completion.outcome != Outcome::kHit || completion.value.empty()) return;
  if (random.uniform() < share) values.push_back(completion.value);
}

// The last byte, which every check looks at. Sessions hand out what they may write to: buffers of
// their own, or what a cache in this process holds.
void Changes::make() {
  if (values.empty()) return;
  for (const std::string_view value : values) ++const_cast<char&>(value.back());
  if (LayerCounts* counts = recorder.layer_counts()) counts->values_changed += values.size();
  values.clear();
}

size_t ChangingSession::poll(std::span<Completion> out) {
  changes_.make();
  const size_t count = cache_->poll(out);
  for (const Completion& completion : out.first(count)) changes_.note(completion);
  return count;
}

bool ChangingSession::execute(const Command& command, Completion& completion) {
  changes_.make();
  if (!cache_->execute(command, completion)) return false;
  changes_.note(completion);
  return true;
}

}  // namespace cachegauge
