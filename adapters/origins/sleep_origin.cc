#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <queue>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/origins/origins.h"
#include "harness/core/error.h"
#include "harness/core/key_class.h"
#include "harness/core/random.h"

namespace cachegauge {
namespace {

constexpr double kDefaultSpread = 0.5;
constexpr double kDefaultSigma = 0.5;
constexpr double kLargestSigma = 5;  // above, no number of calls comes near the mean

// Service times and moments end here, so that sums of two do not overflow.
constexpr int64_t kLatestNs = INT64_MAX / 2;

// Purposes of random streams, to which the client's number is added.
constexpr uint64_t kServiceTimeDraws = uint64_t{1} << 32;
constexpr uint64_t kErrorDraws = uint64_t{2} << 32;

enum class Jitter : uint8_t { kConstant, kUniform, kExponential, kLognormal };
constexpr std::string_view kJitters[] = {"constant", "uniform", "exponential", "lognormal"};

// The distribution of service times; its mean is the latency, whatever its shape.
struct ServiceTimes {
  double mean_ns = 0;
  Jitter jitter = Jitter::kConstant;
  double spread = kDefaultSpread;  // of kUniform
  double sigma = kDefaultSigma;    // of kLognormal

  int64_t draw(SplitMix64& random) const {
    const double ns = draw_real(random);
    return ns >= static_cast<double>(kLatestNs) ? kLatestNs : std::llround(ns);
  }

 private:
  double draw_real(SplitMix64& random) const {
    switch (jitter) {
      case Jitter::kConstant:
        return mean_ns;
      case Jitter::kUniform:
        return mean_ns * (1 + spread * (2 * random.uniform() - 1));
      case Jitter::kExponential:
        return random.exponential(mean_ns);
      case Jitter::kLognormal:
        return mean_ns * std::exp(sigma * random.normal() - sigma * sigma / 2);
    }
    return mean_ns;
  }
};

// Those of some classes of keys have a mean of their own.
struct ClassTimes {
  ServiceTimes others;
  std::vector<std::pair<std::string, ServiceTimes>> classes;

  const ServiceTimes& of(std::string_view key) const {
    if (classes.empty()) return others;
    const std::string_view name = key_class(key);
    for (const auto& [known, times] : classes) {
      if (known == name) return times;
    }
    return others;
  }
};

// The servers that all sessions of a cell wait for. A call's end is known when it arrives, since
// calls are served in order of arrival and never interrupted.
class ServerQueue {
 public:
  // 0: as many servers as there are calls.
  explicit ServerQueue(uint64_t servers) : servers_(servers) {}

  // To be called before the first call when several threads will call.
  void lock_calls() { locks_ = true; }

  // When a call that arrives now ends. Thread-safe after lock_calls().
  int64_t admit(int64_t now_ns, int64_t service_ns) {
    if (servers_ == 0) return std::min(now_ns + service_ns, kLatestNs);
    std::unique_lock lock(mutex_, std::defer_lock);
    if (locks_) lock.lock();
    int64_t start_ns = now_ns;
    if (free_at_ns_.size() == servers_) {
      start_ns = std::max(now_ns, free_at_ns_.top());
      free_at_ns_.pop();
    }
    const int64_t end_ns = std::min(start_ns + service_ns, kLatestNs);
    free_at_ns_.push(end_ns);
    return end_ns;
  }

 private:
  const uint64_t servers_;
  bool locks_ = false;
  std::mutex mutex_;
  // Of the servers that were ever used.
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> free_at_ns_;
};

class SleepSession final : public Session, public Wakeup {
 public:
  SleepSession(const SessionContext& context, const ClassTimes& service_times, double errors,
               ServerQueue& queue, uint64_t seed)
      : scheduler_(context.scheduler),
        ready_(context.ready),
        client_(context.client),
        service_times_(service_times),
        errors_(errors),
        queue_(queue),
        service_time_draws_(random_stream(seed, kServiceTimeDraws + context.client)),
        error_draws_(random_stream(seed, kErrorDraws + context.client)) {}

  void submit(std::span<const Command> commands) override {
    const int64_t now_ns = scheduler_.now_ns();
    for (const Command& command : commands) {
      const int64_t end_ns = queue_.admit(now_ns, draw_service_ns(command));
      calls_.push({end_ns, next_sequence_++, command.tag, now_ns, outcome_of(command)});
      scheduler_.wake_at(end_ns, client_, this);
    }
  }

  // One timer a call, and timers of one client fire in the order of calls_: it is the first's turn.
  void wake() override {
    ++due_;
    if (due_ == 1) scheduler_.post(ready_);
  }

  size_t poll(std::span<Completion> out) override {
    size_t count = 0;
    for (; count < out.size() && due_ > 0; ++count, --due_) {
      const Call& call = calls_.top();
      out[count] = {call.tag, call.outcome, {}, call.started_ns, scheduler_.now_ns()};
      calls_.pop();
    }
    return count;
  }

 private:
  struct Call {
    int64_t end_ns;
    uint64_t sequence;
    uint64_t tag;
    int64_t started_ns;
    Outcome outcome;

    bool operator>(const Call& other) const {
      return std::tie(end_ns, sequence) > std::tie(other.end_ns, other.sequence);
    }
  };

  int64_t draw_service_ns(const Command& command) {
    return service_times_.of(command.key).draw(service_time_draws_);
  }

  Outcome outcome_of(const Command& command) {
    if (errors_ > 0 && error_draws_.uniform() < errors_) return Outcome::kError;
    return command.kind == CommandKind::kGet ? Outcome::kHit : Outcome::kStored;
  }

  Scheduler& scheduler_;
  Wakeup* ready_;
  const uint32_t client_;
  const ClassTimes& service_times_;
  const double errors_;
  ServerQueue& queue_;
  // Apart, so that a call takes as long with errors as without.
  SplitMix64 service_time_draws_;
  SplitMix64 error_draws_;
  std::priority_queue<Call, std::vector<Call>, std::greater<>> calls_;
  uint64_t next_sequence_ = 0;
  size_t due_ = 0;
};

ServiceTimes parse_service_times(const Spec& spec) {
  const int64_t latency_ns = spec.duration_ns("latency", -1);
  if (latency_ns < 0) {
    throw Error::usage("the origin \"sleep\" needs a latency, such as sleep:latency=50ms");
  }
  ServiceTimes times;
  times.mean_ns = static_cast<double>(latency_ns);
  const std::string jitter =
      spec.choice("jitter", {kJitters[0], kJitters[1], kJitters[2], kJitters[3]});
  times.jitter = static_cast<Jitter>(std::ranges::find(kJitters, jitter) - kJitters);
  if (spec.has("spread") && times.jitter != Jitter::kUniform) {
    throw Error::usage("sleep:spread= is the width of jitter=uniform: give that too");
  }
  if (spec.has("sigma") && times.jitter != Jitter::kLognormal) {
    throw Error::usage("sleep:sigma= is the shape of jitter=lognormal: give that too");
  }
  times.spread = spec.share("spread", kDefaultSpread);
  times.sigma = spec.number("sigma", kDefaultSigma);
  if (times.sigma < 0 || times.sigma > kLargestSigma) {
    throw Error::usage(fmt::format("sleep:sigma: expected a number from 0 to {}, got \"{}\"",
                                   kLargestSigma, *spec.find("sigma")));
  }
  return times;
}

ClassTimes parse_class_times(const Spec& spec) {
  constexpr std::string_view kOfAClass = "latency.";
  ClassTimes times{parse_service_times(spec), {}};
  for (const Spec::Param& param : spec.params()) {
    if (param.name.find('.') == std::string::npos) continue;
    if (!param.name.starts_with(kOfAClass) || param.name.size() == kOfAClass.size()) {
      throw Error::usage(fmt::format(
          "sleep:{}: only latency has parts: latency.CLASS= is of keys that begin with \"CLASS:\"",
          param.name));
    }
    ServiceTimes own = times.others;
    own.mean_ns = static_cast<double>(spec.duration_ns(param.name, 0));
    times.classes.emplace_back(param.name.substr(kOfAClass.size()), own);
  }
  return times;
}

uint64_t parse_capacity(const Spec& spec) {
  const uint64_t capacity = spec.count("capacity", 0);
  if (spec.has("capacity") && capacity == 0) {
    throw Error::usage(
        "sleep:capacity: expected a count from 1, got \"0\"; without it there is no limit");
  }
  return capacity;
}

class SleepOrigin final : public Origin {
 public:
  SleepOrigin(const Spec& spec, uint64_t seed)
      : spec_(spec),
        service_times_(parse_class_times(spec)),
        errors_(spec.share("errors", 0)),
        queue_(parse_capacity(spec)),
        seed_(seed) {}

  const Spec& spec() const override { return spec_; }
  std::unique_ptr<Session> open(const SessionContext& context) override {
    // A scheduler belongs to one thread, so a second one is a second thread.
    if (scheduler_ && scheduler_ != &context.scheduler) queue_.lock_calls();
    scheduler_ = &context.scheduler;
    return std::make_unique<SleepSession>(context, service_times_, errors_, queue_, seed_);
  }

 private:
  const Spec spec_;
  const ClassTimes service_times_;
  const double errors_;
  ServerQueue queue_;
  const uint64_t seed_;
  const Scheduler* scheduler_ = nullptr;
};

}  // namespace

std::unique_ptr<Origin> make_sleep_origin(const Spec& spec, const OriginSettings& settings) {
  return std::make_unique<SleepOrigin>(spec, settings.seed);
}

}  // namespace cachegauge
