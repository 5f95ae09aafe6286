#include "workloads/generators/generator.h"

#include <fmt/format.h>

#include "harness/core/error.h"
#include "workloads/check_params.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kParams[] = {
    {"keys", "count = 1M", "how many keys there are: 1 to N"},
    {"requests", "count = 1M", "how many requests"},
    {"seed", "count = 42", "the same seed gives the same requests, always"},
    {"get", "weight = 1", "share of gets among get, set, delete and add"},
    {"set", "weight = 0", "share of sets"},
    {"delete", "weight = 0", "share of deletes"},
    {"add", "weight = 0", "share of adds"},
    {"value", "size | lognormal | uniform | pareto | weighted | etc = 100",
     "value size; value.median, value.sigma, value.min, value.max, value.shape, value.sizes"},
    {"key", "size | lognormal | uniform | pareto | weighted | etc",
     "key size: shorter keys are padded to it"},
    {"ttl", "time = 0", "TTL of every request; 0 never expires"},
    {"rate", "number", "requests a second: gives them arrival times"},
    {"arrival", "poisson | constant | onoff = poisson", "how they arrive; arrival.on, arrival.off"},
};

uint64_t at_least_one(const Spec& spec, std::string_view name, uint64_t fallback) {
  const uint64_t count = spec.count(name, fallback);
  if (count > 0) return count;
  throw Error::usage(fmt::format("{}:{}: expected at least 1", spec.kind(), name));
}

}  // namespace

std::vector<ParamInfo> join_generator_params(std::span<const ParamInfo> own) {
  std::vector<ParamInfo> all(std::begin(kParams), std::end(kParams));
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

GeneratorOptions read_generator_options(Spec& spec, std::span<const ParamInfo> params) {
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
                           .value_sizes = make_value_sizes(spec, seed),
                           .key_sizes = make_key_sizes(spec, seed),
                           .arrivals = read_arrivals(spec, requests)};
  options.prototype.value_size_bytes = options.value_sizes->fixed_bytes().value_or(0);
  options.prototype.key_size_bytes =
      static_cast<uint32_t>(options.key_sizes->fixed_bytes().value_or(0));
  options.prototype.ttl_ns = spec.duration_ns("ttl", 0);
  require_room_for_keys(spec, options, keys);
  return options;
}

void require_room_for_keys(const Spec& spec, const GeneratorOptions& options,
                           uint64_t largest_key) {
  const uint64_t size = options.prototype.key_size_bytes;
  const size_t digits = fmt::format("{}", largest_key).size();
  if (!spec.has("key") || size == 0 || size >= digits) return;
  throw Error::usage(
      fmt::format("{}:key: expected a key size of at least {} bytes (the digits of key {}), got {}",
                  spec.kind(), digits, largest_key, size));
}

}  // namespace cachegauge
