// `value=` and `key=`: how large values and keys are. A size is a property of the key, drawn from
// its hash and the seed, so that every request of a key, on every machine that rounds alike, has
// the same. Values and keys are drawn apart.
//
//   lognormal  most small, some large: median · e^(sigma · N(0,1))
//   uniform    each size from min to max alike
//   pareto     above min a share (min / size)^shape of the keys: many small, and a heavy tail
//   weighted   of a list, `100:70+1KiB:25+64KiB:5`: each size with its weight
//   etc        of Facebook's ETC pool (Atikoglu, Xu, Frachtenberg, Jiang, Paleczny, "Workload
//              analysis of a large-scale key-value store", SIGMETRICS 2012). Keys: generalised
//              extreme value, mu 30.7984, sigma 8.20449, k 0.078688, cut to 1 to 250 bytes. Values:
//              0 to 14 bytes with the probabilities of the paper's table, 0.44155 in all, and above
//              them 15 bytes plus generalised Pareto, sigma 214.476, k 0.348238, cut at `max`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/request.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Immutable and thread-safe.
class Sizes {
 public:
  static constexpr uint64_t kDefaultValueBytes = 100;

  virtual ~Sizes() = default;
  // The size if it is the same for all keys.
  virtual std::optional<uint64_t> fixed_bytes() const = 0;
  // Of the key of each request. The spans have one length.
  virtual void draw(std::span<const Request> requests, std::span<uint64_t> sizes) const = 0;
};

void assign_value_sizes(const Sizes& sizes, std::span<Request> requests);
void assign_key_sizes(const Sizes& sizes, std::span<Request> requests);

// Of a workload's spec, in which they fill in the defaults: `value=100`; without `key=` the size of
// a key is its own length, 0. `value=64KiB` is fixed. Throws Error::usage.
std::shared_ptr<const Sizes> make_value_sizes(Spec& spec, uint64_t seed);
std::shared_ptr<const Sizes> make_key_sizes(Spec& spec, uint64_t seed);

}  // namespace cachegauge
