#include "harness/core/fault.h"

#include <fmt/format.h>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kDefaultLatencyNs = 20'000'000;
constexpr double kDefaultShare = 0.5;
constexpr size_t kMostFaults = 16;

constexpr ParamInfo kAt = {"at", "time = 1s", "after the start of the measured interval"};
constexpr ParamInfo kFor = {"for", "time = 1s", "until it is over"};
constexpr ParamInfo kOn = {"on", "text = cache", "or origin: whom it befalls"};
constexpr ParamInfo kOnCache = {"on", "text = cache", "which alone it can befall"};
constexpr ParamInfo kTimed[] = {kAt, kFor, kOn};
constexpr ParamInfo kKill[] = {kAt, {"for", "time = 1s", "until it starts again"}, kOn};
constexpr ParamInfo kSlow[] = {
    kAt, kFor, {"latency", "time = 20ms", "that each answer comes later"}, kOn};
constexpr ParamInfo kReset[] = {kAt, {"for", "time = 0", "all the time until then; 0: once"}, kOn};
constexpr ParamInfo kFlush[] = {kAt, kOnCache};
constexpr ParamInfo kFull[] = {
    kAt, kFor, {"to", "share = 50%", "what is left of its limit of memory"}, kOnCache};

constexpr FaultTypeInfo kTypes[] = {
    {"stall", "it answers nobody for a while", kTimed, FaultType::kStall, kSecondNs},
    {"kill", "its private server is killed, and comes back: a cache empty", kKill, FaultType::kKill,
     kSecondNs},
    {"refuse", "its connections are closed, and new ones refused", kTimed, FaultType::kRefuse,
     kSecondNs},
    {"slow", "each of its answers comes later", kSlow, FaultType::kSlow, kSecondNs},
    {"reset", "its connections are reset", kReset, FaultType::kReset, 0},
    {"flush", "the cache loses what it holds", kFlush, FaultType::kFlush, 0},
    {"full", "its private server's limit of memory is lowered", kFull, FaultType::kFull, kSecondNs},
};

[[noreturn]] void refuse_value(const Spec& spec, std::string_view param,
                               std::string_view expected) {
  throw Error::usage(fmt::format("{}:{}: expected {}, got \"{}\"", spec.kind(), param, expected,
                                 *spec.find(param)));
}

Fault read_fault(const Spec& spec) {
  const FaultTypeInfo& info = require_row(fault_types(), spec.kind(), "fault");
  spec.require_known(info.params);
  Fault fault;
  fault.type = info.type;
  fault.spec = spec;
  fault.on_origin = spec.choice("on", {"cache", "origin"}) == "origin";
  fault.at_ns = spec.duration_ns("at", kSecondNs);
  fault.for_ns = spec.duration_ns("for", info.default_for_ns);
  fault.latency_ns = spec.duration_ns("latency", kDefaultLatencyNs);
  fault.share = spec.share("to", kDefaultShare);
  if (fault.at_ns < 0) refuse_value(spec, "at", "a time from 0");
  const bool lasts = info.default_for_ns > 0 && fault.type != FaultType::kKill;
  if (fault.for_ns < 0 || (lasts && fault.for_ns == 0)) refuse_value(spec, "for", "a time above 0");
  if (fault.latency_ns <= 0) refuse_value(spec, "latency", "a time above 0");
  if (fault.share >= 1) refuse_value(spec, "to", "a share below 100%");
  if (fault.on_origin && (fault.type == FaultType::kFlush || fault.type == FaultType::kFull)) {
    throw Error::usage(
        fmt::format("{}: an origin is no cache, and cannot be in this state: leave on=origin out",
                    spec.text()));
  }
  return fault;
}

// Calls use(part) with each of the parts that the separator leaves.
template <class Use>
void split(std::string_view text, char separator, Use use) {
  while (true) {
    const size_t end = text.find(separator);
    use(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::span<const FaultTypeInfo> fault_types() { return kTypes; }

std::vector<Fault> parse_faults(std::string_view text) {
  std::vector<Fault> faults;
  const auto read = [&](std::string_view one) { faults.push_back(read_fault(Spec::parse(one))); };
  split(text, '+', [&](std::string_view part) {
    if (part.find(':') == std::string_view::npos) {
      split(part, ',', read);
    } else {
      read(part);
    }
  });
  if (faults.size() > kMostFaults) {
    throw Error::usage(fmt::format("{} faults in one run: at most {} can be told apart",
                                   faults.size(), kMostFaults));
  }
  return faults;
}

std::string faults_text(std::span<const Fault> faults) {
  std::string text;
  for (const Fault& fault : faults) text += (text.empty() ? "" : "+") + fault.spec.text();
  return text;
}

std::string_view fault_means_name(FaultMeans means) {
  switch (means) {
    case FaultMeans::kSession:
      return "session";
    case FaultMeans::kServer:
      return "server";
    case FaultMeans::kProxy:
      return "proxy";
  }
  return "session";
}

}  // namespace cachegauge
