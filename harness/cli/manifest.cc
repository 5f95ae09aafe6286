#include "harness/cli/manifest.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/core/error.h"
#include "reports/atomic_file.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVersion = 1;

}  // namespace

void write_manifest(const std::string& path, const Manifest& manifest) {
  Json json;
  json["cachegauge_manifest"] = kVersion;
  json["key_prefix"] = manifest.key_prefix;
  json["workload"] = manifest.workload.text();
  json["adapter"] = manifest.adapter.redacted();
  json["limit"] = manifest.rules.limit;
  json["fingerprint"] = manifest.fingerprint;
  json["all_as_get"] = manifest.rules.all_as_get;
  json["ignore_size"] = manifest.rules.ignore_size;
  json["ignore_ttl"] = manifest.rules.ignore_ttl;
  write_atomically(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Manifest read_manifest(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error::failed(fmt::format("{}: cannot be opened; is the path right?", path));
  try {
    const Json json = Json::parse(in);
    if (json.at("cachegauge_manifest").get<int>() != kVersion) {
      throw Error::failed(fmt::format("{}: a manifest of another version of cachegauge", path));
    }
    Manifest manifest;
    manifest.key_prefix = json.at("key_prefix").get<std::string>();
    manifest.workload = parse_workload_spec(json.at("workload").get<std::string>());
    manifest.adapter = Spec::parse(json.at("adapter").get<std::string>());
    manifest.rules.limit = json.at("limit").get<uint64_t>();
    manifest.fingerprint = json.at("fingerprint").get<std::string>();
    manifest.rules.all_as_get = json.at("all_as_get").get<bool>();
    manifest.rules.ignore_size = json.at("ignore_size").get<bool>();
    manifest.rules.ignore_ttl = json.at("ignore_ttl").get<bool>();
    if (manifest.key_prefix.empty()) {
      throw Error::failed(fmt::format("{}: a manifest without a key prefix", path));
    }
    return manifest;
  } catch (const Json::exception& error) {
    throw Error::failed(fmt::format("{}: not a manifest of cachegauge: {}", path, error.what()));
  }
}

}  // namespace cachegauge
