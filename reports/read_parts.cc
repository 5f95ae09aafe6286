#include "reports/read_parts.h"

#include <algorithm>

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
