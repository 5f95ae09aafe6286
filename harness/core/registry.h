// Tables of things that can be chosen. Each kind of thing (adapter, workload, trace format, origin,
// pattern, guard, policy, reporter) has ONE constexpr table of rows; a row has at least
// `std::string_view name, summary`. `cachegauge list` prints the tables.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/suggest.h"

namespace cachegauge {

// One parameter a spec of this kind may carry.
struct ParamInfo {
  std::string_view name;
  std::string_view value;    // what it takes and its default: "size", "count = 1", "text"
  std::string_view summary;  // one line
};

template <class Row>
std::vector<std::string_view> row_names(std::span<const Row> table) {
  std::vector<std::string_view> names;
  for (const Row& row : table) names.push_back(row.name);
  return names;
}

template <class Row>
const Row* find_row(std::span<const Row> table, std::string_view name) {
  for (const Row& row : table) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// Throws Error::usage naming the nearest rows. `what` is the kind of thing: "adapter".
template <class Row>
const Row& require_row(std::span<const Row> table, std::string_view name, std::string_view what) {
  if (const Row* row = find_row(table, name)) return *row;
  throw Error::usage(unknown_name_message(what, name, row_names(table)));
}

}  // namespace cachegauge
