#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/cli/experiment.h"
#include "harness/core/error.h"
#include "harness/core/suggest.h"

namespace cachegauge {
namespace {

using Json = nlohmann::ordered_json;

// A scalar as the text that the flag of the same name would take.
std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean() || value.is_number()) return value.dump();
  throw Error::usage("expected a string, a number, true or false");
}

void add_params(const Json& object, const std::string& prefix, Spec& spec) {
  for (const auto& [name, value] : object.items()) {
    if (prefix.empty() && name == "kind") continue;
    if (value.is_object()) {
      if (!value.contains("kind")) throw Error::usage(fmt::format("\"{}\" needs a kind", name));
      spec.set(prefix + name, scalar_text(value["kind"]));
      Json rest = value;
      rest.erase("kind");
      add_params(rest, prefix + name + ".", spec);
    } else {
      spec.set(prefix + name, scalar_text(value));
    }
  }
}

// A spec is a string, or an object with a "kind" and its parameters.
std::string spec_text(const Json& value) {
  if (!value.is_object()) return scalar_text(value);
  if (!value.contains("kind")) throw Error::usage("expected a \"kind\" in the object");
  Spec spec(scalar_text(value["kind"]));
  add_params(value, "", spec);
  return spec.text();
}

const ExperimentOption& option_for(const std::string& key) {
  std::string_view name = key;
  if (key == "workloads" || key == "adapters") name.remove_suffix(1);
  if (const auto* option = find_row(experiment_options(), name)) return *option;
  throw Error::usage(unknown_name_message("key", key, row_names(experiment_options())));
}

void set_from_json(Experiment& experiment, const std::string& key, const Json& value) {
  std::string path = "/" + key;
  try {
    const ExperimentOption& option = option_for(key);
    if (!value.is_array()) {
      option.set(experiment, spec_text(value));
      return;
    }
    const bool repeats =
        option.name == "workload" || option.name == "adapter" || option.name == "fault";
    if (!repeats) {
      throw Error::usage("expected one value, got a list");
    }
    for (size_t i = 0; i < value.size(); ++i) {
      path = fmt::format("/{}/{}", key, i);
      option.set(experiment, spec_text(value[i]));
    }
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

void read_experiment_file(const std::string& path, Experiment& experiment) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw Error::failed(
        fmt::format("{}: the experiment file cannot be opened; is the path right?", path));
  }
  Json file;
  try {
    file = Json::parse(in, nullptr, true, true);  // comments are allowed
  } catch (const Json::parse_error& error) {
    throw Error::usage(fmt::format("{}: not valid JSON: {}", path, error.what()));
  }
  if (!file.is_object()) {
    throw Error::usage(fmt::format("{}: expected a JSON object with workloads and adapters", path));
  }
  for (const auto& [key, value] : file.items()) {
    if (key == "description") continue;
    try {
      set_from_json(experiment, key, value);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", path, error.what()));
    }
  }
}

std::string experiment_json(const Experiment& experiment) {
  Json json = Json::object();
  json["workloads"] = Json::array();
  for (const Spec& spec : experiment.workloads) json["workloads"].push_back(spec.redacted());
  json["adapters"] = Json::array();
  for (const Spec& spec : experiment.adapters) json["adapters"].push_back(spec.redacted());
  for (const ExperimentOption& option : experiment_options()) {
    if (!option.get) continue;
    const std::string text = option.get(experiment);
    if (text == "true" || text == "false") {
      json[std::string(option.name)] = text == "true";
    } else if (text.empty()) {
      json[std::string(option.name)] = nullptr;
    } else {
      json[std::string(option.name)] = text;
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cachegauge
