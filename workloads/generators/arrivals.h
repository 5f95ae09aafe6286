// `rate=1000,arrival=poisson`: when the requests of a generator arrive, for replays at `--speed`.
//
//   poisson   exponential gaps
//   constant  equal gaps
//   onoff     bursts: the interrupted Poisson process (Kuczura, "The interrupted Poisson process as
//             an overflow process", 1973). Times of both kinds are exponential, `arrival.on` and
//             `arrival.off` long on average; nothing arrives in an off time, and in an on time so
//             much more that the mean is `rate` all the same.
#pragma once

#include <cstdint>
#include <span>

#include "harness/core/random.h"
#include "harness/core/request.h"
#include "harness/core/spec.h"

namespace cachegauge {

enum class ArrivalKind : uint8_t { kNone, kPoisson, kConstant, kOnOff };

struct ArrivalSpec {
  ArrivalKind kind = ArrivalKind::kNone;
  double gap_ns = 0;  // mean; of onoff that in an on time
  double on_ns = 0, off_ns = 0;
  bool carries_time() const { return kind != ArrivalKind::kNone; }
};

// Without `rate=` there are no times. Fills in defaults. Throws Error::usage, also where `requests`
// would take more than 100 years.
ArrivalSpec read_arrivals(Spec& spec, uint64_t requests);

// The times of a sequence of requests; the first arrives at 0.
class Arrivals {
 public:
  Arrivals(const ArrivalSpec& spec, uint64_t seed);
  // Sets time_ns of the next requests.
  void assign(std::span<Request> requests);

 private:
  double next_gap_ns();

  ArrivalSpec spec_;
  SplitMix64 random_;
  double on_left_ns_;
  double now_ns_ = 0;
  bool is_first_ = true;
};

}  // namespace cachegauge
