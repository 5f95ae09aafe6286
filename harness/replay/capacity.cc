#include "harness/replay/capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "harness/core/error.h"
#include "harness/core/metrics.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr double kClose = 1.05;    // the interval is narrow enough
constexpr int kConfirmations = 3;  // of the answer, its first trial included
constexpr int kMostMisses = 2;     // while it is confirmed
constexpr int kSmallRetreats = 3;
constexpr double kLargeRetreat = 1.5;
constexpr double kLeastAchieved = 0.95;
constexpr double kBeyondQuantile = 10;
constexpr int64_t kLongestTrialNs = 60'000'000'000;
constexpr size_t kMostTrials = 60;

std::string percent_name(double quantile) { return fmt::format("p{:g}", quantile * 100); }

SloTerm parse_term(std::string_view text) {
  const size_t equals = text.find('=');
  double percent = 0;
  if (text.starts_with('p') && equals != std::string_view::npos) {
    const std::string_view digits = text.substr(1, equals - 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (error != std::errc() || end != digits.data() + digits.size()) percent = 0;
  }
  if (!(percent > 0 && percent < 100)) {
    throw Error::usage(
        fmt::format("expected a percentile and its limit, such as p99=1ms, got \"{}\"", text));
  }
  const int64_t limit_ns = parse_duration_ns(text.substr(equals + 1));
  if (limit_ns <= 0) throw Error::usage(fmt::format("a limit above 0 is needed in \"{}\"", text));
  return {percent / 100, limit_ns};
}

}  // namespace

Slo parse_slo(std::string_view text) {
  Slo slo;
  slo.text = text;
  while (true) {
    const size_t comma = text.find(',');
    slo.terms.push_back(parse_term(text.substr(0, comma)));
    if (comma == std::string_view::npos) return slo;
    text.remove_prefix(comma + 1);
  }
}

CapacityTrial judge_trial(const Slo& slo, double rate, const RunResult& result) {
  CapacityTrial trial;
  trial.rate = rate;
  trial.held = true;
  const Metrics metrics = derive_metrics(result);
  trial.achieved = metrics.throughput_rps.value_or(0);
  auto broken = [&trial](const std::string& why) {
    trial.held = false;
    trial.why += (trial.why.empty() ? "" : "; ") + why;
  };
  const Histogram responses = all_responses(result);
  for (const SloTerm& term : slo.terms) {
    const int64_t value_ns = responses.percentile(term.quantile);
    trial.percentiles_ns.push_back(value_ns);
    if (value_ns > term.limit_ns) {
      broken(fmt::format("{} was {}", percent_name(term.quantile),
                         format_duration(static_cast<double>(value_ns))));
    }
  }
  if (metrics.error_ratio.value_or(0) > slo.max_errors) {
    broken(fmt::format("{:.1f} % of the commands failed", *metrics.error_ratio * 100));
  }
  if (!result.failure.empty()) broken(result.failure);
  const double offered = metrics.offered_rps.value_or(rate);
  if (trial.achieved < kLeastAchieved * offered) {
    broken(fmt::format("{:.0f} requests/s were answered", trial.achieved));
  }
  trial.client_bound =
      std::find(result.flags.begin(), result.flags.end(), "client_bound") != result.flags.end();
  return trial;
}

int64_t trial_duration_ns(const Slo& slo, double rate, int64_t wanted_ns) {
  double needed_s = 0;
  for (const SloTerm& term : slo.terms) {
    needed_s = std::max(needed_s, kBeyondQuantile / ((1 - term.quantile) * rate));
  }
  const auto needed_ns = static_cast<int64_t>(std::min(needed_s, 60.0) * 1e9);
  return std::clamp(needed_ns, wanted_ns, std::max(wanted_ns, kLongestTrialNs));
}

void CapacitySearch::note(const CapacityTrial& trial) {
  trials_.push_back(trial);
  if (step_ == Step::kConfirm) {
    confirm(trial);
  } else if (trial.held) {
    held_ = rate_;
    if (step_ == Step::kUp) {
      rate_ *= 2;
    } else {
      bisect_or_confirm();
    }
  } else {
    broken_ = rate_;
    if (held_ > 0) {
      bisect_or_confirm();
    } else {
      step_ = Step::kDown;
      rate_ /= 2;
    }
  }
  if (rate_ < floor_ || trials_.size() >= kMostTrials) done_ = true;
}

void CapacitySearch::bisect_or_confirm() {
  if (broken_ / held_ > kClose) {
    step_ = Step::kBisect;
    rate_ = std::sqrt(held_ * broken_);
  } else {
    step_ = Step::kConfirm;
    rate_ = held_;
    successes_ = 1;
    misses_ = 0;
    retreats_ = 0;
  }
}

void CapacitySearch::confirm(const CapacityTrial& trial) {
  ++(trial.held ? successes_ : misses_);
  if (successes_ == kConfirmations) {
    done_ = confirmed_ = true;
  } else if (misses_ == kMostMisses) {
    broken_ = rate_;
    rate_ = held_ = rate_ / (retreats_++ < kSmallRetreats ? kClose : kLargeRetreat);
    successes_ = misses_ = 0;
  }
}

Capacity CapacitySearch::result() const {
  Capacity capacity;
  const bool ran_out_of_trials = done_ && step_ == Step::kUp && held_ > 0;
  if (confirmed_ || ran_out_of_trials) capacity.rate = held_;
  capacity.trials = trials_;
  // The trials just above the answer tell what gave out.
  int client = 0, server = 0;
  for (const CapacityTrial& trial : trials_) {
    if (trial.held || (held_ > 0 && trial.rate > held_ * kClose * kClose)) continue;
    ++(trial.client_bound ? client : server);
  }
  capacity.limited_by = client + server == 0 ? "" : client > server ? "client" : "server";
  return capacity;
}

}  // namespace cachegauge
