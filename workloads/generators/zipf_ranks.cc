#include "workloads/generators/zipf_ranks.h"

#include <fmt/format.h>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {

void ZipfRanks::draw(SplitMix64& random, std::span<uint64_t> ranks) {
  std::call_once(once_, [this] {
    if (keys_ <= kMostTableKeys) {
      table_ = std::make_unique<ZipfTable>(keys_, alpha_);
    } else {
      rejection_ = std::make_unique<ZipfRejection>(keys_, alpha_);
    }
  });
  if (table_) {
    table_->draw(random, ranks);
  } else {
    for (uint64_t& rank : ranks) rank = rejection_->rank(random);
  }
}

std::shared_ptr<ZipfRanks> make_zipf_ranks(Spec& spec, uint64_t keys,
                                           std::string_view default_alpha) {
  if (!spec.has("alpha")) spec.set("alpha", std::string(default_alpha));
  const double alpha = spec.number("alpha", 0);
  if (alpha < 0 || alpha > 10) {
    throw Error::usage(
        fmt::format("{}:alpha: expected a skew from 0 to 10, got {}", spec.kind(), alpha));
  }
  if (keys > ZipfRejection::kMostKeys) {
    throw Error::usage(fmt::format("{}:keys: at most {} keys, got {}", spec.kind(),
                                   format_count(ZipfRejection::kMostKeys), format_count(keys)));
  }
  return std::make_shared<ZipfRanks>(keys, alpha);
}

}  // namespace cachegauge
