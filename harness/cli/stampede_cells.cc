#include "harness/cli/stampede_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "adapters/adapters.h"
#include "adapters/local/local_adapters.h"
#include "adapters/origins/origins.h"
#include "harness/cli/interrupts.h"
#include "harness/cli/lock_servers.h"
#include "harness/core/registry.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/guards/holder_fault.h"
#include "harness/stampede/expectation.h"
#include "harness/stampede/scenario.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

constexpr uint64_t kEpisodes = 20;  // unless said

Timetable plan_timetable(const StampedeOptions& options) {
  return plan_scenario(options.scenario, options.ttl_ns,
                       options.common.origin->duration_ns("latency", 0));
}

std::string driver_of(const StampedeOptions& options) {
  const Experiment& common = options.common;
  std::string text =
      common.clients ? fmt::format("closed:clients={}", *common.clients) : std::string("open:");
  if (!common.workloads.empty()) text = fmt::format("recorded:speed={}", common.speed.value_or(1));
  if (common.rate) text += fmt::format("{}rate={}", common.clients ? "," : "", *common.rate);
  if (!common.poisson) text += ",arrival=constant";
  if (options.processes > 1) text += fmt::format(",processes={}", options.processes);
  return text;
}

// Generous: a run that takes longer is one that never comes to rest.
int64_t limit_ns(const StampedeOptions& options, const StampedePlan& plan,
                 const RecordedLoad& recorded) {
  constexpr double kLeastNs = 30e9, kMostNs = 9e18, kSlack = 10;
  if (recorded.arrivals) {
    return static_cast<int64_t>(std::min(kMostNs, kLeastNs + recorded.length_ns));
  }
  double cycle_ns = static_cast<double>(options.ttl_ns) +
                    static_cast<double>(options.common.origin->duration_ns("latency", 0));
  if (plan.fault) {
    const int64_t each_ns = plan.fault->for_ns + make_guard(plan.guard).lock_ttl_ns();
    cycle_ns += static_cast<double>(each_ns) * plan.fault->times;
  }
  const double gap_ns = options.common.rate ? 1e9 / *options.common.rate : 0;
  const auto episodes = static_cast<double>(options.episodes.value_or(kEpisodes));
  return static_cast<int64_t>(
      std::min(kMostNs, kLeastNs + kSlack * (cycle_ns + gap_ns) * episodes));
}

// Of a recorded trace as many as it has room for.
uint64_t episodes_of(const StampedeOptions& options, const Timetable& timetable,
                     const RecordedLoad& recorded) {
  if (options.episodes) return *options.episodes;
  if (!recorded.arrivals) return kEpisodes;
  if (timetable.round_ns == 0) return UINT64_MAX;
  const auto busy_ns = static_cast<double>(timetable.round_ns - timetable.idle_ns);
  return std::max<uint64_t>(1, static_cast<uint64_t>(recorded.length_ns / busy_ns));
}

// A cache in this process that was given no bound holds the few keys there are.
std::optional<uint64_t> memory_of(const Experiment& common, const Spec& adapter) {
  constexpr uint64_t kRoomBytes = uint64_t{64} << 20;
  const std::vector<AdapterKind> local = local_adapter_kinds();
  const bool is_local = find_row(std::span<const AdapterKind>(local), adapter.kind()) != nullptr;
  return is_local && !common.memory_bytes ? kRoomBytes : common.memory_bytes;
}

}  // namespace

RecordedLoad read_recorded_load(const StampedeOptions& options) {
  if (options.common.workloads.empty()) return {};
  const Timetable timetable = plan_timetable(options);
  RecordedLoad load = record_load(*make_workload(options.common.workloads.front()), timetable.keys,
                                  options.common.limit);
  load.length_ns /= options.common.speed.value_or(1);
  return load;
}

StampedePlan plan_stampede_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                                const Spec& adapter, const std::string& guard) {
  const Experiment& common = options.common;
  StampedePlan plan;
  plan.make_adapter = [adapter](const AdapterSettings& s) { return make_adapter(adapter, s); };
  plan.make_origin = [&common] { return make_origin(*common.origin, common.seed); };
  plan.adapter_settings = {.memory_bytes = memory_of(common, adapter),
                           .timeout_ns = common.timeout_ns,
                           .seed = common.seed,
                           .allow_shared_server = common.allow_shared_server,
                           .server_cpus = common.pin.server_cpus};
  plan.guard = parse_guard(guard);
  plan.make_lock_server = lock_server_maker(plan.guard, common);
  plan.load = {.rate = common.rate.value_or(0),
               .poisson = common.poisson,
               .clients = common.clients.value_or(0),
               .recorded = recorded.arrivals,
               .speed = common.speed.value_or(1)};
  plan.timetable = plan_timetable(options);
  if (recorded.arrivals) plan.timetable.keys = recorded.keys;
  plan.ttl_ns = options.ttl_ns;
  plan.origin_ns = common.origin->duration_ns("latency", 0);
  plan.episodes = episodes_of(options, plan.timetable, recorded);
  plan.processes = options.processes;
  plan.seed = common.seed;
  plan.virtual_time = options.simulate;
  plan.round_trip_ns = options.round_trip_ns;
  if (!options.fault.empty()) {
    plan.fault =
        parse_fault(options.fault, make_guard(plan.guard).lock_ttl_ns(), common.timeout_ns);
  }
  plan.limit_ns = limit_ns(options, plan, recorded);
  plan.key_prefix = fmt::format("cg:{:08x}.stampede:", std::random_device{}());
  const Capabilities capabilities = make_adapter(adapter, plan.adapter_settings)->capabilities();
  require_commands(plan.guard, adapter.redacted(), capabilities);
  require_own_server(options.scenario, adapter.redacted(), capabilities);
  if (capabilities.in_process && options.processes > 1) {
    throw Error::usage(fmt::format(
        "{} lives in one process, so {} processes have {} caches, each with a stampede of its own: "
        "measure one at 1/{} of the rate",
        adapter.redacted(), options.processes, options.processes, options.processes));
  }
  return plan;
}

StampedeCell run_stampede_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                               const Spec& adapter, const std::string& guard) {
  const StampedePlan plan = plan_stampede_cell(options, recorded, adapter, guard);
  StampedeCell cell;
  cell.scenario = options.scenario.text();
  cell.fault = options.fault;
  if (recorded.arrivals) cell.workload = options.common.workloads.front().redacted();
  cell.keys = plan.timetable.keys;
  cell.adapter = adapter.redacted();
  cell.adapter_kind = adapter.kind();
  cell.guard = guard;
  cell.driver = driver_of(options);
  cell.time = options.simulate ? "virtual" : "real";
  cell.origin = options.common.origin->redacted();
  cell.clients = plan.load.clients;
  cell.processes = plan.processes;
  cell.ttl_ns = plan.ttl_ns;
  cell.asked_rate = options.common.rate;
  const int64_t latency_ns = options.common.origin->duration_ns("latency", 0);
  if (std::string warning = short_lock_warning(plan.guard, latency_ns); !warning.empty()) {
    cell.warnings.push_back(std::move(warning));
  }
  StampedeResult result = run_stampede(plan, interrupted());
  cell.expected = expect_calls(plan, result);
  if (const auto window_ns = expect_window_ns(plan, result)) {
    cell.expected_window_ms = *window_ns / 1e6;
  }
  cell.adapter_version = result.adapter_version;
  cell.interrupted = result.interrupted;
  cell.figures = derive_figures(result.counts);
  cell.flags = std::move(result.flags);
  for (std::string& warning : result.warnings) cell.warnings.push_back(std::move(warning));
  return cell;
}

}  // namespace cachegauge
