#include "harness/cli/pattern_planner.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {
namespace {

constexpr std::string_view kOnWrite = "on-write";

// What a real origin holds is what was stored there: what is filled from it after a write that it
// never had would be older than that.
Spec resolve_pattern(const Experiment& experiment, const WorkloadSummary& summary, Fills fills,
                     const OriginTraits& origin) {
  Spec spec = experiment.pattern;
  const bool writes_to_rows = !origin.simulated && fills == Fills::kOnMiss && summary.writes() > 0;
  if (spec.kind() == "cache-aside" && !spec.has(kOnWrite) && writes_to_rows) {
    spec.set(kOnWrite, "delete");
  }
  return spec;
}

[[noreturn]] void refuse(const Spec& pattern, std::string_view why) {
  throw Error::usage(fmt::format("--pattern {}: {}", pattern.text(), why));
}

// Of a pattern whose writes go to the origin.
void check_surroundings(const Experiment& experiment, const WorkloadSummary& summary,
                        const Capabilities& capabilities, const OriginTraits& origin,
                        PlannedCell& cell) {
  const Spec& pattern = cell.plan.pattern_spec;
  if (!experiment.origin) {
    refuse(pattern,
           "its writes go to the origin, and there is none: give one, such as --origin 50ms or "
           "--origin sqlite");
  }
  if (!origin.simulated && !origin.holds_rows) {
    refuse(pattern,
           fmt::format("its writes would overwrite what {} holds, which is not ours: give an "
                       "--origin with rows of its own (sqlite, postgres), simulate it (--origin "
                       "50ms), or read the writes as gets (--all-as-get)",
                       experiment.origin->redacted()));
  }
  if (experiment.guard != "none") {
    refuse(pattern,
           "guards are for the cache-aside whose writes go to the cache alone: leave "
           "--guard out, or --pattern");
  }
  if (cell.plan.fills == Fills::kInTrace) {
    refuse(pattern,
           "the sets of the workload are the application's writes, so they fill no misses: leave "
           "--fills out, or give --fills on-miss");
  }
  const uint64_t writes = summary.writes();
  if (writes > 0 && !(capabilities.commands & command_bit(CommandKind::kDelete))) {
    refuse(pattern, fmt::format("it deletes copies, which {} cannot do", cell.report.adapter_spec));
  }
  if (writes == 0 && pattern.kind() != "read-through") {
    cell.warnings.push_back(
        fmt::format("the workload has no writes, so --pattern {} writes nothing to the origin",
                    pattern.text()));
  }
}

void check_kill(const Experiment& experiment, const OriginTraits& origin, bool writes_to_origin) {
  if (experiment.kill_at_ns == 0) return;
  constexpr std::string_view kRemedy =
      "give a --pattern that writes to the origin (`cachegauge list patterns`) and an --origin "
      "that holds rows, such as sqlite or postgres";
  if (!writes_to_origin || !origin.holds_rows) {
    throw Error::usage(fmt::format(
        "--kill-at counts at the origin what of the writes is missing there: {}", kRemedy));
  }
  if (experiment.slo.is_set()) {
    throw Error::usage("--kill-at is of one run, and --slo makes many: leave one of them out");
  }
}

}  // namespace

void plan_pattern(const Experiment& experiment, const PlannedWorkload& workload,
                  const Capabilities& capabilities, const OriginTraits& origin, PlannedCell& cell) {
  CellPlan& plan = cell.plan;
  plan.fills = resolve_fills(experiment, *workload.workload);
  plan.pattern_spec = resolve_pattern(experiment, workload.summary, plan.fills, origin);
  const std::unique_ptr<AccessPattern> pattern = make_pattern(plan.pattern_spec);
  const bool writes_to_origin = pattern != nullptr;
  plan.classes = label_classes(workload.workload->traits().key_classes,
                               pattern ? pattern->classes() : std::vector<ClassLabel>(),
                               plan.pattern_spec.text());
  plan.pattern = &require_row(pattern_kinds(), plan.pattern_spec.kind(), "pattern");
  if (writes_to_origin) {
    if (experiment.fills == Fills::kAuto) plan.fills = Fills::kOnMiss;
    check_surroundings(experiment, workload.summary, capabilities, origin, cell);
  }
  check_kill(experiment, origin, writes_to_origin);
  cell.report.pattern = plan.pattern_spec.text();
}

}  // namespace cachegauge
