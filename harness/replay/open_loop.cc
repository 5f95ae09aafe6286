#include "harness/replay/open_loop.h"

#include <algorithm>
#include <cmath>

namespace cachegauge {
namespace {

constexpr int kHandedOutAtOnce = 64;              // then the network has its turn
constexpr int64_t kLongestSleepNs = 100'000'000;  // so that Ctrl-C is seen

}  // namespace

void OpenLoop::begin(const Schedule& schedule) {
  schedule_ = schedule;
  if (shared_.idle.empty()) make_lane_();  // a phase lives as long as it has a lane
  shared_.scheduler.wake_at(schedule.start_ns, 0, this);
}

void OpenLoop::wake() {
  for (int handed_out = 0; handed_out < kHandedOutAtOnce; ++handed_out) {
    const PreparedRequest* next = peek();
    if (!next) return end_phase();
    const int64_t intended_ns =
        schedule_.start_ns + std::llround((next->arrival - schedule_.base) * schedule_.ns_per_unit);
    if (intended_ns >= schedule_.end_ns) return end_phase();
    const int64_t now_ns = shared_.scheduler.now_ns();
    if (intended_ns > now_ns) {
      const int64_t wake_ns =
          shared_.virtual_scheduler ? intended_ns : std::min(intended_ns, now_ns + kLongestSleepNs);
      return shared_.scheduler.wake_at(wake_ns, 0, this);
    }
    // So late that a client which waited for the last of them would have given up: what is left of
    // the phase's schedule is not sent any more.
    if (now_ns >= schedule_.end_ns && now_ns - intended_ns > shared_.give_up_ns) {
      return end_phase();
    }
    hand_out(intended_ns, now_ns);
  }
  shared_.scheduler.post(this);
}

const PreparedRequest* OpenLoop::peek() {
  if (shared_.ended || shared_.control.stop.load(std::memory_order_relaxed)) return nullptr;
  try {
    return shared_.feed.peek(shared_.phase_end);
  } catch (...) {  // a bad row: requests under way are finished, then run() throws this
    if (!shared_.scheduler.failure) shared_.scheduler.failure = std::current_exception();
    return nullptr;
  }
}

void OpenLoop::hand_out(int64_t intended_ns, int64_t now_ns) {
  const PreparedRequest request = *shared_.feed.next(UINT64_MAX);
  shared_.note_refill();
  shared_.recorder.at_place(request.index);
  shared_.clock_ns = now_ns;
  shared_.recorder.offered(intended_ns - schedule_.start_ns, now_ns - intended_ns);
  if (shared_.idle.empty()) make_lane_();
  Client& lane = *shared_.idle.back();
  shared_.idle.pop_back();
  lane.carry_out(request, intended_ns);
}

void OpenLoop::end_phase() {
  shared_.ended = true;
  for (Client* lane : std::exchange(shared_.idle, {})) lane->send_home();
}

}  // namespace cachegauge
