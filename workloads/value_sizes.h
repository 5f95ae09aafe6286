// `value=`: how large values are. The size is a property of the key, drawn from its hash and the
// seed, so that every request of a key, on every machine that rounds alike, asks for the same size.
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
class ValueSizes {
 public:
  static constexpr uint64_t kDefaultBytes = 100;

  virtual ~ValueSizes() = default;
  // The size if it is the same for all keys.
  virtual std::optional<uint64_t> fixed_bytes() const = 0;
  // Sets value_size_bytes of each request.
  virtual void assign(std::span<Request> requests) const = 0;
};

struct ValueSizeKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;  // dotted in the workload's spec: value.median=1KiB
  std::shared_ptr<const ValueSizes> (*make)(Spec& spec, uint64_t seed);  // fills in defaults
};
std::span<const ValueSizeKind> value_size_kinds();

// Of a workload's spec, in which it fills in the defaults. `value=100` and `value=64KiB` are fixed.
// Throws Error::usage.
std::shared_ptr<const ValueSizes> make_value_sizes(Spec& spec, uint64_t seed);

}  // namespace cachegauge
