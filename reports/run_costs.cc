#include "reports/run_costs.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "harness/core/spec.h"
#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

std::string figure_or_unknown(const ComparedCell& cell, std::string_view metric,
                              FigureFormat format) {
  const Summary* known = cell.find(metric);
  return known ? format(known->median) : "?";
}

std::string format_tenths(double value) { return fmt::format("{:.1f}", value); }

std::string format_hundredths(double value) { return fmt::format("{:.2f}", value); }

// What is asked of each cell that has figures.
using Sentence = std::string (*)(const ComparedCell& cell);

std::string tiers(const ComparedCell& cell) {
  constexpr std::string_view kFirst = "adapter.hit_ratios.l1", kSecond = "adapter.hit_ratios.l2";
  if (!cell.find(kFirst)) return {};
  std::string text = fmt::format("{}: its l1 answered {} of the gets", printable(cell.name),
                                 figure_or_unknown(cell, kFirst, format_percent));
  if (cell.find(kSecond)) {
    text +=
        fmt::format(", its l2 {} of the rest", figure_or_unknown(cell, kSecond, format_percent));
  }
  const Summary* stale = cell.find("stale");
  if (stale && stale->high > 0) {
    text += fmt::format("; {} hits were stale", format_whole(stale->median));
  }
  return text + ".";
}

std::string serialisation(const ComparedCell& cell) {
  constexpr std::string_view kDecode = "codec_time_ns.decode.mean";
  if (!cell.find("codec_time_ns.encode.mean")) return {};
  std::string text =
      fmt::format("{}: a value takes {} to encode", printable(cell.name),
                  figure_or_unknown(cell, "codec_time_ns.encode.mean", format_duration));
  if (cell.find(kDecode)) {
    text += fmt::format(" and {} to decode", figure_or_unknown(cell, kDecode, format_duration));
  }
  if (cell.find("codec_share")) {
    text += fmt::format(" at the mean, {} of all response time",
                        figure_or_unknown(cell, "codec_share", format_percent));
  }
  return text + fmt::format("; encoded it has {} times its bytes.",
                            figure_or_unknown(cell, "encoded_ratio", format_hundredths));
}

std::string key_names(const ComparedCell& cell) {
  if (!cell.find("key_bytes.sent")) return {};
  std::string text =
      fmt::format("{}: keys of {} bytes are sent with {}, which takes {} to make",
                  printable(cell.name), figure_or_unknown(cell, "key_bytes.plain", format_tenths),
                  figure_or_unknown(cell, "key_bytes.sent", format_tenths),
                  figure_or_unknown(cell, "key_time_ns.mean", format_duration));
  const Summary* shared = cell.find("layer_counts.keys_in_collisions");
  if (shared && shared->median > 0) {
    text +=
        fmt::format("; {} keys have a name that another has as well", format_whole(shared->median));
  }
  return text + ".";
}

std::string changes(const ComparedCell& cell) {
  const Summary* changed = cell.find("layer_counts.values_changed");
  if (!changed || changed->median == 0) return {};
  return fmt::format(
      "{}: the caller changed {} values that it was given, and {} hits were corrupt.",
      printable(cell.name), format_whole(changed->median),
      figure_or_unknown(cell, "corrupt", format_whole));
}

std::string growth(const ComparedCell& cell) {
  const Summary* slope = cell.find("memory.growth_bytes_per_request");
  if (!slope || cell.cell->adapter_bounded || cell.cell->adapter_kind == "null") return {};
  if (slope->median <= 0) return {};  // emptied on the way, by a fault or by what expired
  return fmt::format("{} has no bound, and grew by {} bytes a request.", printable(cell.name),
                     format_tenths(slope->median));
}

// The cell that is like this one but for copy=share; null if there is none.
const ComparedCell* copying(const ComparedWorkload& workload, const ComparedCell& sharing) {
  const auto without_copy = [](const ComparedCell& cell) {
    std::vector<Spec::Param> params = Spec::parse(cell.cell->adapter_spec).params();
    std::erase_if(params, [](const Spec::Param& param) { return param.name == "copy"; });
    return std::pair(cell.cell->adapter_kind, std::move(params));
  };
  for (const ComparedCell& cell : workload.cells) {
    const Summary* copied = cell.find("memory.copied_bytes_per_hit");
    if (copied && copied->median > 0 && without_copy(cell) == without_copy(sharing)) return &cell;
  }
  return nullptr;
}

std::string sharing(const ComparedWorkload& workload, const ComparedCell& cell) {
  const Summary* copied = cell.find("memory.copied_bytes_per_hit");
  if (!copied || copied->median > 0) return {};
  std::string text = fmt::format("{} hands out the values that it holds", printable(cell.name));
  if (const ComparedCell* other = copying(workload, cell)) {
    constexpr std::string_view kGet = "service_time_ns.get.mean";
    text += fmt::format(", and spares a copy of {} bytes a hit",
                        figure_or_unknown(*other, "memory.copied_bytes_per_hit", format_tenths));
    if (cell.find(kGet) && other->find(kGet)) {
      text += fmt::format(": a get takes {} at the mean, {} with it",
                          figure_or_unknown(cell, kGet, format_duration),
                          figure_or_unknown(*other, kGet, format_duration));
    }
  }
  return text + ".";
}

}  // namespace

std::vector<std::string> cost_sentences(const ComparedWorkload& workload) {
  constexpr Sentence kSentences[] = {tiers, serialisation, key_names, changes, growth};
  std::vector<std::string> sentences;
  const auto add = [&](std::string text) {
    if (!text.empty()) sentences.push_back(std::move(text));
  };
  for (const Sentence sentence : kSentences) {
    for (const ComparedCell& cell : workload.cells) {
      if (cell.has_figures()) add(sentence(cell));
    }
  }
  for (const ComparedCell& cell : workload.cells) {
    if (cell.has_figures()) add(sharing(workload, cell));
  }
  return sentences;
}

}  // namespace cachegauge
