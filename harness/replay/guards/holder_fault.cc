#include "harness/replay/guards/holder_fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/error.h"
#include "harness/replay/guards/guard.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kTimes = {"times", "count = 1", "how many in a row after each fill"};
constexpr ParamInfo kTimesAlone[] = {kTimes};
constexpr ParamInfo kPauseParams[] = {
    kTimes,
    {"for", "time = 1.5 times the lock's TTL, or 1s", "how long it lasts"},
};
constexpr ParamInfo kHangParams[] = {
    kTimes,
    {"timeout", "time = --timeout", "after which the client gives the call up"},
};

constexpr FaultKind kFaults[] = {
    {"dies-before", "who is to make the value dies before asking the origin, holding its lock",
     kTimesAlone, FaultAction::kDieBefore},
    {"dies-after", "the same after the origin's answer, before the fill", kTimesAlone,
     FaultAction::kDieAfter},
    {"pause", "a pause between answer and fill, by default longer than the lock's TTL",
     kPauseParams, FaultAction::kPause},
    {"origin-error", "the origin answers with an error", kTimesAlone, FaultAction::kOriginError},
    {"origin-hang", "the origin does not answer, and the client gives up", kHangParams,
     FaultAction::kOriginHang},
};

constexpr uint64_t kMostTimes = 1'000'000;

}  // namespace

std::span<const FaultKind> fault_kinds() { return kFaults; }

HolderFault parse_fault(std::string_view text, int64_t lock_ns, int64_t timeout_ns) {
  const Spec spec = Spec::parse(text);
  const FaultKind& kind = require_row(fault_kinds(), spec.kind(), "fault");
  spec.require_known(kind.params);
  HolderFault fault{.action = kind.action};
  const uint64_t times = spec.count("times", 1);
  if (times < 1 || times > kMostTimes) {
    throw Error::usage(fmt::format("{}:times: expected a number from 1 to {}, got \"{}\"",
                                   spec.kind(), kMostTimes, *spec.find("times")));
  }
  fault.times = static_cast<uint32_t>(times);
  constexpr int64_t kPauseNs = 1'000'000'000;
  if (kind.action == FaultAction::kPause) {
    fault.for_ns = positive_ns(spec, "for", lock_ns > 0 ? lock_ns + lock_ns / 2 : kPauseNs);
  } else if (kind.action == FaultAction::kOriginHang) {
    fault.for_ns = positive_ns(spec, "timeout", timeout_ns);
  }
  return fault;
}

}  // namespace cachegauge
