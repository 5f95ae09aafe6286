// The schedule of an open loop, on one thread: hands each request to a lane when its time has come,
// whatever has become of those before it.
//
// The intended start of a request is start + (arrival - base) x ns_per_unit, of its arrival on the
// feed's schedule. Lanes are made as they are needed: as many as there are requests under way. What
// they may have outstanding on the cache at one time is the SessionPool's matter.
//
// How late a request is handed out is the client's own doing, and recorded as schedule lag.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/replay/client.h"

namespace cachegauge {

struct Schedule {
  int64_t start_ns = 0;  // of the phase, on the scheduler's clock
  double base = 0;       // the arrival that lies at the start
  double ns_per_unit = 0;
  int64_t end_ns = INT64_MAX;  // requests that would start then or later belong to no phase yet
};

class OpenLoop final : private Wakeup {
 public:
  // `make_lane` starts one that waits in shared.idle.
  OpenLoop(LaneShared& shared, std::function<void()> make_lane)
      : shared_(shared), make_lane_(std::move(make_lane)) {}
  OpenLoop(const OpenLoop&) = delete;

  // Begins a phase; the scheduler's run() then carries it through.
  void begin(const Schedule& schedule);

 private:
  void wake() override;
  const PreparedRequest* peek();
  void hand_out(int64_t intended_ns, int64_t now_ns);
  void end_phase();

  LaneShared& shared_;
  std::function<void()> make_lane_;
  Schedule schedule_;
};

}  // namespace cachegauge
