#include "workloads/generators/local_popularity.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/core/error.h"
#include "workloads/generators/generator.h"
#include "workloads/generators/zipf_draws.h"

namespace cachegauge {
namespace {

constexpr uint64_t kScanPurpose = 0x7363616e;  // of the random stream of scans

// A share that must not be 0 or, with `below_one`, 1; its default is filled in.
double read_share(Spec& spec, std::string_view name, std::string_view fallback, bool below_one) {
  if (!spec.has(name)) spec.set(name, std::string(fallback));
  const double share = spec.share(name, 0);
  if (share > 0 && (share < 1 || !below_one)) return share;
  throw Error::usage(fmt::format("{}:{}: expected a share above 0%{}, got {}%", spec.kind(), name,
                                 below_one ? " and below 100%" : "", share * 100));
}

class HotspotKeys {
 public:
  HotspotKeys(uint64_t keys, uint64_t hot_keys, double hot_requests, uint64_t seed)
      : keys_(keys), hot_keys_(hot_keys), hot_requests_(hot_requests), random_(seed) {}
  void fill(std::span<Request> requests) {
    for (Request& request : requests) {
      const bool hot = random_.uniform() < hot_requests_ || hot_keys_ == keys_;
      request.integer_key =
          hot ? 1 + random_.below(hot_keys_) : 1 + hot_keys_ + random_.below(keys_ - hot_keys_);
    }
  }

 private:
  uint64_t keys_, hot_keys_;
  double hot_requests_;
  SplitMix64 random_;
};

class GaussianKeys {
 public:
  GaussianKeys(uint64_t keys, double mean, double sigma, uint64_t seed)
      : keys_(static_cast<double>(keys)), mean_(mean), sigma_(sigma), random_(seed) {}
  void fill(std::span<Request> requests) {
    for (Request& request : requests) {
      double at;
      do {
        at = (mean_ + sigma_ * random_.normal()) * keys_;
      } while (!(at >= 0 && at < keys_));
      request.integer_key = 1 + static_cast<uint64_t>(at);
    }
  }

 private:
  double keys_, mean_, sigma_;
  SplitMix64 random_;
};

class ScanMixKeys {
 public:
  ScanMixKeys(std::shared_ptr<ZipfRanks> ranks, uint64_t keys, double begin_share, uint64_t length,
              uint64_t seed)
      : draws_(std::move(ranks), seed),
        random_(random_stream(seed, kScanPurpose)),
        keys_(keys),
        begin_share_(begin_share),
        length_(length) {}

  // zipf's sequence goes on beneath the scans, so that its draws come in groups.
  void fill(std::span<Request> requests) {
    draws_.draw(requests, [this](Request& request, uint64_t rank) {
      if (left_ == 0 && random_.uniform() < begin_share_) {
        left_ = length_;
        key_ = random_.below(keys_);
      }
      request.integer_key = left_ > 0 ? next_of_scan() : rank;
    });
  }

 private:
  uint64_t next_of_scan() {
    --left_;
    key_ = key_ == keys_ ? 1 : key_ + 1;
    return key_;
  }

  ZipfDraws draws_;
  SplitMix64 random_;
  uint64_t keys_;
  double begin_share_;  // of the requests that are no part of a scan
  uint64_t length_;
  uint64_t left_ = 0;
  uint64_t key_ = 0;  // the last of the scan
};

constexpr ParamInfo kHotspotParams[] = {
    {"hot-keys", "share = 20%", "of the keys that are hot"},
    {"hot-requests", "share = 80%", "of the requests that ask for them"},
};
constexpr ParamInfo kGaussianParams[] = {
    {"mean", "share = 50%", "where in the key space the most popular keys lie"},
    {"sigma", "share = 10%", "standard deviation, of the key space"},
};
constexpr ParamInfo kScanMixParams[] = {
    {"alpha", "number = 1.0", "skew of the requests that are no part of a scan"},
    {"scans", "share = 20%", "of the requests that belong to scans"},
    {"length", "count = 1k", "requests of a scan"},
};

}  // namespace

std::span<const ParamInfo> hotspot_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kHotspotParams);
  return kAll;
}

std::span<const ParamInfo> gaussian_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kGaussianParams);
  return kAll;
}

std::span<const ParamInfo> scan_mix_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kScanMixParams);
  return kAll;
}

std::unique_ptr<Workload> make_hotspot(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, hotspot_params());
  const double hot_share = read_share(spec, "hot-keys", "20%", false);
  const double hot_requests = read_share(spec, "hot-requests", "80%", false);
  const auto hot_keys =
      static_cast<uint64_t>(std::ceil(static_cast<double>(options.keys) * hot_share));
  return make_generator(std::move(spec), std::move(options), [=](const GeneratorOptions& o) {
    return HotspotKeys(o.keys, std::min(hot_keys, o.keys), hot_requests, o.seed);
  });
}

std::unique_ptr<Workload> make_gaussian(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, gaussian_params());
  if (!spec.has("mean")) spec.set("mean", "50%");
  const double mean = spec.share("mean", 0);
  const double sigma = read_share(spec, "sigma", "10%", false);
  return make_generator(std::move(spec), std::move(options), [=](const GeneratorOptions& o) {
    return GaussianKeys(o.keys, mean, sigma, o.seed);
  });
}

std::unique_ptr<Workload> make_scan_mix(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, scan_mix_params());
  const auto ranks = make_zipf_ranks(spec, options.keys, "1.0");
  const double share = read_share(spec, "scans", "20%", true);
  if (!spec.has("length")) spec.set("length", "1k");
  const uint64_t length = spec.count("length", 0);
  if (length == 0) throw Error::usage("scan-mix:length: expected at least 1");
  // With m other requests before a scan on average, its share is length / (length + m).
  const double others = static_cast<double>(length) * (1 - share) / share;
  const double begin_share = 1 / (1 + others);
  return make_generator(std::move(spec), std::move(options), [=](const GeneratorOptions& o) {
    return ScanMixKeys(ranks, o.keys, begin_share, length, o.seed);
  });
}

}  // namespace cachegauge
