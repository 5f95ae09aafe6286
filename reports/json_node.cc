#include "reports/json_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

// A report has 7 levels; an experiment in it may have a few more.
constexpr int kDeepest = 64;
// Of one object. Its fields are found by walking over them, so many of them take long to read.
constexpr size_t kMostFields = 2'000;

std::string shorten(const Json& json) {
  if (json.is_object()) return "an object";
  if (json.is_array()) return "a list";
  constexpr size_t kMost = 40;
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost) + "…";
  return text;
}

// "12:5" of the byte at `offset`, both from 1.
std::string place(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}", std::count(before.begin(), before.end(), '\n') + 1,
                     before.size() - line_begin + 1);
}

}  // namespace

JsonNode JsonNode::at(std::string_view name) const {
  if (!json_->is_object()) expected("an object");
  const auto found = json_->find(name);
  std::string path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  if (found == json_->end()) JsonNode(*json_, file_, std::move(path)).fail("is missing");
  return {*found, file_, std::move(path)};
}

std::optional<JsonNode> JsonNode::find(std::string_view name) const {
  if (!json_->is_object()) expected("an object");
  const auto found = json_->find(name);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return at(name);
}

std::vector<JsonNode> JsonNode::items() const {
  if (!json_->is_array()) expected("a list");
  std::vector<JsonNode> nodes;
  for (const Json& item : *json_) {
    nodes.push_back({item, file_, fmt::format("{}[{}]", path_, nodes.size())});
  }
  return nodes;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!json_->is_object()) expected("an object");
  std::vector<std::pair<std::string, JsonNode>> nodes;
  for (const auto& [name, value] : json_->items()) nodes.emplace_back(name, at(name));
  return nodes;
}

bool JsonNode::truth() const {
  if (!json_->is_boolean()) expected("true or false");
  return json_->get<bool>();
}

uint64_t JsonNode::count() const {
  if (!json_->is_number_unsigned()) expected("a count");
  return json_->get<uint64_t>();
}

double JsonNode::number() const {
  if (!json_->is_number() || json_->get<double>() < 0) expected("a number that is not negative");
  return json_->get<double>();
}

double JsonNode::signed_number() const {
  if (!json_->is_number()) expected("a number");
  return json_->get<double>();
}

std::string JsonNode::text() const {
  if (!json_->is_string()) expected("a text");
  return json_->get<std::string>();
}

std::vector<std::string> JsonNode::texts() const {
  std::vector<std::string> out;
  for (const JsonNode& item : items()) out.push_back(item.text());
  return out;
}

int64_t JsonNode::whole_ns(double ns) const {
  if (ns > 4.6e18) expected("a time below 146 years");  // so that two of them can be added
  return std::llround(ns);
}

int64_t JsonNode::seconds_as_ns() const { return whole_ns(number() * 1e9); }
int64_t JsonNode::milliseconds_as_ns() const { return whole_ns(number() * 1e6); }
int64_t JsonNode::nanoseconds() const { return whole_ns(number()); }

void JsonNode::fail(std::string_view what) const {
  throw Error::failed(fmt::format(
      "{}: {}: {} (this is no report as `cachegauge run --out` writes it, or it was changed)",
      file_, path_, what));
}

void JsonNode::expected(std::string_view type) const {
  fail(fmt::format("expected {}, got {}", type, shorten(*json_)));
}

Json parse_report_json(const std::string& text, std::string_view file) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) {
    throw Error::failed(
        fmt::format("{}: the file is empty; `cachegauge run … --out FILE` writes a report", file));
  }
  if (text[begin] != '{') {
    throw Error::failed(fmt::format(
        "{}:{}: this is no report: expected the \"{{\" of a JSON object; `cachegauge run … --out "
        "FILE` writes one",
        file, place(text, begin)));
  }
  // So far, of the object whose keys are at each depth: one below the depth of its end.
  std::array<size_t, kDeepest + 2> fields{};
  const auto within_bounds = [&](int depth, Json::parse_event_t event, Json&) {
    if (depth > kDeepest) {
      throw Error::failed(
          fmt::format("{}: this is no report: it is nested more than {} deep", file, kDeepest));
    }
    size_t& count = fields[static_cast<size_t>(depth)];
    if (event == Json::parse_event_t::object_end) fields[static_cast<size_t>(depth) + 1] = 0;
    if (event == Json::parse_event_t::key && ++count > kMostFields) {
      throw Error::failed(fmt::format(
          "{}: this is no report: an object in it has more than {} fields", file, kMostFields));
    }
    return true;
  };
  try {
    return Json::parse(text, within_bounds);
  } catch (const Json::parse_error& error) {
    const bool cut_short = error.byte >= text.size();
    throw Error::failed(fmt::format(
        "{}:{}: {}", file, place(text, error.byte > 0 ? error.byte - 1 : 0),
        cut_short
            ? "the report is cut short here; copy it again, or write it anew with `cachegauge "
              "run … --out FILE`"
            : "this is not JSON, so no report; `cachegauge run … --out FILE` writes one"));
  } catch (const Json::out_of_range&) {
    throw Error::failed(fmt::format("{}: a number in it is too large for a report", file));
  }
}

}  // namespace cachegauge
