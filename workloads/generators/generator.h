// What all generators share. One brings a Keys:
//
//   void fill(std::span<Request> requests)
//
// which sets the integer keys of the next requests, by draws of its own. Operations, sizes and
// arrival times have theirs, so that the sequence of keys is the same for any mix.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "harness/core/random.h"
#include "harness/core/registry.h"
#include "harness/core/workload.h"
#include "workloads/generators/arrivals.h"
#include "workloads/generators/op_mix.h"
#include "workloads/sizes.h"

namespace cachegauge {

struct GeneratorOptions {
  uint64_t keys;
  uint64_t requests;
  uint64_t seed;
  Request prototype;
  OpMix ops;
  std::shared_ptr<const Sizes> value_sizes;
  std::shared_ptr<const Sizes> key_sizes;
  ArrivalSpec arrivals;
};

// The parameters of every generator, and after them those of its own.
std::vector<ParamInfo> join_generator_params(std::span<const ParamInfo> own);

// Fills the defaults into `spec`. Throws Error::usage for a parameter that is not in `params`.
GeneratorOptions read_generator_options(Spec& spec, std::span<const ParamInfo> params);

// Throws Error::usage where the key size is fixed and shorter than the digits of `largest_key`.
void require_room_for_keys(const Spec& spec, const GeneratorOptions& options, uint64_t largest_key);

template <class Keys>
class GeneratorSource final : public RequestSource {
 public:
  GeneratorSource(const GeneratorOptions& options, Keys keys)
      : options_(options),
        keys_(std::move(keys)),
        op_random_(random_stream(options.seed, kOpPurpose)),
        arrivals_(options.arrivals, options.seed),
        left_(options.requests) {}

  size_t read(std::span<Request> out) override {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(out.size(), left_));
    const std::span<Request> batch = out.first(count);
    left_ -= count;
    std::fill(batch.begin(), batch.end(), options_.prototype);
    keys_.fill(batch);
    if (!options_.ops.gets_only()) options_.ops.assign(op_random_, batch);
    if (!options_.value_sizes->fixed_bytes()) assign_value_sizes(*options_.value_sizes, batch);
    if (!options_.key_sizes->fixed_bytes()) assign_key_sizes(*options_.key_sizes, batch);
    if (options_.arrivals.carries_time()) arrivals_.assign(batch);
    return count;
  }

 private:
  static constexpr uint64_t kOpPurpose = 0x6f7073;  // of the operations' random stream

  GeneratorOptions options_;
  Keys keys_;
  SplitMix64 op_random_;
  Arrivals arrivals_;
  uint64_t left_;
};

// `MakeKeys` is called with the options at each open().
template <class MakeKeys>
class Generator final : public Workload {
 public:
  Generator(Spec spec, GeneratorOptions options, MakeKeys make_keys)
      : spec_(std::move(spec)), options_(std::move(options)), make_keys_(std::move(make_keys)) {
    traits_.format = spec_.kind();
    traits_.carries_time = options_.arrivals.carries_time();
    traits_.has_sets = options_.ops.has(Op::kSet) || options_.ops.has(Op::kAdd);
    traits_.requests = options_.requests;
  }

  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override {
    auto keys = make_keys_(options_);
    return std::make_unique<GeneratorSource<decltype(keys)>>(options_, std::move(keys));
  }

 private:
  Spec spec_;
  GeneratorOptions options_;
  MakeKeys make_keys_;
  WorkloadTraits traits_;
};

template <class MakeKeys>
std::unique_ptr<Workload> make_generator(Spec spec, GeneratorOptions options, MakeKeys make_keys) {
  return std::make_unique<Generator<MakeKeys>>(std::move(spec), std::move(options),
                                               std::move(make_keys));
}

}  // namespace cachegauge
