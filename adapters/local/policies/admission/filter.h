// The contract of admission filters: what stands in front of a policy, and decides which of the
// objects that are not held it is offered at all.
//
// A filter is asked where an absent object would be inserted: by the fill of a missed get, by a set
// or by an add. A set of an object that is held is not its business, unless the object's new size
// makes the policy evict it: then it goes on as a set of an absent one. What the filter turns away
// is not stored, as if the policy had declined it.
//
// Like a policy, a filter serves a real cache (adapters/local/cache.h) and the simulator
// (harness/simulate/simulation.h), and both must see the same: it knows an object by its slot and
// by its key hash, keeps what it keeps of residents by slot, and draws from a generator of its own.
// Calls are virtual, so that a filter is compiled once and not with each policy; a cache without
// one pays for a branch. No exception but std::bad_alloc. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "adapters/local/policies/policy.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

// A use of an object, as a filter sees it.
struct Sighting {
  uint32_t slot = 0;  // that it has, or will have if it is let in
  uint64_t key_hash = 0;
  uint64_t size_bytes = 0;  // of its key and value, whatever the capacity counts
  uint64_t charge = 1;      // what it takes of the capacity
  uint64_t items = 0;       // how many objects the cache holds
};

class AdmissionFilter {
 public:
  virtual ~AdmissionFilter() = default;

  // The object is absent and would be inserted: whether it may be. `victim` is the resident that
  // would go for it (policy.h, next_victim), and kNoSlot if none has to or that one has expired;
  // only a filter that compares() is told.
  virtual bool admits(const Sighting& candidate, uint32_t victim) = 0;
  // A get or a set found the object held.
  virtual void hit(const Sighting&) {}

  virtual bool compares() const { return false; }
  virtual void reserve(uint32_t /*slots*/) {}  // as a policy's
  virtual size_t bytes() const { return 0; }
};

// `spec` is the filter's own: its name, and its parameters without "admission.".
struct AdmissionSettings {
  const Spec& spec;
  PolicyCapacity capacity;
  uint64_t seed = 42;
};

// A filter's row: `static constexpr AdmissionInfo kInfo`.
struct AdmissionInfo {
  std::string_view name;
  std::string_view summary;
  std::string_view paper;  // author, title, year
  std::span<const ParamInfo> params = {};
};

}  // namespace cachegauge
