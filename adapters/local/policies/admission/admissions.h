// Every admission filter there is. A new one is its header, one row in admissions.cc and one golden
// case in tests/local; each policy of local caches and of the simulator can have it in front.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "adapters/local/policies/admission/filter.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

// What each spec of a policy or local cache may carry.
inline constexpr ParamInfo kAdmissionParam = {
    "admission", "filter",
    "which absent objects are let in, with admission.p=… (`list admissions`)"};

struct AdmissionKind : AdmissionInfo {
  std::unique_ptr<AdmissionFilter> (*make)(const AdmissionSettings& settings) = nullptr;
};
std::span<const AdmissionKind> admission_kinds();

// The filter that `admission=` of the spec names; null if there is none. Throws Error::usage for an
// unknown name or parameter, and for a value out of range.
std::unique_ptr<AdmissionFilter> make_admission(const PolicySettings& settings);

// What a filter says of an object that is to be inserted, and the victim that the policy has named
// for that insert, if it was asked.
struct AdmissionVerdict {
  bool admitted = true;
  uint32_t victim = kNoSlot;
};

// `expired(slot)` is whether a resident has.
template <SlotPolicy Policy, class Sink, class Expired>
AdmissionVerdict consult(AdmissionFilter& filter, const Sighting& candidate, Policy& policy,
                         const Access& access, Sink& sink, Expired expired) {
  const uint32_t victim = filter.compares() ? policy.next_victim(access, sink) : kNoSlot;
  const bool goes_alive = victim != kNoSlot && !expired(victim);
  return {filter.admits(candidate, goes_alive ? victim : kNoSlot), victim};
}

}  // namespace cachegauge
