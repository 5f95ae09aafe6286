#include <fmt/format.h>

#include <cstdio>

#include "adapters/adapters.h"
#include "harness/cli/manifest.h"
#include "harness/cli/subcommand.h"
#include "harness/core/units.h"
#include "harness/replay/cell.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

void print_help() {
  fmt::print(
      "usage: cachegauge clean MANIFEST\n\n"
      "Removes from a server the keys that a killed run left there. The run wrote MANIFEST\n"
      "(cachegauge-….manifest.json, in the folder where it was started) before its first key, and\n"
      "would have removed it at its end. Only keys of the workload under that run's own prefix "
      "are\n"
      "touched: nothing is scanned or flushed. The workload must still be readable, and "
      "unchanged.\n");
}

}  // namespace

ExitCode clean_command(const std::vector<std::string>& args) {
  if (args.size() == 1 && (args[0] == "--help" || args[0] == "-h")) {
    print_help();
    return ExitCode::kDone;
  }
  if (args.size() != 1) throw Error::usage("expected one manifest: cachegauge clean MANIFEST");
  const Manifest manifest = read_manifest(args[0]);
  const auto workload = make_workload(manifest.workload);
  const WorkloadSummary summary = summarize_workload(*workload, manifest.rules);
  if (summary.fingerprint != manifest.fingerprint) {
    throw Error::failed(fmt::format(
        "{} is not the workload that was replayed (fingerprint {}, the manifest says {}), so its "
        "keys are not those that were left; put the old one back, or delete the keys that begin "
        "with \"{}\" by hand",
        manifest.workload.text(), summary.fingerprint, manifest.fingerprint, manifest.key_prefix));
  }
  CellPlan plan;
  plan.workload = workload.get();
  plan.summary = &summary;
  plan.rules = manifest.rules;
  plan.make_adapter = [&](const AdapterSettings& s) { return make_adapter(manifest.adapter, s); };
  plan.pattern = &pattern_kinds()[0];
  plan.adapter_settings.allow_shared_server = true;
  plan.key_prefix = manifest.key_prefix;
  CellControl control;
  const uint64_t deleted = clean_cell(plan, control);
  std::remove(args[0].c_str());
  fmt::print("removed {} keys under \"{}\" from {}, and the manifest\n", format_count(deleted),
             manifest.key_prefix, manifest.adapter.redacted());
  return ExitCode::kDone;
}

}  // namespace cachegauge
