// Ranks by Zipf's law, of any number of keys: from ZipfTable up to kMostTableKeys, and by
// ZipfRejection above, where a table would take more than 256 MiB. The two are different sequences
// of one distribution.
#pragma once

#include <memory>
#include <mutex>
#include <span>

#include "harness/core/spec.h"
#include "workloads/generators/zipf_rejection.h"
#include "workloads/generators/zipf_table.h"

namespace cachegauge {

// Thread-safe. The table is made at the first draw and shared by all who draw.
class ZipfRanks {
 public:
  static constexpr uint64_t kMostTableKeys = uint64_t{1} << 24;

  ZipfRanks(uint64_t keys, double alpha) : keys_(keys), alpha_(alpha) {}

  void draw(SplitMix64& random, std::span<uint64_t> ranks);

 private:
  uint64_t keys_;
  double alpha_;
  std::once_flag once_;
  std::unique_ptr<const ZipfTable> table_;
  std::unique_ptr<const ZipfRejection> rejection_;
};

// `alpha=`, filled in. Throws Error::usage, also for more keys than ZipfRejection takes.
std::shared_ptr<ZipfRanks> make_zipf_ranks(Spec& spec, uint64_t keys,
                                           std::string_view default_alpha);

}  // namespace cachegauge
