// Every eviction policy there is. A new one is its header, one entry here and one golden case in
// tests/local; local caches and the simulator pick it up from this list.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "adapters/local/policies/arc.h"
#include "adapters/local/policies/belady.h"
#include "adapters/local/policies/belady_size.h"
#include "adapters/local/policies/cacheus.h"
#include "adapters/local/policies/car.h"
#include "adapters/local/policies/clock.h"
#include "adapters/local/policies/clockpro.h"
#include "adapters/local/policies/fifo.h"
#include "adapters/local/policies/gdsf.h"
#include "adapters/local/policies/hyperbolic.h"
#include "adapters/local/policies/lecar.h"
#include "adapters/local/policies/lfu.h"
#include "adapters/local/policies/lfuda.h"
#include "adapters/local/policies/lhd.h"
#include "adapters/local/policies/lirs.h"
#include "adapters/local/policies/lru.h"
#include "adapters/local/policies/lruk.h"
#include "adapters/local/policies/mru.h"
#include "adapters/local/policies/multiqueue.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/qdlp.h"
#include "adapters/local/policies/random.h"
#include "adapters/local/policies/s3fifo.h"
#include "adapters/local/policies/sieve.h"
#include "adapters/local/policies/slru.h"
#include "adapters/local/policies/ttl.h"
#include "adapters/local/policies/two_queues.h"
#include "adapters/local/policies/unbounded.h"
#include "adapters/local/policies/wtinylfu.h"

namespace cachegauge {

// What instantiates every policy is compiled in so many parts, side by side, each with a stretch of
// the table: cachegauge_policy_parts() in CMakeLists.txt makes their sources.
inline constexpr size_t kPolicyParts = 5;

template <SlotPolicy... Policies>
struct PolicyTypes {
  static constexpr std::array<PolicyInfo, sizeof...(Policies)> kTable = {Policies::kInfo...};

  // Calls visit.template operator()<Policy>() for each policy, in the order of the table.
  template <class Visit>
  static void for_each(Visit&& visit) {
    (visit.template operator()<Policies>(), ...);
  }
  // The same for the policies of one part.
  template <size_t kPart, class Visit>
  static void for_each_in(Visit&& visit) {
    static_assert(kPart < kPolicyParts);
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      (visit_if<kIndex * kPolicyParts / sizeof...(Policies) == kPart, Policies>(visit), ...);
    }
    (std::index_sequence_for<Policies...>());
  }

 private:
  template <bool kWanted, class Policy, class Visit>
  static void visit_if(Visit& visit) {
    if constexpr (kWanted) visit.template operator()<Policy>();
  }
};

// Calls visit.template operator()<kPart>() for each part.
template <class Visit>
void for_each_policy_part(Visit&& visit) {
  [&]<size_t... kPart>(std::index_sequence<kPart...>) { (visit.template operator()<kPart>(), ...); }
  (std::make_index_sequence<kPolicyParts>());
}

using AllPolicies =
    PolicyTypes<UnboundedPolicy, LruPolicy, LfuPolicy, FifoPolicy, ClockPolicy, RandomPolicy,
                TtlPolicy, SievePolicy, S3FifoPolicy, QdLpPolicy, ArcPolicy, TwoQueuesPolicy,
                SlruPolicy, WTinyLfuPolicy, LirsPolicy, LruKPolicy, MultiQueuePolicy, GdsfPolicy,
                LfuDaPolicy, HyperbolicPolicy, LhdPolicy, LecarPolicy, CacheusPolicy, CarPolicy,
                ClockProPolicy, MruPolicy, BeladyPolicy, BeladySizePolicy>;

// The rows that `cachegauge list policies` prints.
inline constexpr std::span<const PolicyInfo> kPolicyTable = AllPolicies::kTable;

}  // namespace cachegauge
