#include "harness/replay/faults/faulty_session.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "harness/core/coroutine.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/support/scripted_adapter.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// One session over a scripted map in this process, in virtual time, with a fault in it.
class FaultySessionTest : public ::testing::Test, private Wakeup {
 protected:
  struct Answer {
    uint64_t tag;
    Outcome outcome;
    int64_t at_ns;
    bool operator==(const Answer&) const = default;
  };

  void strike_with(const std::string& text) {
    std::vector<PlannedFault> planned;
    for (const Fault& fault : parse_faults(text)) planned.push_back({fault, FaultMeans::kSession});
    clock_ = std::make_unique<FaultClock>(std::move(planned));
    const SessionContext context{.scheduler = scheduler_, .ready = this};
    session_ = std::make_unique<FaultySession>(
        context,
        FaultySession::Options{.clock = clock_.get(), .in_process = true, .timeout_ns = 200 * kMs},
        [this](const SessionContext& inner) { return adapter_.open(inner); });
    clock_->begin(0);
    session_->arm();
  }

  // Submits a get at each of the times, and returns what was answered by the end.
  std::vector<Answer> get_at(std::vector<int64_t> times_ns) {
    client(scheduler_, *this, std::move(times_ns));
    scheduler_.run();
    return answers_;
  }

  static ClientTask client(Scheduler& scheduler, FaultySessionTest& test,
                           std::vector<int64_t> times_ns) {
    for (size_t i = 0; i < times_ns.size(); ++i) {
      co_await SleepUntil(scheduler, times_ns[i], 0);
      Command command;
      const std::string key = "k";
      command.key = key;
      command.tag = i;
      test.session_->submit({&command, 1});
    }
    co_await SleepUntil(scheduler, 5000 * kMs, 0);
  }

  void wake() override {
    std::array<Completion, 8> completions;
    const size_t count = session_->poll(completions);
    for (size_t i = 0; i < count; ++i) {
      answers_.push_back({completions[i].tag, completions[i].outcome, scheduler_.now_ns()});
    }
  }

  Script script_;
  ScriptedAdapter adapter_{script_};
  VirtualScheduler scheduler_;
  std::unique_ptr<FaultClock> clock_;
  std::unique_ptr<FaultySession> session_;
  std::vector<Answer> answers_;
};

TEST_F(FaultySessionTest, AStallHoldsBackAndWhatItOutlastsTimesOut) {
  strike_with("stall:at=1s,for=300ms");
  const auto answers = get_at({999 * kMs, 1000 * kMs, 1150 * kMs, 1300 * kMs});
  const std::vector<Answer> expected = {{0, Outcome::kMiss, 999 * kMs},
                                        {1, Outcome::kTimeout, 1200 * kMs},
                                        {2, Outcome::kMiss, 1300 * kMs},
                                        {3, Outcome::kMiss, 1300 * kMs}};
  EXPECT_EQ(answers, expected);
  EXPECT_EQ(script_.commands.size(), 3u);  // what was given up was not carried out
}

TEST_F(FaultySessionTest, SlowDelaysEachAndKeepsTheirOrder) {
  strike_with("slow:at=1s,for=100ms,latency=40ms");
  const auto answers = get_at({1000 * kMs, 1099 * kMs, 1100 * kMs, 1200 * kMs});
  const std::vector<Answer> expected = {{0, Outcome::kMiss, 1040 * kMs},
                                        {1, Outcome::kMiss, 1139 * kMs},
                                        {2, Outcome::kMiss, 1139 * kMs},
                                        {3, Outcome::kMiss, 1200 * kMs}};
  EXPECT_EQ(answers, expected);
}

// Attempts are 10, 30, 70 and 150 ms after the beginning.
TEST_F(FaultySessionTest, RefusalsComeWithTheAttemptsToConnect) {
  strike_with("refuse:at=1s,for=100ms");
  const auto answers = get_at({1005 * kMs, 1020 * kMs, 1080 * kMs, 1160 * kMs});
  const std::vector<Answer> expected = {{0, Outcome::kError, 1010 * kMs},
                                        {1, Outcome::kError, 1030 * kMs},
                                        {2, Outcome::kMiss, 1150 * kMs},
                                        {3, Outcome::kMiss, 1160 * kMs}};
  EXPECT_EQ(answers, expected);
}

TEST_F(FaultySessionTest, AResetFailsWhatIsOutstanding) {
  strike_with("slow:at=900ms,for=1s,latency=50ms+reset:at=1s");
  const auto answers = get_at({980 * kMs, 1020 * kMs});
  const std::vector<Answer> expected = {{0, Outcome::kError, 1000 * kMs},
                                        {1, Outcome::kMiss, 1070 * kMs}};
  EXPECT_EQ(answers, expected);
}

}  // namespace
}  // namespace cachegauge
