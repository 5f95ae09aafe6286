// Faults of `run`: what is done, on purpose and on a timetable, to the cache or to the origin while
// a workload is replayed.
//
//   stall    it answers nobody, and what was asked meanwhile is answered afterwards
//   kill     its process is killed, and starts again after `for`, a cache empty
//   refuse   its connections are closed, and new ones refused
//   slow     each of its answers comes later, by `latency`
//   reset    its connections are reset: once, or all the time
//   flush    it loses everything it holds (on a server of others: what this run has stored)
//   full     its limit of memory is lowered to a share of what it was
//
// Times count from the start of the measured interval, on the scheduler's clock.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

enum class FaultType : uint8_t { kStall, kKill, kRefuse, kSlow, kReset, kFlush, kFull };

struct FaultTypeInfo {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  FaultType type;
  int64_t default_for_ns;
};
std::span<const FaultTypeInfo> fault_types();

struct Fault {
  FaultType type = FaultType::kStall;
  bool on_origin = false;
  int64_t at_ns = 0;
  int64_t for_ns = 0;      // 0: it is over as soon as it is done
  int64_t latency_ns = 0;  // of slow
  double share = 1;        // of full
  Spec spec;               // as given

  std::string_view name() const { return spec.kind(); }
  int64_t end_ns() const { return at_ns + for_ns; }
};

// Faults are joined by "+": "stall:at=3s,for=1s+flush:at=6s"; bare names also by commas. Throws
// Error::usage.
std::vector<Fault> parse_faults(std::string_view text);
std::string faults_text(std::span<const Fault> faults);

// How a fault is brought about.
enum class FaultMeans : uint8_t {
  kSession,  // in the sessions of this process
  kServer,   // by its guardian's signals, or by commands of the server's own
  kProxy,    // by a proxy of ours, which the sessions connect to
};
std::string_view fault_means_name(FaultMeans means);  // "session", "server", "proxy"

// What a cache or an origin with a server has done to it, beside an Adapter or an Origin.
//
// Thread-safety: begin_fault() and end_fault() from one thread of their own, one call at a time,
// while sessions work.
class FaultTarget {
 public:
  // Known before the start. Throws Error::usage, with the reason, for a fault that cannot be
  // brought about at this server.
  virtual FaultMeans means_of(const Fault& fault) const = 0;
  // Before the start: sessions that are opened from now on connect by way of a proxy.
  virtual void use_proxy() = 0;

  // Not of those that means_of() leaves to the sessions. They throw Error::failed. The end of a
  // kill returns when the server accepts connections again.
  virtual void begin_fault(const Fault& fault) = 0;
  virtual void end_fault(const Fault& fault) = 0;

 protected:
  ~FaultTarget() = default;
};

// `--on-cache-error`: what the application does when the cache failed it.
enum class OnCacheError : uint8_t {
  kFail,    // the request fails
  kOrigin,  // a get asks the origin, and a failed write is not the application's failure
  kStale,   // a get is answered with the value that was seen last, or else as kOrigin
};

}  // namespace cachegauge
