// The shared origin against arithmetic, in virtual time.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

// Calls that arrive at given times, and when each was answered.
class Calls final : public Wakeup {
 public:
  explicit Calls(std::string_view spec)
      : origin_(make_origin(Spec::parse(spec), 1)),
        session_(origin_->open({.scheduler = scheduler_, .ready = this})) {}

  std::vector<int64_t> answer(const std::vector<int64_t>& arrivals_ns) {
    ends_ns_.assign(arrivals_ns.size(), -1);
    for (const int64_t arrival_ns : arrivals_ns) scheduler_.wake_at(arrival_ns, 0, &arrival_);
    scheduler_.tasks = static_cast<int>(arrivals_ns.size());
    scheduler_.run();
    return ends_ns_;
  }

  void wake() override {
    std::array<Completion, 2> done;
    while (const size_t count = session_->poll(done)) {
      for (size_t i = 0; i < count; ++i) ends_ns_[done[i].tag] = done[i].completed_ns;
      scheduler_.tasks -= static_cast<int>(count);
    }
  }

 private:
  struct Arrival final : Wakeup {
    explicit Arrival(Calls& c) : calls(c) {}
    void wake() override {
      const Command command{.tag = calls.next_++};
      calls.session_->submit({&command, 1});
    }
    Calls& calls;
  };

  VirtualScheduler scheduler_;
  std::unique_ptr<Origin> origin_;
  std::unique_ptr<Session> session_;
  Arrival arrival_{*this};
  uint64_t next_ = 0;
  std::vector<int64_t> ends_ns_;
};

using Times = std::vector<int64_t>;

TEST(SharedOrigin, ServesAsManyAsItHasServersAtFullSpeed) {
  EXPECT_EQ(Calls("shared:latency=100ns,capacity=2").answer({0, 10, 110, 500}),
            (Times{100, 110, 210, 600}));
}

TEST(SharedOrigin, DividesItsSpeed) {
  EXPECT_EQ(Calls("shared:latency=100ns").answer({0, 0}), (Times{200, 200}));
  EXPECT_EQ(Calls("shared:latency=100ns,capacity=2").answer({0, 0, 0, 0}),
            (Times{200, 200, 200, 200}));
  // The first is alone for 50, then has half of the speed for 100; the second is alone for the
  // last.
  EXPECT_EQ(Calls("shared:latency=100ns").answer({0, 50}), (Times{150, 200}));
}

TEST(SharedOrigin, RefusesWhatMakesNoSense) {
  EXPECT_ERROR(kUsage, "the origin \"shared\" needs a latency, such as shared:latency=50ms",
               make_origin(Spec::parse("shared"), 1));
  EXPECT_ERROR(kUsage, "shared:capacity: expected a count from 1, got \"0\"",
               make_origin(Spec::parse("shared:latency=1ms,capacity=0"), 1));
}

}  // namespace
}  // namespace cachegauge
