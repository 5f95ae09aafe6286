// Guards that change for how long values live, or make them anew before they end.
//
//   jitter         each TTL is drawn from ttl x (1 - spread) to ttl x (1 + spread)
//   swr            stale-while-revalidate (RFC 5861): a value past its lifetime is served for as
//                  long as `stale` and made anew in the background
//   refresh-ahead  a value whose end is nearer than `ahead` is served, and made anew in the
//                  background (Caffeine's refreshAfterWrite, counted from the end)
//   prewarm        a job makes the value before the first request, and again when its end is nearer
//                  than `ahead`, whether anybody asks for it or not
#include <fmt/format.h>

#include <cmath>

#include "harness/core/error.h"
#include "harness/replay/guards/guard.h"

namespace cachegauge {
namespace {

class Jitter final : public GuardPart {
 public:
  explicit Jitter(double spread) : spread_(spread) {}

  Lifetime lifetime(Lifetime so_far, SplitMix64& random) const override {
    const double factor = 1 + spread_ * (2 * random.uniform() - 1);
    const auto fresh_ns = std::llround(static_cast<double>(so_far.fresh_ns) * factor);
    return {fresh_ns, so_far.kept_ns + fresh_ns - so_far.fresh_ns};
  }

 private:
  const double spread_;
};

class StaleWhileRevalidate final : public GuardPart {
 public:
  // 0: for as long again as it was fresh.
  explicit StaleWhileRevalidate(int64_t stale_ns) : stale_ns_(stale_ns) {}

  int64_t stale_ns(int64_t ttl_ns) const override { return stale_ns_ > 0 ? stale_ns_ : ttl_ns; }
  bool refreshes_behind() const override { return true; }
  Lifetime lifetime(Lifetime so_far, SplitMix64&) const override {
    return {so_far.fresh_ns, so_far.kept_ns + stale_ns(so_far.fresh_ns)};
  }
  GuardVerdict judge(GuardVerdict so_far, const Found&, int64_t, SplitMix64&) const override {
    return so_far == GuardVerdict::kRefresh ? GuardVerdict::kRefreshBehind : so_far;
  }

 private:
  const int64_t stale_ns_;
};

class RefreshAhead final : public GuardPart {
 public:
  explicit RefreshAhead(double share, int64_t ahead_ns) : share_(share), ahead_ns_(ahead_ns) {}

  bool refreshes_behind() const override { return true; }
  GuardVerdict judge(GuardVerdict so_far, const Found& found, int64_t now_ns,
                     SplitMix64&) const override {
    if (so_far != GuardVerdict::kServe) return so_far;
    const Envelope& value = found.envelope;
    const int64_t loaded_ns = value.read_ns + value.recompute_ns;
    const auto lifetime_ns = static_cast<double>(value.fresh_until_ns - loaded_ns);
    const int64_t ahead_ns = ahead_ns_ > 0 ? ahead_ns_ : std::llround(lifetime_ns * share_);
    return now_ns >= value.fresh_until_ns - ahead_ns ? GuardVerdict::kRefreshBehind : so_far;
  }

 private:
  const double share_;  // of the lifetime, if no time is given
  const int64_t ahead_ns_;
};

class Prewarm final : public GuardPart {
 public:
  explicit Prewarm(double share, int64_t ahead_ns) : share_(share), ahead_ns_(ahead_ns) {}

  int64_t warm_ns(int64_t ttl_ns) const override {
    return ahead_ns_ > 0 ? ahead_ns_ : std::llround(static_cast<double>(ttl_ns) * share_);
  }

 private:
  const double share_;
  const int64_t ahead_ns_;
};

constexpr double kShareOfLifetime = 0.2;

}  // namespace

void add_jitter(const Spec& spec, Guard& guard) {
  const double spread = spec.share("spread", 0.1);
  if (spread <= 0 || spread >= 1) {
    throw Error::usage(
        fmt::format("jitter:spread: expected a share above 0% and below 100%, got "
                    "\"{}\"",
                    *spec.find("spread")));
  }
  guard.add(std::make_unique<Jitter>(spread));
}

void add_swr(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<StaleWhileRevalidate>(spec.duration_ns("stale", 0)));
}

void add_refresh_ahead(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<RefreshAhead>(kShareOfLifetime, spec.duration_ns("ahead", 0)));
}

void add_prewarm(const Spec& spec, Guard& guard) {
  guard.add(std::make_unique<Prewarm>(kShareOfLifetime, spec.duration_ns("ahead", 0)));
}

}  // namespace cachegauge
