#include "workloads/value_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr uint64_t kPurpose = 0x76616c7565;  // of the random stream: apart from keys and operations
constexpr uint64_t kLargestBytes = uint64_t{1} << 40;

uint64_t checked(uint64_t bytes, std::string_view name) {
  if (bytes <= kLargestBytes) return bytes;
  throw Error::usage(fmt::format("{}: a value of more than {}", name, format_size(kLargestBytes)));
}

class FixedSize final : public ValueSizes {
 public:
  explicit FixedSize(uint64_t bytes) : bytes_(bytes) {}
  std::optional<uint64_t> fixed_bytes() const override { return bytes_; }
  void assign(std::span<Request> requests) const override {
    for (Request& request : requests) request.value_size_bytes = bytes_;
  }

 private:
  uint64_t bytes_;
};

// median · e^(sigma · N(0,1)), rounded, from 1 up to the maximum.
class LognormalSizes final : public ValueSizes {
 public:
  LognormalSizes(double median, double sigma, double largest, uint64_t seed)
      : median_(median),
        sigma_(sigma),
        largest_(largest),
        salt_(random_stream(seed, kPurpose).next()) {}

  std::optional<uint64_t> fixed_bytes() const override { return std::nullopt; }
  void assign(std::span<Request> requests) const override {
    for (Request& request : requests) {
      SplitMix64 random(mix64(request.key_hash() ^ salt_));
      const double size = median_ * std::exp(sigma_ * random.normal());
      request.value_size_bytes =
          static_cast<uint64_t>(std::llround(std::clamp(size, 1.0, largest_)));
    }
  }

 private:
  double median_, sigma_, largest_;
  uint64_t salt_;
};

std::shared_ptr<const ValueSizes> make_fixed(Spec& spec, uint64_t) {
  if (!spec.has("size")) spec.set("size", fmt::format("{}", ValueSizes::kDefaultBytes));
  const uint64_t bytes = spec.size_bytes("size", ValueSizes::kDefaultBytes);
  return std::make_shared<FixedSize>(checked(bytes, "value.size"));
}

std::shared_ptr<const ValueSizes> make_lognormal(Spec& spec, uint64_t seed) {
  if (!spec.has("median")) spec.set("median", fmt::format("{}", ValueSizes::kDefaultBytes));
  if (!spec.has("sigma")) spec.set("sigma", "1.0");
  if (!spec.has("max")) spec.set("max", "1GiB");
  const uint64_t median = checked(spec.size_bytes("median", 0), "value.median");
  const uint64_t largest = checked(spec.size_bytes("max", 0), "value.max");
  const double sigma = spec.number("sigma", 0);
  if (median < 1 || largest < median) {
    throw Error::usage(fmt::format("value=lognormal: expected 1 <= median <= max, got {} and {}",
                                   format_size(median), format_size(largest)));
  }
  if (sigma < 0 || sigma > 10) {
    throw Error::usage(
        fmt::format("value=lognormal: expected a sigma from 0 to 10, got {}", sigma));
  }
  return std::make_shared<LognormalSizes>(static_cast<double>(median), sigma,
                                          static_cast<double>(largest), seed);
}

constexpr ParamInfo kFixedParams[] = {{"size", "size = 100", "of every value"}};
constexpr ParamInfo kLognormalParams[] = {
    {"median", "size = 100", "half of the keys have smaller values"},
    {"sigma", "number = 1.0", "standard deviation of the size's logarithm"},
    {"max", "size = 1GiB", "larger draws become this"},
};

constexpr std::array<ValueSizeKind, 2> kKinds = {{
    {"fixed", "all values have one size; value=100 is short for it", kFixedParams, make_fixed},
    {"lognormal", "most small, some large, as objects of web caches are", kLognormalParams,
     make_lognormal},
}};

bool is_size(const std::string& value) {
  return !value.empty() && value[0] >= '0' && value[0] <= '9';
}

// `value=64KiB` -> fixed:size=64KiB
Spec value_spec(const Spec& spec) {
  const std::string& value = *spec.find("value");
  Spec nested = spec.nested("value");
  if (!is_size(value)) return nested;
  if (!nested.params().empty()) {
    throw Error::usage(fmt::format("{}:value={} is one size, and takes no value.{}", spec.kind(),
                                   value, nested.params()[0].name));
  }
  spec.size_bytes("value", 0);  // for its error, which names the parameter as it was given
  return Spec("fixed", {{"size", value}});
}

}  // namespace

std::span<const ValueSizeKind> value_size_kinds() { return kKinds; }

std::shared_ptr<const ValueSizes> make_value_sizes(Spec& spec, uint64_t seed) {
  if (!spec.has("value")) {
    for (const Spec::Param& param : spec.params()) {
      if (!param.name.starts_with("value.")) continue;
      throw Error::usage(fmt::format("{}:{} needs value=lognormal", spec.kind(), param.name));
    }
    spec.set("value", fmt::format("{}", ValueSizes::kDefaultBytes));
  }
  Spec value = value_spec(spec);
  const ValueSizeKind& kind = require_row(value_size_kinds(), value.kind(), "value size");
  value.require_known(kind.params);
  auto sizes = kind.make(value, seed);
  if (is_size(*spec.find("value"))) return sizes;
  spec.set("value", value.kind());
  for (const Spec::Param& param : value.params()) spec.set("value." + param.name, param.value);
  return sizes;
}

}  // namespace cachegauge
