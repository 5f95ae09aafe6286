#include <fmt/format.h>

#include "adapters/adapters.h"
#include "adapters/local/policies/admission/admissions.h"
#include "adapters/local/policies/policy_list.h"
#include "adapters/origins/origins.h"
#include "harness/cli/micro_suite.h"
#include "harness/cli/subcommand.h"
#include "harness/core/fault.h"
#include "harness/core/registry.h"
#include "harness/replay/guards/guard.h"
#include "harness/replay/guards/holder_fault.h"
#include "harness/replay/layers/codecs.h"
#include "harness/replay/layers/key_naming.h"
#include "harness/replay/patterns.h"
#include "harness/stampede/scenario.h"
#include "reports/report_formats.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

void print_row(std::string_view name, std::string_view summary) {
  fmt::print("  {:<14} {}\n", name, summary);
}

void print_params(std::span<const ParamInfo> params) {
  for (const ParamInfo& param : params) {
    fmt::print("  {:<14}   {:<30} {}\n", "", fmt::format("{}={}", param.name, param.value),
               param.summary);
  }
}

template <class Row>
void print_table(std::span<const Row> table) {
  for (const Row& row : table) {
    print_row(row.name, row.summary);
    if constexpr (requires { row.params; }) print_params(row.params);
  }
}

// Of a kind that may not have been built.
template <class Kind>
void list_kinds(std::span<const Kind> kinds) {
  for (const Kind& kind : kinds) {
    if (kind.make) {
      print_row(kind.name, kind.summary);
      print_params(kind.params);
    } else {
      print_row(kind.name, fmt::format("not built: {}", kind.not_built));
    }
  }
}

void list_policies() {
  for (const PolicyInfo& policy : kPolicyTable) {
    print_row(policy.name, policy.summary);
    print_row("", policy.paper);
    print_params(policy.params);
  }
}

void list_admissions() {
  for (const AdmissionKind& filter : admission_kinds()) {
    print_row(filter.name, filter.summary);
    print_row("", filter.paper);
    for (ParamInfo param : filter.params) {
      const std::string name = fmt::format("admission.{}", param.name);
      param.name = name;
      print_params({&param, 1});
    }
  }
}

void list_reports() {
  for (const ReportFormat& format : report_formats()) print_row(format.name, describe(format));
}

struct Listing {
  std::string_view name;
  std::string_view summary;
  void (*print)();
};

constexpr Listing kListings[] = {
    {"adapters", "caches under test", [] { list_kinds(adapter_kinds()); }},
    {"policies", "eviction policies of the in-process caches, and their papers", list_policies},
    {"admissions", "filters before a policy (lru:admission=tinylfu), and their papers",
     list_admissions},
    {"workloads", "sources of requests", [] { print_table(workload_kinds()); }},
    {"formats", "trace files that can be read", [] { print_table(trace_formats()); }},
    {"origins", "what lies behind a cache", [] { list_kinds(origin_kinds()); }},
    {"patterns", "how the application uses cache and origin", [] { print_table(pattern_kinds()); }},
    {"guards", "stampede protection", [] { print_table(guard_kinds()); }},
    {"codecs", "how values are serialised", [] { print_table(codecs()); }},
    {"key-hashes", "what `run --key-hash` makes of keys", [] { print_table(key_hash_kinds()); }},
    {"faults", "what `stampede --fault` lets go wrong", [] { print_table(fault_kinds()); }},
    {"run-faults", "what `run --fault` does to a cache or its origin",
     [] { print_table(fault_types()); }},
    {"scenarios", "what befalls a cache in `stampede`", [] { print_table(scenario_kinds()); }},
    {"operations", "what `cachegauge micro` measures", [] { print_table(micro_operations()); }},
    {"reports", "what `cachegauge report` turns a report into", list_reports},
};

}  // namespace

ExitCode list_command(const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    fmt::print("usage: cachegauge list WHAT\n\n");
    print_table(std::span<const Listing>(kListings));
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  for (const std::string& name : args) {
    require_row(std::span<const Listing>(kListings), name, "list").print();
  }
  return ExitCode::kDone;
}

}  // namespace cachegauge
