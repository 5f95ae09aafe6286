// Probabilistic early recomputation: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic
// Cache Stampede Prevention", PVLDB 8 (2015). A request that finds a value makes a new one when now
// - recompute time x beta x ln(random) >= expiry. The recompute time is the one that was measured
// for the value found.
#include <fmt/format.h>

#include <cmath>

#include "harness/core/error.h"
#include "harness/replay/guards/guard.h"

namespace cachegauge {
namespace {

class XFetch final : public GuardPart {
 public:
  explicit XFetch(double beta) : beta_(beta) {}

  GuardVerdict judge(GuardVerdict so_far, const Found& found, int64_t now_ns,
                     SplitMix64& random) const override {
    if (so_far != GuardVerdict::kServe) return so_far;
    const double early_ns =
        random.exponential(static_cast<double>(found.envelope.recompute_ns) * beta_);
    const auto left_ns = static_cast<double>(found.envelope.fresh_until_ns - now_ns);
    return early_ns >= left_ns ? GuardVerdict::kRefresh : GuardVerdict::kServe;
  }

 private:
  const double beta_;
};

}  // namespace

void add_xfetch(const Spec& spec, Guard& guard) {
  const double beta = spec.number("beta", 1);
  if (!(beta > 0 && beta <= 1000)) {
    throw Error::usage(fmt::format("{}:beta: expected a number above 0 and up to 1000, got \"{}\"",
                                   spec.kind(), *spec.find("beta")));
  }
  guard.add(std::make_unique<XFetch>(beta));
}

void add_xfetch_lock(const Spec& spec, Guard& guard) {
  add_xfetch(spec, guard);
  add_token_lock(spec, guard);
}

}  // namespace cachegauge
