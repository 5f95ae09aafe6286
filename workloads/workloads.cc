#include "workloads/workloads.h"

#include <algorithm>
#include <array>

#include "workloads/generators/class_mix.h"
#include "workloads/generators/generators.h"
#include "workloads/generators/local_popularity.h"
#include "workloads/generators/moving_popularity.h"
#include "workloads/trace.h"

namespace cachegauge {
namespace {

bool is_kind_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

// Whether the text is of the grammar kind:name=value, and so was hardly meant as a path.
bool looks_like_spec(std::string_view kind, std::string_view params) {
  const size_t equals = params.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(kind.begin(), kind.end(), is_kind_letter) &&
         params.substr(0, equals).find('/') == std::string_view::npos;
}

}  // namespace

std::span<const WorkloadKind> workload_kinds() {
  static const std::array<WorkloadKind, 11> kKinds = {{
      {"trace", "recorded requests in a file; a bare path is short for trace:path=…",
       trace_params(), make_trace},
      {"zipf", "keys by Zipf's law: the k-th most popular is asked for as often as k^-alpha says",
       zipf_params(), make_zipf},
      {"uniform", "every key as likely as any other", generator_params(), make_uniform},
      {"sequential", "keys 1 to N in order, round and round: a loop or a scan", generator_params(),
       make_sequential},
      {"hotspot", "a share of the keys gets a share of the requests", hotspot_params(),
       make_hotspot},
      {"gaussian", "keys by the normal distribution around one", gaussian_params(), make_gaussian},
      {"latest", "the newest keys are the most popular, and new ones come", latest_params(),
       make_latest},
      {"shifting", "zipf, with ranks that go to other keys as time goes on", shifting_params(),
       make_shifting},
      {"scan-mix", "zipf, mixed with runs of consecutive keys", scan_mix_params(), make_scan_mix},
      {"etc", "zipf with the key and value sizes and 30 gets a set of Facebook's ETC pool",
       zipf_params(), make_etc},
      {"by-class", "several kinds of keys, mixed: by-class:product=zipf,session=uniform,…",
       class_mix_params(), make_class_mix},
  }};
  return kKinds;
}

Spec parse_workload_spec(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  if (find_row(workload_kinds(), kind)) return Spec::parse(text);
  if (text.empty()) throw Error::usage("expected a workload: a trace file, or kind:name=value,…");
  if (colon != std::string_view::npos && looks_like_spec(kind, text.substr(colon + 1))) {
    require_row(workload_kinds(), kind, "workload");
  }
  return Spec("trace", {{"path", std::string(text)}});
}

std::unique_ptr<Workload> make_workload(const Spec& spec) {
  return require_row(workload_kinds(), spec.kind(), "workload").make(spec);
}

}  // namespace cachegauge
