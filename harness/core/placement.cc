#include "harness/core/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "harness/core/error.h"
#include "harness/core/suggest.h"

namespace cachegauge {
namespace {

int parse_cpu(std::string_view digits, std::string_view list) {
  int cpu = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), cpu);
  if (error != std::errc() || end != digits.data() + digits.size() || cpu < 0) {
    throw Error::usage(fmt::format("expected CPUs such as 1, 0+2 or 0-3, got \"{}\"", list));
  }
  return cpu;
}

std::vector<int> parse_cpus(std::string_view list, std::span<const int> allowed) {
  std::vector<int> cpus;
  auto add = [&](int cpu) {
    if (std::ranges::find(allowed, cpu) == allowed.end()) {
      throw Error::usage(fmt::format("there is no CPU {} for this process to use; there is {}", cpu,
                                     cpus_text(allowed)));
    }
    if (std::ranges::find(cpus, cpu) != cpus.end()) {
      throw Error::usage(fmt::format("CPU {} is given twice in \"{}\"", cpu, list));
    }
    cpus.push_back(cpu);
  };
  for (std::string_view rest = list;;) {
    const size_t plus = rest.find('+');
    const std::string_view range = rest.substr(0, plus);
    const size_t dash = range.find('-');
    const int first = parse_cpu(range.substr(0, dash), list);
    const bool is_range = dash != std::string_view::npos;
    const int last = is_range ? parse_cpu(range.substr(dash + 1), list) : first;
    if (last < first) throw Error::usage(fmt::format("the range \"{}\" runs backwards", range));
    for (int cpu = first; cpu <= last; ++cpu) add(cpu);
    if (plus == std::string_view::npos) return cpus;
    rest.remove_prefix(plus + 1);
  }
}

}  // namespace

Placement parse_placement(std::string_view text, std::span<const int> allowed) {
  Placement placement;
  for (std::string_view rest = text;;) {
    const size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      throw Error::usage(
          fmt::format("expected client=CPUS,server=CPUS or one of them, got \"{}\"", text));
    }
    const std::string_view side = part.substr(0, equals);
    if (side != "client" && side != "server") {
      throw Error::usage(
          unknown_name_message("side", side, std::vector<std::string_view>{"client", "server"}));
    }
    auto& cpus = side == "client" ? placement.client_cpus : placement.server_cpus;
    if (!cpus.empty()) throw Error::usage(fmt::format("\"{}\" is given twice", side));
    cpus = parse_cpus(part.substr(equals + 1), allowed);
    if (comma == std::string_view::npos) return placement;
    rest.remove_prefix(comma + 1);
  }
}

std::string cpus_text(std::span<const int> cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1) ++end;
    if (!text.empty()) text += '+';
    text += fmt::to_string(cpus[i]);
    if (end - i > 1) text += fmt::format("-{}", cpus[end - 1]);
    i = end;
  }
  return text;
}

std::string placement_text(const Placement& placement) {
  std::string text;
  if (!placement.client_cpus.empty()) text = "client=" + cpus_text(placement.client_cpus);
  if (!placement.server_cpus.empty()) {
    text += (text.empty() ? "server=" : ",server=") + cpus_text(placement.server_cpus);
  }
  return text;
}

std::vector<int> allowed_cpus(pid_t thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(thread, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

cpu_set_t cpu_set_of(std::span<const int> cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  return set;
}

void pin_this_thread(std::span<const int> cpus) {
  const cpu_set_t set = cpu_set_of(cpus);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) {
    throw Error::failed(
        fmt::format("cannot run on CPU {}: {}", cpus_text(cpus), std::strerror(errno)));
  }
}

}  // namespace cachegauge
