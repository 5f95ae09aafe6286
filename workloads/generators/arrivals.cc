#include "workloads/generators/arrivals.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr uint64_t kPurpose = 0x617272697665;  // of the arrivals' random stream
constexpr double kLatestNs = 9e18;             // below 2^63
constexpr double kLongestS = 100 * 365.25 * 86400;

double read_mean_ns(Spec& spec, std::string_view name, std::string_view fallback) {
  if (!spec.has(name)) spec.set(name, std::string(fallback));
  const int64_t mean_ns = spec.duration_ns(name, 0);
  if (mean_ns > 0) return static_cast<double>(mean_ns);
  throw Error::usage(fmt::format("{}:{}: expected more than 0", spec.kind(), name));
}

// As counts are, with k and M; but it may be a fraction.
double read_rate(const Spec& spec) {
  const std::string* text = spec.find("rate");
  const bool has_unit = text->ends_with('k') || text->ends_with('M');
  return has_unit ? static_cast<double>(spec.count("rate", 0)) : spec.number("rate", 0);
}

}  // namespace

ArrivalSpec read_arrivals(Spec& spec, uint64_t requests) {
  ArrivalSpec arrivals;
  if (!spec.has("rate")) {
    for (const Spec::Param& param : spec.params()) {
      if (!param.name.starts_with("arrival")) continue;
      throw Error::usage(fmt::format("{}:{} needs rate=", spec.kind(), param.name));
    }
    return arrivals;
  }
  const double rate = read_rate(spec);
  if (rate <= 0 || static_cast<double>(requests) / rate > kLongestS) {
    throw Error::usage(
        fmt::format("{}:rate: expected requests a second, enough for all in 100 years, got {}",
                    spec.kind(), rate));
  }
  const std::string kind = spec.choice("arrival", {"poisson", "constant", "onoff"});
  spec.set("arrival", kind);
  arrivals.gap_ns = 1e9 / rate;
  arrivals.kind = kind == "poisson"    ? ArrivalKind::kPoisson
                  : kind == "constant" ? ArrivalKind::kConstant
                                       : ArrivalKind::kOnOff;
  for (const Spec::Param& param : spec.params()) {
    const bool is_part = param.name.starts_with("arrival.");
    const bool is_known = param.name == "arrival.on" || param.name == "arrival.off";
    if (!is_part || (is_known && kind == "onoff")) continue;
    throw Error::usage(
        fmt::format("{}:{}: only arrival=onoff has parts, on and off", spec.kind(), param.name));
  }
  if (kind != "onoff") return arrivals;
  arrivals.on_ns = read_mean_ns(spec, "arrival.on", "100ms");
  arrivals.off_ns = read_mean_ns(spec, "arrival.off", "900ms");
  // Or a gap would be looked for through thousands of on times.
  if (arrivals.on_ns + arrivals.off_ns < arrivals.gap_ns / 100) {
    throw Error::usage(fmt::format(
        "{}:arrival=onoff: arrival.on and arrival.off are together less than a hundredth of the "
        "mean gap of rate={}",
        spec.kind(), rate));
  }
  arrivals.gap_ns *= arrivals.on_ns / (arrivals.on_ns + arrivals.off_ns);
  return arrivals;
}

Arrivals::Arrivals(const ArrivalSpec& spec, uint64_t seed)
    : spec_(spec),
      random_(random_stream(seed, kPurpose)),
      on_left_ns_(spec.kind == ArrivalKind::kOnOff ? random_.exponential(spec.on_ns) : 0) {}

void Arrivals::assign(std::span<Request> requests) {
  for (Request& request : requests) {
    if (!is_first_) now_ns_ += next_gap_ns();
    is_first_ = false;
    request.time_ns = static_cast<int64_t>(std::min(now_ns_, kLatestNs));
  }
}

double Arrivals::next_gap_ns() {
  if (spec_.kind == ArrivalKind::kConstant) return spec_.gap_ns;
  double gap_ns = random_.exponential(spec_.gap_ns);
  if (spec_.kind == ArrivalKind::kPoisson) return gap_ns;
  // What is left of the gap when an on time ends is spent in the next: it has no memory.
  double spent_ns = 0;
  while (gap_ns >= on_left_ns_) {
    gap_ns -= on_left_ns_;
    spent_ns += on_left_ns_ + random_.exponential(spec_.off_ns);
    on_left_ns_ = random_.exponential(spec_.on_ns);
  }
  on_left_ns_ -= gap_ns;
  return spent_ns + gap_ns;
}

}  // namespace cachegauge
