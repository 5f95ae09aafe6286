#include "harness/cli/machine.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace cachegauge {
namespace {

std::string first_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return {};
}

}  // namespace

MachineContext read_machine_context() {
  MachineContext context;
  utsname system{};
  if (uname(&system) == 0) {
    context.host = system.nodename;
    context.kernel = fmt::format("{} {}", system.sysname, system.release);
  }
  context.cpu_model = cpu_model();
  context.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  context.cores = static_cast<int>(std::thread::hardware_concurrency());
  std::istringstream load(first_line("/proc/loadavg"));
  if (double one_minute = 0; load >> one_minute) context.load = one_minute;
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  context.started_at = fmt::format("{:%FT%TZ}", fmt::gmtime(now));
  return context;
}

CpuTicks read_cpu_ticks() {
  std::istringstream line(first_line("/proc/stat"));
  std::string name;
  line >> name;  // "cpu", then user nice system idle iowait irq softirq steal (guests are in user)
  CpuTicks ticks;
  uint64_t value = 0;
  for (int field = 0; field < 8 && line >> value; ++field) {
    ticks.total += value;
    if (field == 7) ticks.stolen = value;
  }
  return ticks;
}

std::optional<double> steal_share(const CpuTicks& before, const CpuTicks& after) {
  if (after.total <= before.total) return std::nullopt;
  return static_cast<double>(after.stolen - before.stolen) /
         static_cast<double>(after.total - before.total);
}

std::optional<uint64_t> available_memory_bytes() {
  std::ifstream in("/proc/meminfo");
  std::string name, unit;
  for (uint64_t kib = 0; in >> name >> kib;) {
    if (name == "MemAvailable:") return kib * 1024;
    std::getline(in, unit);
  }
  return std::nullopt;
}

}  // namespace cachegauge
