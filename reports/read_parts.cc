#include "reports/read_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/error.h"
#include "reports/hdr_encoding.h"
#include "reports/text_table.h"

namespace cachegauge {

std::optional<uint64_t> count_in(const JsonNode& node, std::string_view name) {
  return part_in(node, name, [](const JsonNode& n) { return n.count(); });
}
std::optional<double> number_in(const JsonNode& node, std::string_view name) {
  return part_in(node, name, [](const JsonNode& n) { return n.number(); });
}
std::optional<bool> truth_in(const JsonNode& node, std::string_view name) {
  return part_in(node, name, [](const JsonNode& n) { return n.truth(); });
}

std::string plain_text(const JsonNode& node) { return printable(node.text()); }

// The encoding has no room for the exact extremes and the sum, which stand beside it.
Histogram read_histogram(const JsonNode& node) {
  if (node.json().is_null()) return {};
  const JsonNode encoded = node.at("histogram");
  try {
    const Histogram decoded = decode_hdr_histogram(encoded.text());
    if (decoded.count() != node.at("count").count()) {
      node.at("count").fail(fmt::format("is not that of its histogram, {}", decoded.count()));
    }
    const int64_t min = node.at("min").nanoseconds(), max = node.at("max").nanoseconds();
    const long double count = static_cast<long double>(decoded.count());
    const long double sum =
        std::clamp(roundl(node.at("mean").number() * count), static_cast<long double>(min) * count,
                   static_cast<long double>(std::max(min, max)) * count);
    return Histogram::restore(decoded.bucket_counts(), min, max,
                              static_cast<unsigned __int128>(sum));
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with("a histogram")) encoded.fail(error.what());
    if (std::string_view(error.what()).starts_with("text that")) encoded.fail(error.what());
    throw;
  }
}

MachineContext read_context(const JsonNode& node) {
  MachineContext context;
  context.host = text_in(node, "host");
  context.cpu_model = text_in(node, "cpu_model");
  context.kernel = text_in(node, "kernel");
  context.governor = text_in(node, "governor");
  context.cores =
      static_cast<int>(std::min<uint64_t>(count_in(node, "cores").value_or(0), INT32_MAX));
  context.load = number_in(node, "load");
  context.steal = number_in(node, "steal");
  context.timer_floor_ns = number_in(node, "timer_floor_ns");
  context.null_floor_ns = number_in(node, "null_floor_ns");
  context.started_at = text_in(node, "started_at");
  return context;
}

WorkloadFacts read_workload_facts(const JsonNode& node) {
  return {.spec = node.at("spec").text(),
          .given = text_in(node, "given"),
          .format = text_in(node, "format"),
          .requests = count_in(node, "requests").value_or(0),
          .unique_keys = count_in(node, "unique_keys").value_or(0),
          .fingerprint = text_in(node, "fingerprint")};
}

}  // namespace cachegauge
