#include "workloads/sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "harness/core/units.h"
#include "workloads/size_draws.h"

namespace cachegauge {
namespace {

// What has a size: its parameter, and what its random stream is told apart by.
struct Subject {
  std::string_view name;
  uint64_t purpose;
  uint64_t largest_bytes;
};
constexpr Subject kValue = {"value", 0x76616c7565, uint64_t{1} << 40};
constexpr Subject kKey = {"key", 0x6b6579, 1 << 20};

class FixedSizes final : public Sizes {
 public:
  explicit FixedSizes(uint64_t bytes) : bytes_(bytes) {}
  std::optional<uint64_t> fixed_bytes() const override { return bytes_; }
  void draw(std::span<const Request>, std::span<uint64_t> sizes) const override {
    std::fill(sizes.begin(), sizes.end(), bytes_);
  }

 private:
  uint64_t bytes_;
};

template <class Draw>
class DrawnSizes final : public Sizes {
 public:
  DrawnSizes(Draw draw, uint64_t salt) : draw_(std::move(draw)), salt_(salt) {}
  std::optional<uint64_t> fixed_bytes() const override { return std::nullopt; }
  void draw(std::span<const Request> requests, std::span<uint64_t> sizes) const override {
    for (size_t i = 0; i < requests.size(); ++i) {
      SplitMix64 random(mix64(requests[i].key_hash() ^ salt_));
      sizes[i] = draw_(random);
    }
  }

 private:
  Draw draw_;
  uint64_t salt_;
};

// The parameters after `value=` or `key=`, with the defaults that were read filled in.
class Params {
 public:
  Params(const Subject& subject, Spec spec, uint64_t seed)
      : subject_(subject),
        spec_(std::move(spec)),
        salt_(random_stream(seed, subject.purpose).next()) {}

  const Spec& spec() const { return spec_; }

  uint64_t size_bytes(std::string_view name, std::string_view fallback) {
    if (!spec_.has(name)) spec_.set(name, std::string(fallback));
    return checked(spec_.size_bytes(name, 0), name);
  }

  double number(std::string_view name, std::string_view fallback, double least, double largest) {
    if (!spec_.has(name)) spec_.set(name, std::string(fallback));
    const double value = spec_.number(name, 0);
    if (value >= least && value <= largest) return value;
    throw Error::usage(fmt::format("{}: expected a {} from {} to {}, got {}", label(), name, least,
                                   largest, value));
  }

  uint64_t checked(uint64_t bytes, std::string_view name) const {
    if (bytes <= subject_.largest_bytes) return bytes;
    throw Error::usage(fmt::format("{}.{}: a {} of more than {}", subject_.name, name,
                                   subject_.name, format_size(subject_.largest_bytes)));
  }

  void require_order(uint64_t low, uint64_t high, std::string_view expected) const {
    if (low >= 1 && low <= high) return;
    throw Error::usage(fmt::format("{}: expected 1 <= {} <= max, got {} and {}", label(), expected,
                                   format_size(low), format_size(high)));
  }

  std::string label() const { return fmt::format("{}={}", subject_.name, spec_.kind()); }

  // The largest size unless said.
  std::string_view default_max() const { return subject_.name == "key" ? "250" : "1GiB"; }

  template <class Draw>
  std::shared_ptr<const Sizes> make(Draw draw) const {
    return std::make_shared<DrawnSizes<Draw>>(std::move(draw), salt_);
  }

 private:
  const Subject& subject_;
  Spec spec_;
  uint64_t salt_;
};

std::shared_ptr<const Sizes> make_fixed(Params& params) {
  return std::make_shared<FixedSizes>(params.size_bytes("size", "100"));
}

std::shared_ptr<const Sizes> make_lognormal(Params& params) {
  const uint64_t median = params.size_bytes("median", "100");
  const double sigma = params.number("sigma", "1.0", 0, 10);
  const uint64_t largest = params.size_bytes("max", params.default_max());
  params.require_order(median, largest, "median");
  return params.make(
      LognormalDraw{static_cast<double>(median), sigma, static_cast<double>(largest)});
}

std::shared_ptr<const Sizes> make_uniform(Params& params) {
  const uint64_t least = params.size_bytes("min", "1");
  const uint64_t largest = params.size_bytes("max", "200");
  params.require_order(least, largest, "min");
  return params.make(UniformDraw{least, largest});
}

std::shared_ptr<const Sizes> make_pareto(Params& params) {
  const uint64_t least = params.size_bytes("min", "100");
  const double shape = params.number("shape", "1.5", 0.1, 100);
  const uint64_t largest = params.size_bytes("max", params.default_max());
  params.require_order(least, largest, "min");
  return params.make(ParetoDraw{static_cast<double>(least), shape, static_cast<double>(largest)});
}

WeightedDraw::Entry parse_entry(const Params& params, std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    throw Error::usage(
        fmt::format("{}: expected sizes with their weights, such as 100:70+1KiB:30, got \"{}\"",
                    params.label(), text));
  }
  const uint64_t size = params.checked(parse_size_bytes(text.substr(0, colon)), "sizes");
  const double weight = parse_number(text.substr(colon + 1));
  if (weight > 0) return {size, weight};
  throw Error::usage(
      fmt::format("{}: expected a weight of more than 0, got \"{}\"", params.label(), text));
}

std::shared_ptr<const Sizes> make_weighted(Params& params) {
  std::vector<WeightedDraw::Entry> entries;
  std::string_view rest;
  const std::string text = params.spec().text("sizes", "");
  for (rest = text;;) {
    const size_t plus = rest.find('+');
    entries.push_back(parse_entry(params, rest.substr(0, plus)));
    if (plus == std::string_view::npos) break;
    rest.remove_prefix(plus + 1);
  }
  return params.make(WeightedDraw(std::move(entries)));
}

std::shared_ptr<const Sizes> make_etc_value(Params& params) {
  return params.make(EtcValueDraw{static_cast<double>(params.size_bytes("max", "1MiB"))});
}

std::shared_ptr<const Sizes> make_etc_key(Params& params) { return params.make(EtcKeyDraw{}); }

constexpr ParamInfo kFixedParams[] = {{"size", "size = 100", "of every one"}};
constexpr ParamInfo kLognormalParams[] = {
    {"median", "size = 100", "half of the keys have smaller ones"},
    {"sigma", "number = 1.0", "standard deviation of the size's logarithm"},
    {"max", "size = 1GiB", "larger draws become this"},
};
constexpr ParamInfo kUniformParams[] = {{"min", "size = 1", "the smallest"},
                                        {"max", "size = 200", "the largest"}};
constexpr ParamInfo kParetoParams[] = {
    {"min", "size = 100", "the smallest"},
    {"shape", "number = 1.5", "the tail is heavier the smaller it is"},
    {"max", "size = 1GiB", "larger draws become this"},
};
constexpr ParamInfo kWeightedParams[] = {{"sizes", "list", "100:70+1KiB:25+64KiB:5"}};
constexpr ParamInfo kEtcValueParams[] = {{"max", "size = 1MiB", "larger draws become this"}};

struct SizeKind {
  std::string_view name;
  std::span<const ParamInfo> params;  // dotted in the workload's spec: value.median=1KiB
  std::shared_ptr<const Sizes> (*make)(Params& params);
};

constexpr std::array<SizeKind, 6> kValueKinds = {{
    {"fixed", kFixedParams, make_fixed},
    {"lognormal", kLognormalParams, make_lognormal},
    {"uniform", kUniformParams, make_uniform},
    {"pareto", kParetoParams, make_pareto},
    {"weighted", kWeightedParams, make_weighted},
    {"etc", kEtcValueParams, make_etc_value},
}};
constexpr std::array<SizeKind, 6> kKeyKinds = {{
    {"fixed", kFixedParams, make_fixed},
    {"lognormal", kLognormalParams, make_lognormal},
    {"uniform", kUniformParams, make_uniform},
    {"pareto", kParetoParams, make_pareto},
    {"weighted", kWeightedParams, make_weighted},
    {"etc", {}, make_etc_key},
}};

bool is_size(const std::string& value) {
  return !value.empty() && value[0] >= '0' && value[0] <= '9';
}

// `value=64KiB` -> fixed:size=64KiB
Spec nested_spec(const Spec& spec, std::string_view name) {
  const std::string& value = *spec.find(name);
  Spec nested = spec.nested(name);
  if (!is_size(value)) return nested;
  if (!nested.params().empty()) {
    throw Error::usage(fmt::format("{}:{}={} is one size, and takes no {}.{}", spec.kind(), name,
                                   value, name, nested.params()[0].name));
  }
  spec.size_bytes(name, 0);  // for its error, which names the parameter as it was given
  return Spec("fixed", {{"size", value}});
}

void refuse_parts(const Spec& spec, std::string_view name) {
  for (const Spec::Param& param : spec.params()) {
    if (!param.name.starts_with(fmt::format("{}.", name))) continue;
    throw Error::usage(
        fmt::format("{}:{} needs {}=lognormal or another kind", spec.kind(), param.name, name));
  }
}

std::shared_ptr<const Sizes> make_sizes(const Subject& subject, std::span<const SizeKind> kinds,
                                        Spec& spec, uint64_t seed) {
  Spec nested = nested_spec(spec, subject.name);
  const SizeKind& kind = require_row(kinds, nested.kind(), fmt::format("{} size", subject.name));
  nested.require_known(kind.params);
  Params params(subject, std::move(nested), seed);
  auto sizes = kind.make(params);
  if (is_size(*spec.find(subject.name))) return sizes;
  spec.set(subject.name, params.spec().kind());
  for (const Spec::Param& param : params.spec().params()) {
    spec.set(fmt::format("{}.{}", subject.name, param.name), param.value);
  }
  return sizes;
}

// A group of sizes at a time, on the stack.
template <class Assign>
void assign_sizes(const Sizes& sizes, std::span<Request> requests, Assign assign) {
  std::array<uint64_t, 256> drawn;
  while (!requests.empty()) {
    const size_t count = std::min(drawn.size(), requests.size());
    sizes.draw(requests.first(count), std::span(drawn).first(count));
    for (size_t i = 0; i < count; ++i) assign(requests[i], drawn[i]);
    requests = requests.subspan(count);
  }
}

}  // namespace

void assign_value_sizes(const Sizes& sizes, std::span<Request> requests) {
  assign_sizes(sizes, requests,
               [](Request& request, uint64_t size) { request.value_size_bytes = size; });
}

void assign_key_sizes(const Sizes& sizes, std::span<Request> requests) {
  assign_sizes(sizes, requests, [](Request& request, uint64_t size) {
    request.key_size_bytes = static_cast<uint32_t>(size);
  });
}

std::shared_ptr<const Sizes> make_value_sizes(Spec& spec, uint64_t seed) {
  if (!spec.has("value")) {
    refuse_parts(spec, "value");
    spec.set("value", fmt::format("{}", Sizes::kDefaultValueBytes));
  }
  return make_sizes(kValue, kValueKinds, spec, seed);
}

std::shared_ptr<const Sizes> make_key_sizes(Spec& spec, uint64_t seed) {
  if (spec.has("key")) return make_sizes(kKey, kKeyKinds, spec, seed);
  refuse_parts(spec, "key");
  return std::make_shared<FixedSizes>(0);
}

}  // namespace cachegauge
