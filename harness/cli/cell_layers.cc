#include "harness/cli/cell_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/hash.h"
#include "harness/replay/request_feed.h"

namespace cachegauge {
namespace {

bool has_codec(const Experiment& experiment) { return experiment.codec != &codecs().front(); }

}  // namespace

uint64_t count_keys_in_collisions(const Workload& workload, const RequestRules& rules,
                                  const KeyNaming& naming) {
  if (!naming.is_hashed()) return 0;
  RequestFeed feed(workload, rules, "", 0, 1);
  while (feed.next(UINT64_MAX)) {
  }
  const auto name_of = [&](uint32_t id) {
    std::string name;
    naming.make(feed.keys().record(id).bytes(), name);
    return name;
  };
  std::vector<std::pair<uint64_t, uint32_t>> names;  // a hash, and whose it is
  for (uint32_t id = 0; id < feed.keys().size(); ++id) {
    names.emplace_back(hash_text_key(name_of(id)), id);
  }
  std::ranges::sort(names);
  uint64_t in_collisions = 0;
  for (size_t begin = 0, end = 0; begin < names.size(); begin = end) {
    std::vector<std::string> alike;
    for (; end < names.size() && names[end].first == names[begin].first; ++end) {
      alike.push_back(name_of(names[end].second));
    }
    if (alike.size() == 1) continue;
    for (const std::string& name : alike) in_collisions += std::ranges::count(alike, name) > 1;
  }
  return in_collisions;
}

LayerOptions plan_layers(const Experiment& experiment, uint64_t keys_in_collisions,
                         const Adapter& adapter, CellReport& report) {
  LayerOptions layers;
  if (has_codec(experiment)) layers.codec = experiment.codec;
  layers.naming = experiment.naming;
  layers.keys_in_collisions = keys_in_collisions;
  layers.change_share = experiment.change_share;
  if (layers.naming.is_set() && adapter.shares_keyspace()) {
    throw Error::usage(fmt::format(
        "{}: --key-hash and --namespace change keys, and on a server that runs already ours are "
        "told from others, and removed, by their prefix: use a private server, such as redis",
        report.adapter_spec));
  }
  report.codec = experiment.codec->name;
  report.key_naming = layers.naming.text();
  return layers;
}

std::string layered_label(const std::string& adapter, const Experiment& experiment) {
  std::string label = adapter;
  if (has_codec(experiment)) label += fmt::format("+{}", experiment.codec->name);
  if (experiment.naming.is_set()) label += fmt::format("+{}", experiment.naming.text());
  if (experiment.change_share > 0) {
    label += fmt::format("+mutate={}%", experiment.change_share * 100);
  }
  return label;
}

}  // namespace cachegauge
