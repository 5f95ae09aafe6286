#include "harness/gate/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "harness/core/registry.h"

namespace cachegauge {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  if (!json.is_string()) throw Error::usage("expected a text");
  return json.get<std::string>();
}

bool truth_of(const Json& json) {
  if (!json.is_boolean()) throw Error::usage("expected true or false");
  return json.get<bool>();
}

double number_of(const Json& json) {
  if (!json.is_number()) throw Error::usage("expected a number");
  return json.get<double>();
}

double share_of(const Json& json) {
  const double share = number_of(json);
  if (!(share >= 0 && share < 1)) {
    throw Error::usage(fmt::format("expected a share from 0 to below 1, got {}", share));
  }
  return share;
}

double effect_of(const Json& json) {
  const double effect = number_of(json);
  if (!(effect > 0)) throw Error::usage(fmt::format("expected a share above 0, got {}", effect));
  return effect;
}

uint64_t count_of(const Json& json, uint64_t least, uint64_t most) {
  if (!json.is_number_unsigned() || json.get<uint64_t>() < least || json.get<uint64_t>() > most) {
    throw Error::usage(fmt::format("expected a number from {} to {}", least, most));
  }
  return json.get<uint64_t>();
}

template <class Enum, size_t N>
Enum choice_of(std::string_view what, const Json& json, const std::string_view (&names)[N]) {
  const std::string text = text_of(json);
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  throw Error::usage(unknown_name_message(what, text, {names, names + N}));
}

constexpr std::string_view kClasses[] = {"exact", "bound", "stochastic", "time", "count"};
constexpr std::string_view kSeverities[] = {"warn", "fail"};
constexpr std::string_view kDirections[] = {"either", "up", "down"};
constexpr std::string_view kTimes[] = {"virtual", "real"};

std::string pattern_of(const Json& json) {
  std::string pattern = text_of(json);
  const bool printable = std::all_of(pattern.begin(), pattern.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  if (pattern.empty() || !printable) {
    throw Error::usage("expected a pattern without spaces, such as \"*/hits\"");
  }
  if (pattern.find("**") != std::string::npos) {
    throw Error::usage(fmt::format("\"{}\": one * crosses / as it is; write it once", pattern));
  }
  if (pattern.find_first_of("*/") == std::string::npos) {
    throw Error::usage(fmt::format(
        "\"{0}\" can match nothing: a pattern is held against id/metric; \"*/{0}\" matches the "
        "metric in every result",
        pattern));
  }
  return pattern;
}

constexpr GateClasses bit(GateClass type) { return class_bit(type); }

struct RuleKey {
  std::string_view name;
  GateClasses classes;  // that it says something to
  void (*set)(GateRule& rule, const Json& json);
};

using R = GateRule;
using J = Json;

constexpr RuleKey kRuleKeys[] = {
    {"match", kEveryClass, [](R& r, const J& j) { r.match = pattern_of(j); }},
    {"class", kEveryClass,
     [](R& r, const J& j) { r.type = choice_of<GateClass>("class", j, kClasses); }},
    {"severity", kEveryClass,
     [](R& r, const J& j) { r.fails = choice_of<int>("severity", j, kSeverities) == 1; }},
    {"optional", kEveryClass, [](R& r, const J& j) { r.optional = truth_of(j); }},
    {"time", kEveryClass,
     [](R& r, const J& j) { r.time = kTimes[choice_of<int>("time", j, kTimes)]; }},
    {"worse", kEveryClass & ~bit(GateClass::kBound),
     [](R& r, const J& j) { r.worse = choice_of<Worse>("direction", j, kDirections); }},
    {"tolerance", bit(GateClass::kExact) | bit(GateClass::kCount),
     [](R& r, const J& j) { r.tolerance = share_of(j); }},
    {"min_effect", bit(GateClass::kStochastic) | bit(GateClass::kTime),
     [](R& r, const J& j) { r.min_effect = share_of(j); }},
    {"detect", bit(GateClass::kTime), [](R& r, const J& j) { r.detect = effect_of(j); }},
    {"min", bit(GateClass::kBound) | bit(GateClass::kStochastic),
     [](R& r, const J& j) { r.min = number_of(j); }},
    {"max", bit(GateClass::kBound) | bit(GateClass::kStochastic),
     [](R& r, const J& j) { r.max = number_of(j); }},
};

// Of rules that do not say otherwise.
struct RuleDefaults {
  double min_effect = GateRule().min_effect;
  std::optional<double> detect;  // none: twice the min_effect, and no less than a GateRule's
};

struct DefaultKey {
  std::string_view name;
  void (*set)(GateRules& rules, RuleDefaults& defaults, const Json& json);
};

constexpr DefaultKey kDefaultKeys[] = {
    {"rounds", [](GateRules& r, RuleDefaults&,
                  const J& j) { r.rounds = count_of(j, kFewestRounds, 100'000); }},
    {"confirm", [](GateRules& r, RuleDefaults&, const J& j) { r.confirm = count_of(j, 1, 10); }},
    {"seed", [](GateRules& r, RuleDefaults&, const J& j) { r.seed = count_of(j, 0, UINT64_MAX); }},
    {"alpha",
     [](GateRules& r, RuleDefaults&, const J& j) {
       r.alpha = number_of(j);
       if (!(r.alpha >= 0.001 && r.alpha <= 0.1)) {
         throw Error::usage(fmt::format("expected a chance from 0.001 to 0.1, got {}", r.alpha));
       }
     }},
    {"min_effect", [](GateRules&, RuleDefaults& d, const J& j) { d.min_effect = share_of(j); }},
    {"detect", [](GateRules&, RuleDefaults& d, const J& j) { d.detect = effect_of(j); }},
};

// Calls take() and puts `place` in front of what it throws.
template <class Take>
void at_place(const std::string& place, Take take) {
  try {
    take();
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}{}", place, error.what()));
  }
}

template <class Row>
const Row& require_key(std::span<const Row> keys, const std::string& name) {
  return require_row(keys, name, "key");
}

void check_rule(const GateRule& rule, const Json& json) {
  for (std::string_view name : {"match", "class"}) {
    if (!json.contains(name)) throw Error::usage(fmt::format("{} is missing", name));
  }
  for (const auto& [name, value] : json.items()) {
    if (find_row(std::span<const RuleKey>(kRuleKeys), name)->classes & bit(rule.type)) continue;
    throw Error::usage(
        fmt::format("{} means nothing to class \"{}\"", name, gate_class_name(rule.type)));
  }
  if (rule.type == GateClass::kBound && !rule.min && !rule.max) {
    throw Error::usage("a rule of class \"bound\" needs min, max or both");
  }
  if (rule.min && rule.max && *rule.min > *rule.max) {
    throw Error::usage(
        fmt::format("min {} is above max {}: nothing can pass", *rule.min, *rule.max));
  }
  if (rule.type == GateClass::kTime && rule.detect <= rule.min_effect) {
    throw Error::usage(fmt::format(
        "detect {} is not above min_effect {}: what is no regression would have to be ruled out",
        rule.detect, rule.min_effect));
  }
}

GateRule parse_rule(const Json& json, const RuleDefaults& defaults) {
  if (!json.is_object()) throw Error::usage("expected an object with match and class");
  GateRule rule;
  rule.min_effect = defaults.min_effect;
  for (const auto& [name, value] : json.items()) {
    const RuleKey& key = require_key(std::span<const RuleKey>(kRuleKeys), name);
    at_place(name + ": ", [&, &json_value = value] { key.set(rule, json_value); });
  }
  if (!json.contains("detect")) {
    rule.detect = defaults.detect.value_or(std::max(GateRule().detect, 2 * rule.min_effect));
  }
  check_rule(rule, json);
  if (rule.type == GateClass::kCount && !json.contains("tolerance")) {
    rule.tolerance = kCountTolerance;
  }
  return rule;
}

void check_no_twins(const std::vector<GateRule>& rules) {
  const GateRule& last = rules.back();
  for (size_t i = 0; i + 1 < rules.size(); ++i) {
    if (rules[i].match == last.match && rules[i].type == last.type && rules[i].time == last.time) {
      throw Error::usage(fmt::format("rules[{}] holds \"{}\" under class \"{}\" already", i,
                                     last.match, gate_class_name(last.type)));
    }
  }
}

GateRules read_rules(const Json& json) {
  if (!json.is_object()) throw Error::usage("expected an object with \"schema\" and \"rules\"");
  for (const auto& [name, value] : json.items()) {
    if (name != "schema" && name != "defaults" && name != "rules") {
      throw Error::usage(unknown_name_message("key", name, {"schema", "defaults", "rules"}));
    }
  }
  if (!json.contains("schema") || json["schema"] != 1) {
    throw Error::usage("schema: expected 1, which is the version of rules that is known");
  }
  GateRules rules;
  RuleDefaults defaults;
  if (json.contains("defaults")) {
    at_place("defaults: ", [&] {
      if (!json["defaults"].is_object()) throw Error::usage("expected an object");
    });
    for (const auto& [name, value] : json["defaults"].items()) {
      at_place("defaults." + name + ": ", [&, &key_name = name, &key_value = value] {
        require_key(std::span<const DefaultKey>(kDefaultKeys), key_name)
            .set(rules, defaults, key_value);
      });
    }
  }
  if (!json.contains("rules") || !json["rules"].is_array() || json["rules"].empty()) {
    throw Error::usage("rules: expected a list of at least one rule");
  }
  for (const Json& rule : json["rules"]) {
    at_place(fmt::format("rules[{}]: ", rules.rules.size()), [&] {
      rules.rules.push_back(parse_rule(rule, defaults));
      check_no_twins(rules.rules);
    });
  }
  return rules;
}

// The parser keeps the last of two equal keys, and drops the first in silence.
Json parse_without_twins(std::string_view text) {
  std::vector<std::set<std::string>> seen;
  return Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      seen.resize(static_cast<size_t>(depth) + 1);
      seen.back().clear();
    }
    if (event == Json::parse_event_t::key &&
        !seen[static_cast<size_t>(depth) - 1].insert(parsed.get<std::string>()).second) {
      throw Error::usage(
          fmt::format("the key \"{}\" stands twice in one object", parsed.get<std::string>()));
    }
    return true;
  });
}

}  // namespace

GateRules parse_rules(std::string_view text, std::string_view file) {
  GateRules rules;
  at_place(fmt::format("{}: ", file), [&] {
    try {
      rules = read_rules(parse_without_twins(text));
    } catch (const Json::exception& error) {
      throw Error::usage(fmt::format("not valid JSON: {}", error.what()));
    }
  });
  return rules;
}

std::string_view default_rules() {
  return R"({"schema": 1,
 "rules": [
  {"match": "*/corrupt", "class": "bound", "max": 0, "optional": true},
  {"match": "*/hits", "class": "exact", "time": "virtual", "optional": true},
  {"match": "*/misses", "class": "exact", "time": "virtual", "optional": true},
  {"match": "*/evictions", "class": "exact", "time": "virtual", "optional": true},
  {"match": "*/expirations", "class": "exact", "time": "virtual", "optional": true},
  {"match": "*/origin.calls", "class": "exact", "time": "virtual", "optional": true},
  {"match": "*/hit_ratio", "class": "stochastic", "time": "real", "severity": "warn",
   "optional": true},
  {"match": "*/memory.bytes_per_item", "class": "exact", "tolerance": 0.02, "worse": "up",
   "optional": true},
  {"match": "*/instructions_per_request", "class": "count", "optional": true},
  {"match": "*/throughput_rps", "class": "time", "optional": true},
  {"match": "*/response_time_ns.get.p50", "class": "time", "optional": true},
  {"match": "*/response_time_ns.get.p99", "class": "time", "detect": 0.1, "optional": true}]}
)";
}

std::string_view default_paired_rules() {
  return R"({"schema": 1,
 "rules": [
  {"match": "*/corrupt", "class": "bound", "max": 0, "optional": true},
  {"match": "*/throughput_rps", "class": "time", "optional": true},
  {"match": "*/response_time_ns.get.p50", "class": "time", "optional": true},
  {"match": "*/response_time_ns.get.p99", "class": "time", "detect": 0.1, "optional": true}]}
)";
}

// Greedy with one step back: the last "*" takes one more character when what follows it fails.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Worse resolve_worse(const GateRule& rule, std::string_view metric) {
  if (rule.worse) return *rule.worse;
  if (rule.type == GateClass::kExact) return Worse::kEither;
  constexpr std::string_view kBetterMore[] = {"hit_ratio", "byte_hit_ratio", "hits",
                                              "hit_bytes", "write_hits",     "requests_per_second"};
  const bool more_is_better =
      metric.ends_with("_rps") ||
      std::find(std::begin(kBetterMore), std::end(kBetterMore), metric) != std::end(kBetterMore);
  return more_is_better ? Worse::kDown : Worse::kUp;
}

}  // namespace cachegauge
