#include "workloads/generators/generators.h"

#include "workloads/generators/generator.h"
#include "workloads/generators/zipf_draws.h"

namespace cachegauge {
namespace {

class ZipfKeys {
 public:
  ZipfKeys(std::shared_ptr<ZipfRanks> ranks, uint64_t seed) : draws_(std::move(ranks), seed) {}
  void fill(std::span<Request> requests) {
    draws_.draw(requests, [](Request& request, uint64_t rank) { request.integer_key = rank; });
  }

 private:
  ZipfDraws draws_;
};

class UniformKeys {
 public:
  UniformKeys(uint64_t keys, uint64_t seed) : keys_(keys), random_(seed) {}
  void fill(std::span<Request> requests) {
    for (Request& request : requests) request.integer_key = 1 + random_.below(keys_);
  }

 private:
  uint64_t keys_;
  SplitMix64 random_;
};

class SequentialKeys {
 public:
  explicit SequentialKeys(uint64_t keys) : keys_(keys) {}
  void fill(std::span<Request> requests) {
    for (Request& request : requests) {
      last_ = last_ == keys_ ? 1 : last_ + 1;
      request.integer_key = last_;
    }
  }

 private:
  uint64_t keys_;
  uint64_t last_ = 0;
};

constexpr ParamInfo kZipfParams[] = {{"alpha", "number = 1.0", "skew; 0 is uniform"}};

}  // namespace

std::span<const ParamInfo> zipf_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params(kZipfParams);
  return kAll;
}

std::span<const ParamInfo> generator_params() {
  static const std::vector<ParamInfo> kAll = join_generator_params({});
  return kAll;
}

std::unique_ptr<Workload> make_zipf(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, zipf_params());
  const auto ranks = make_zipf_ranks(spec, options.keys, "1.0");
  return make_generator(std::move(spec), std::move(options),
                        [ranks](const GeneratorOptions& o) { return ZipfKeys(ranks, o.seed); });
}

std::unique_ptr<Workload> make_uniform(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, generator_params());
  return make_generator(std::move(spec), std::move(options),
                        [](const GeneratorOptions& o) { return UniformKeys(o.keys, o.seed); });
}

std::unique_ptr<Workload> make_sequential(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_generator_options(spec, generator_params());
  return make_generator(std::move(spec), std::move(options),
                        [](const GeneratorOptions& o) { return SequentialKeys(o.keys); });
}

std::unique_ptr<Workload> make_etc(const Spec& given) {
  Spec spec = given;
  for (const auto& [name, value] : std::initializer_list<Spec::Param>{
           {"value", "etc"}, {"key", "etc"}, {"get", "30"}, {"set", "1"}}) {
    if (!spec.has(name)) spec.set(name, value);
  }
  return make_zipf(spec);
}

}  // namespace cachegauge
