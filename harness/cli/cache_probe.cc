#include "harness/cli/cache_probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/origins/origins.h"
#include "adapters/server/private_folder.h"
#include "harness/cli/child_process.h"
#include "harness/core/registry.h"
#include "harness/core/virtual_scheduler.h"
#include "reports/report_reader.h"

namespace cachegauge {
namespace {

constexpr uint64_t kProbeRequests = 200'000;
constexpr uint64_t kOriginCalls = 100'000;
constexpr std::string_view kPassedOn[] = {"all-as-get", "ignore-size", "ignore-ttl", "seed"};

// Calls an origin again and again.
class OriginCaller final : public Wakeup {
 public:
  OriginCaller(Origin& origin, Scheduler& scheduler)
      : scheduler_(scheduler),
        session_(origin.open({.scheduler = scheduler, .client = 0, .ready = this})) {}

  Histogram run() {
    scheduler_.tasks = 1;
    call();
    scheduler_.run();
    return times_;
  }

  void wake() override {
    Completion done;
    while (session_->poll({&done, 1}) == 1) {
      times_.record(done.completed_ns - done.started_ns);
      if (times_.count() == kOriginCalls) {
        scheduler_.tasks = 0;
        return;
      }
      call();
    }
  }

 private:
  void call() {
    const Command command;
    session_->submit({&command, 1});
  }

  Scheduler& scheduler_;
  std::unique_ptr<Session> session_;
  Histogram times_;
};

ChildCommand probe_command(const Experiment& experiment, const std::string& workload,
                           const Spec& adapter, uint64_t memory_bytes, const std::string& out) {
  const uint64_t limit = std::min(experiment.limit.value_or(kProbeRequests), kProbeRequests);
  ChildCommand command;
  command.argv = {"/proc/self/exe",
                  "run",
                  "--workload=" + workload,
                  "--adapter=" + adapter.text(),
                  "--out=" + out,
                  "--fills=on-miss",
                  "--timing=all",
                  fmt::format("--limit={}", limit),
                  fmt::format("--memory={}", memory_bytes)};
  for (std::string_view name : kPassedOn) {
    const ExperimentOption& option = require_row(experiment_options(), name, "flag");
    command.argv.push_back(fmt::format("--{}={}", name, option.get(experiment)));
  }
  return command;
}

}  // namespace

std::optional<CacheTimes> probe_cache(const Experiment& experiment, const std::string& workload,
                                      const Spec& adapter, uint64_t memory_bytes) {
  const PrivateFolder folder;
  const std::string out = folder.path() + "/report.json";
  const ChildCommand command = probe_command(experiment, workload, adapter, memory_bytes, out);
  const ChildEnd end = run_child(command);
  if (end.interrupted) return std::nullopt;
  if (!end.is_good()) {
    const bool is_usage = end.exit_code == static_cast<int>(ExitCode::kUsage);
    throw Error(is_usage ? ExitCode::kUsage : ExitCode::kFailed,
                fmt::format("measuring {} {}{}", adapter.redacted(), end.what_happened(0),
                            is_usage ? ""
                                     : "\nif it cannot be measured from here, leave it out and say "
                                       "what its gets and sets take: --cache-rtt 500us"));
  }
  const RunResult result = read_run_report(out).report.cells.at(0).result;
  const Histogram& fills = result.timing(Timing::kServiceFill);
  const Histogram& sets = fills.empty() ? result.timing(Timing::kServiceSet) : fills;
  CacheTimes times{result.timing(Timing::kServiceGet), sets.mean()};
  if (times.get_ns.empty()) {
    throw Error::failed(fmt::format("measuring {}: the first {} requests have no gets",
                                    adapter.redacted(), kProbeRequests));
  }
  return times;
}

Histogram probe_origin(const Spec& spec, uint64_t seed) {
  const auto origin = make_origin(spec, seed);
  VirtualScheduler scheduler;
  return OriginCaller(*origin, scheduler).run();
}

}  // namespace cachegauge
