// A value of a report's JSON that knows where it stands, so that what is wrong with it can be said:
// `a.json: results[3].gets: expected a count, got "many"`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/json.h"

namespace cachegauge {

// Points into the JSON and the file's name, which must outlive it. All but at() and find() throw
// Error::failed where the value is of another type than asked for.
class JsonNode {
 public:
  JsonNode(const Json& json, std::string_view file) : json_(&json), file_(file) {}

  JsonNode at(std::string_view name) const;                   // missing: an error
  std::optional<JsonNode> find(std::string_view name) const;  // missing or null: none
  std::vector<JsonNode> items() const;                        // of an array
  std::vector<std::pair<std::string, JsonNode>> members() const;

  bool truth() const;
  uint64_t count() const;
  double number() const;  // not negative
  double signed_number() const;
  std::string text() const;
  std::vector<std::string> texts() const;
  // A time in seconds, milliseconds or nanoseconds, as whole nanoseconds; below 146 years.
  int64_t seconds_as_ns() const;
  int64_t milliseconds_as_ns() const;
  int64_t nanoseconds() const;

  const Json& json() const { return *json_; }
  [[noreturn]] void fail(std::string_view what) const;

 private:
  JsonNode(const Json& json, std::string_view file, std::string path)
      : json_(&json), file_(file), path_(std::move(path)) {}
  [[noreturn]] void expected(std::string_view type) const;
  int64_t whole_ns(double ns) const;

  const Json* json_;
  std::string_view file_;
  std::string path_;
};

// The text of a member; empty if it is missing or null.
inline std::string text_in(const JsonNode& node, std::string_view name) {
  const auto found = node.find(name);
  return found ? found->text() : std::string();
}

// The whole file. Throws Error::failed, with line and column, for what is not JSON or holds no
// object, and for nesting and objects far beyond those of a report.
Json parse_report_json(const std::string& text, std::string_view file);

}  // namespace cachegauge
