#include "workloads/generators/generators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "harness/core/units.h"
#include "workloads/check_params.h"
#include "workloads/generators/op_mix.h"
#include "workloads/generators/zipf_table.h"
#include "workloads/value_sizes.h"

namespace cachegauge {
namespace {

constexpr uint64_t kOpPurpose = 0x6f7073;  // of the operations' random stream

// What all generators are told.
struct GeneratorOptions {
  uint64_t keys;
  uint64_t requests;
  uint64_t seed;
  Request prototype;
  OpMix ops;
  std::shared_ptr<const ValueSizes> sizes;
};

// `Keys::fill(requests)` sets the integer keys of the next requests.
template <class Keys>
class GeneratorSource final : public RequestSource {
 public:
  GeneratorSource(const GeneratorOptions& options, Keys keys)
      : options_(options),
        keys_(std::move(keys)),
        op_random_(random_stream(options.seed, kOpPurpose)),
        left_(options.requests) {}

  size_t read(std::span<Request> out) override {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(out.size(), left_));
    const std::span<Request> batch = out.first(count);
    left_ -= count;
    std::fill(batch.begin(), batch.end(), options_.prototype);
    keys_.fill(batch);
    if (!options_.ops.gets_only()) options_.ops.assign(op_random_, batch);
    if (!options_.sizes->fixed_bytes()) options_.sizes->assign(batch);
    return count;
  }

 private:
  GeneratorOptions options_;
  Keys keys_;
  SplitMix64 op_random_;
  uint64_t left_;
};

class ZipfKeys {
 public:
  ZipfKeys(std::shared_ptr<const ZipfTable> table, uint64_t seed)
      : table_(std::move(table)), random_(seed) {}

  void fill(std::span<Request> requests) {
    std::array<uint64_t, 256> ranks;
    while (!requests.empty()) {
      const size_t count = std::min(ranks.size(), requests.size());
      table_->draw(random_, std::span(ranks).first(count));
      for (size_t i = 0; i < count; ++i) requests[i].integer_key = ranks[i];
      requests = requests.subspan(count);
    }
  }

 private:
  std::shared_ptr<const ZipfTable> table_;
  SplitMix64 random_;
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

// The table of a zipf workload, made when it is first needed. Copies would each make their own.
class LazyZipfTable {
 public:
  LazyZipfTable(uint64_t keys, double alpha) : keys_(keys), alpha_(alpha) {}
  std::shared_ptr<const ZipfTable> get() {
    std::call_once(once_, [this] { table_ = std::make_shared<ZipfTable>(keys_, alpha_); });
    return table_;
  }

 private:
  uint64_t keys_;
  double alpha_;
  std::once_flag once_;
  std::shared_ptr<const ZipfTable> table_;
};

// `MakeKeys` is called with the options at each open().
template <class MakeKeys>
class Generator final : public Workload {
 public:
  Generator(Spec spec, GeneratorOptions options, MakeKeys make_keys)
      : spec_(std::move(spec)), options_(std::move(options)), make_keys_(std::move(make_keys)) {
    traits_.format = spec_.kind();
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

uint64_t at_least_one(const Spec& spec, std::string_view name, uint64_t fallback) {
  const uint64_t count = spec.count(name, fallback);
  if (count > 0) return count;
  throw Error::usage(fmt::format("{}:{}: expected at least 1", spec.kind(), name));
}

uint32_t key_size_bytes(const Spec& spec, uint64_t keys) {
  constexpr uint64_t kLongestBytes = 1 << 20;
  if (!spec.has("key")) return 0;
  const uint64_t size = spec.size_bytes("key", 0);
  const size_t digits = fmt::format("{}", keys).size();
  if (size < digits || size > kLongestBytes) {
    throw Error::usage(fmt::format(
        "{}:key: expected a key size from {} (the digits of keys={}) to {} bytes, got {}",
        spec.kind(), digits, keys, kLongestBytes, size));
  }
  return static_cast<uint32_t>(size);
}

// Fills the defaults into `spec`.
GeneratorOptions read_options(Spec& spec, std::span<const ParamInfo> params) {
  check_params(spec, params);
  const uint64_t keys = at_least_one(spec, "keys", 1'000'000);
  const uint64_t requests = at_least_one(spec, "requests", 1'000'000);
  const uint64_t seed = spec.count("seed", 42);
  if (!spec.has("keys")) spec.set("keys", "1M");
  if (!spec.has("requests")) spec.set("requests", "1M");
  if (!spec.has("seed")) spec.set("seed", "42");
  GeneratorOptions options{.keys = keys,
                           .requests = requests,
                           .seed = seed,
                           .prototype = {},
                           .ops = OpMix(spec),
                           .sizes = make_value_sizes(spec, seed)};
  options.prototype.value_size_bytes = options.sizes->fixed_bytes().value_or(0);
  options.prototype.ttl_ns = spec.duration_ns("ttl", 0);
  options.prototype.key_size_bytes = key_size_bytes(spec, keys);
  return options;
}

template <class MakeKeys>
std::unique_ptr<Workload> make_generator(Spec spec, GeneratorOptions options, MakeKeys make_keys) {
  return std::make_unique<Generator<MakeKeys>>(std::move(spec), std::move(options),
                                               std::move(make_keys));
}

constexpr ParamInfo kParams[] = {
    {"keys", "count = 1M", "how many keys there are: 1 to N"},
    {"requests", "count = 1M", "how many requests"},
    {"seed", "count = 42", "the same seed gives the same requests, always"},
    {"get", "weight = 1", "share of gets among get, set, delete and add"},
    {"set", "weight = 0", "share of sets"},
    {"delete", "weight = 0", "share of deletes"},
    {"add", "weight = 0", "share of adds"},
    {"value", "size | lognormal = 100", "value size; value.median, value.sigma, value.max"},
    {"key", "size", "key size: shorter keys are padded to it"},
    {"ttl", "time = 0", "TTL of every request; 0 never expires"},
    // Last, for kParams without it.
    {"alpha", "number = 1.0", "skew; 0 is uniform"},
};

}  // namespace

std::span<const ParamInfo> zipf_params() { return kParams; }

std::span<const ParamInfo> generator_params() {
  return std::span(kParams).first(std::size(kParams) - 1);
}

std::unique_ptr<Workload> make_zipf(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_options(spec, zipf_params());
  const double alpha = spec.number("alpha", 1.0);
  if (alpha < 0 || alpha > 10) {
    throw Error::usage(fmt::format("zipf:alpha: expected a skew from 0 to 10, got {}", alpha));
  }
  if (options.keys > ZipfTable::kMostKeys) {
    throw Error::usage(
        fmt::format("zipf:keys: at most {} keys, for which its table takes 768 MiB; got {}",
                    format_count(ZipfTable::kMostKeys), format_count(options.keys)));
  }
  if (!spec.has("alpha")) spec.set("alpha", "1.0");
  const auto table = std::make_shared<LazyZipfTable>(options.keys, alpha);
  return make_generator(std::move(spec), std::move(options), [table](const GeneratorOptions& o) {
    return ZipfKeys(table->get(), o.seed);
  });
}

std::unique_ptr<Workload> make_uniform(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_options(spec, generator_params());
  return make_generator(std::move(spec), std::move(options),
                        [](const GeneratorOptions& o) { return UniformKeys(o.keys, o.seed); });
}

std::unique_ptr<Workload> make_sequential(const Spec& given) {
  Spec spec = given;
  GeneratorOptions options = read_options(spec, generator_params());
  return make_generator(std::move(spec), std::move(options),
                        [](const GeneratorOptions& o) { return SequentialKeys(o.keys); });
}

}  // namespace cachegauge
