// Every admission filter there is. A new one is its header, one row in admissions.cc and one golden
// case in tests/local; each policy of local caches and of the simulator can have it in front.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

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

// Throws Error::usage where that filter compares with the next victim, and the spec's policy is
// none of `able`, which say what theirs is.
void require_next_victim(const Spec& spec, const std::vector<std::string_view>& able);

// The resident with which a filter compares what is to be inserted; kNoSlot for a filter that does
// not. `expired(slot)` is whether a resident has.
template <SlotPolicy Policy, class Sink, class Expired>
uint32_t rival_of(const Access& candidate, const AdmissionFilter& filter, Policy& policy,
                  Sink& sink, Expired expired) {
  if constexpr (VictimPolicy<Policy>) {
    if (!filter.compares()) return kNoSlot;
    const uint32_t victim = policy.next_victim(candidate.size, sink);
    return victim == kNoSlot || expired(victim) ? kNoSlot : victim;
  }
  return kNoSlot;
}

}  // namespace cachegauge
