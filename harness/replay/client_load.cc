#include "harness/replay/client_load.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/metrics.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr std::string_view kClientBound = "client_bound";

constexpr int64_t kLongPauseNs = 100'000'000;
constexpr double kPausedShare = 0.01;
constexpr int64_t kLateStartNs = 1'000'000;
constexpr double kLateShare = 0.1;
constexpr double kBusyShare = 0.95;
constexpr int64_t kStallNs = 100'000'000;
constexpr int64_t kStallOverP99 = 20;

std::string duration(int64_t ns) { return format_duration(static_cast<double>(ns)); }

void bound(RunResult& result, std::string warning) {
  if (std::find(result.flags.begin(), result.flags.end(), kClientBound) == result.flags.end()) {
    result.flags.emplace_back(kClientBound);
  }
  result.warnings.push_back(std::move(warning));
}

double share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

void mark_client_bound(const ClientLoad& client, RunResult& result) {
  const LoadFigures& load = result.load;
  if (load.longest_pause_ns >= kLongPauseNs ||
      share(load.paused_ns, result.duration_ns) > kPausedShare) {
    bound(result,
          fmt::format("the client itself stood still for {} (the longest: {}): the times of "
                      "requests under way then are its own, not the server's",
                      duration(load.paused_ns), duration(load.longest_pause_ns)));
  }
  if (client.in_process) return;
  if (client.open_loop) {
    const Histogram& lag = result.timing(Timing::kScheduleLag);
    const Histogram responses = all_responses(result);
    if (lag.percentile(0.99) >= kLateStartNs &&
        static_cast<double>(lag.sum()) > kLateShare * static_cast<double>(responses.sum())) {
      bound(result, fmt::format("the client fell behind its schedule (p99 of the lag: {}): a lower "
                                "--rate, or more --threads",
                                duration(lag.percentile(0.99))));
    }
    return;
  }
  const bool server_busy = result.adapter.server_cpu_ns &&
                           share(*result.adapter.server_cpu_ns, result.duration_ns) > kBusyShare;
  if (share(client.busiest_thread_ns, result.duration_ns) > kBusyShare && !server_busy) {
    bound(result,
          "a client thread was busy all the time: the server may be capable of more "
          "(--threads, and a CPU for each)");
  }
}

void warn_of_hidden_stalls(const ClientLoad& client, RunResult& result) {
  if (client.open_loop || client.in_process) return;
  const Histogram responses = all_responses(result);
  const int64_t p99_ns = responses.percentile(0.99);
  if (responses.max() < kStallNs || responses.max() < kStallOverP99 * p99_ns) return;
  result.warnings.push_back(fmt::format(
      "a stall of {} shows in the maximum alone (p99: {}): a closed loop sends nothing while it "
      "waits, so its percentiles cannot show what requests at a steady rate would have met; --rate "
      "does",
      duration(responses.max()), duration(p99_ns)));
}

}  // namespace cachegauge
