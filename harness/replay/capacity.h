// The highest rate at which response times still keep a promise: the search for it, apart from what
// carries a trial out.
//
// By steps from a low rate upward, doubling, until a trial breaks the promise; then by halving the
// interval between the highest rate that held and the lowest that did not, until they are 5 %
// apart; then the rate that held has to hold twice more. When it breaks twice it gives way to a
// rate 5 % lower, and each time that one breaks too to one further below: a server that was quiet
// during the steps and is busy since still has its rate, found in few trials.
//
//   CapacitySearch search(lowest);
//   while (const std::optional<double> rate = search.next_rate()) search.note(trial at *rate);
//   search.result();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/run_result.h"

namespace cachegauge {

// "p99=1ms,p99.9=5ms": response times of all requests, failed ones included.
struct SloTerm {
  double quantile = 0;  // 0.99
  int64_t limit_ns = 0;
};
struct Slo {
  std::vector<SloTerm> terms;
  std::string text;          // as given
  double max_errors = 0.01;  // share of the commands that may fail

  bool is_set() const { return !terms.empty(); }
};

// Throws Error::usage.
Slo parse_slo(std::string_view text);

// What a measured trial at `rate` came to. It breaks the promise if a percentile is above its
// limit, if too many commands fail, or if less than 95 % of the rate was achieved.
CapacityTrial judge_trial(const Slo& slo, double rate, const RunResult& result);

// How long a trial at this rate has to be, so that ten responses lie beyond the highest quantile.
int64_t trial_duration_ns(const Slo& slo, double rate, int64_t wanted_ns);

class CapacitySearch {
 public:
  // Rates from `lowest` on are tried, and below it down to a thousandth of it if that does not
  // hold.
  explicit CapacitySearch(double lowest) : rate_(lowest), floor_(lowest / 1000) {}

  // The next rate to try; none when the search is over.
  std::optional<double> next_rate() const { return done_ ? std::nullopt : std::optional(rate_); }
  void note(const CapacityTrial& trial);  // of a trial at next_rate()

  // True while note() would make this trial's rate the answer so far: its figures are worth
  // keeping.
  bool is_best(const CapacityTrial& trial) const { return trial.held && trial.rate == held_; }

  Capacity result() const;

 private:
  enum class Step { kUp, kDown, kBisect, kConfirm };

  void bisect_or_confirm();
  void confirm(const CapacityTrial& trial);

  Step step_ = Step::kUp;
  double rate_;
  double floor_;
  double held_ = 0;    // the highest rate that held, or the one to be confirmed; 0: none so far
  double broken_ = 0;  // the lowest that did not
  int successes_ = 0;  // of held_, while it is confirmed
  int misses_ = 0;
  int retreats_ = 0;  // how often the rate gave way because it was not confirmed
  bool done_ = false;
  bool confirmed_ = false;
  std::vector<CapacityTrial> trials_;
};

}  // namespace cachegauge
