#include "workloads/generators/moving_popularity.h"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "workloads/generators/generator.h"
#include "workloads/generators/zipf_draws.h"

namespace cachegauge {
namespace {

constexpr uint64_t kFreshPurpose = 0x6672657368;  // of the random stream of fresh keys
constexpr uint64_t kShiftPurpose = 0x7368696674;  // of the random stream of shifts

class LatestKeys {
 public:
  LatestKeys(std::shared_ptr<ZipfRanks> ranks, uint64_t keys, double fresh, uint64_t seed)
      : draws_(std::move(ranks), seed),
        random_(random_stream(seed, kFreshPurpose)),
        newest_(keys),
        fresh_(fresh) {}

  void fill(std::span<Request> requests) {
    draws_.draw(requests, [this](Request& request, uint64_t age) {
      const bool is_fresh = random_.uniform() < fresh_;
      if (is_fresh) ++newest_;
      request.integer_key = is_fresh ? newest_ : newest_ - (age - 1);
    });
  }

 private:
  ZipfDraws draws_;
  SplitMix64 random_;
  uint64_t newest_;
  double fresh_;
};

class ShiftingKeys {
 public:
  ShiftingKeys(std::shared_ptr<ZipfRanks> ranks, uint64_t keys, uint64_t every, uint64_t pairs,
               uint64_t seed)
      : draws_(std::move(ranks), seed),
        random_(random_stream(seed, kShiftPurpose)),
        key_of_rank_(keys),
        every_(every),
        left_(every),
        pairs_(pairs) {
    std::iota(key_of_rank_.begin(), key_of_rank_.end(), 1);
  }

  void fill(std::span<Request> requests) {
    draws_.draw(requests, [this](Request& request, uint64_t rank) {
      if (left_ == 0) shift();
      --left_;
      request.integer_key = key_of_rank_[rank - 1];
    });
  }

 private:
  void shift() {
    const uint64_t keys = key_of_rank_.size();
    for (uint64_t i = 0; i < pairs_; ++i) {
      std::swap(key_of_rank_[random_.below(keys)], key_of_rank_[random_.below(keys)]);
    }
    left_ = every_;
  }

  ZipfDraws draws_;
  SplitMix64 random_;
  std::vector<uint32_t> key_of_rank_;
  uint64_t every_, left_;
  uint64_t pairs_;
};

constexpr ParamInfo kLatestParams[] = {
    {"alpha", "number = 0.99", "skew towards the newest keys"},
    {"fresh", "share = 5%", "of the requests that ask for a key for the first time"},
};
constexpr ParamInfo kShiftingParams[] = {
    {"alpha", "number = 1.0", "skew; 0 is uniform"},
    {"every", "count = 100k", "requests between two shifts"},
    {"shift", "share = 10%", "of the ranks that go to other keys"},
};

}  // namespace

std::span<const ParamInfo> latest_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kLatestParams);
  return kAll;
}

std::span<const ParamInfo> shifting_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kShiftingParams);
  return kAll;
}

std::unique_ptr<Workload> make_latest(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, latest_params());
  const auto ranks = make_zipf_ranks(spec, options.keys, "0.99");
  if (!spec.has("fresh")) spec.set("fresh", "5%");
  const double fresh = spec.share("fresh", 0);
  require_room_for_keys(spec, options, options.keys + options.requests);
  return make_generator(std::move(spec), std::move(options), [=](const GeneratorOptions& o) {
    return LatestKeys(ranks, o.keys, fresh, o.seed);
  });
}

std::unique_ptr<Workload> make_shifting(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, shifting_params());
  const auto ranks = make_zipf_ranks(spec, options.keys, "1.0");
  if (options.keys > ZipfRanks::kMostTableKeys) {
    throw Error::usage(fmt::format("shifting:keys: at most {} keys, got {}",
                                   format_count(ZipfRanks::kMostTableKeys),
                                   format_count(options.keys)));
  }
  if (!spec.has("every")) spec.set("every", "100k");
  if (!spec.has("shift")) spec.set("shift", "10%");
  const uint64_t every = spec.count("every", 0);
  if (every == 0) throw Error::usage("shifting:every: expected at least 1");
  const auto pairs =
      static_cast<uint64_t>(static_cast<double>(options.keys) * spec.share("shift", 0) / 2);
  return make_generator(std::move(spec), std::move(options), [=](const GeneratorOptions& o) {
    return ShiftingKeys(ranks, o.keys, every, pairs, o.seed);
  });
}

}  // namespace cachegauge
