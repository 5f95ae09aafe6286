#include "harness/cli/instruction_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "adapters/server/private_folder.h"
#include "harness/cli/cell_planner.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

// Interpreted code is some fifty times as slow, and a process takes a second or two to begin.
constexpr int64_t kTimeoutNs = 1'800'000'000'000;
// What a cell calls for its warm-up, and again for its measured phase. In full: callgrind takes a
// pattern for where to count, but not for where to begin anew.
constexpr std::string_view kReplay = "cachegauge::ReplayThread::replay(cachegauge::Phase const&)";
// That a request can take. A shell takes some more to read a number of one digit more.
constexpr uint64_t kFewest = 10;
constexpr std::string_view kRequestsPlace = "{requests}";
// Flags of the run that the count sets by itself, or that would bind it to the clock.
constexpr std::string_view kNotRepeated[] = {"limit",    "warmup", "duration",
                                             "interval", "timing", "instructions",
                                             "pin",      "fault",  "on-cache-error"};

// "totals: 4711", of each part that the process wrote.
uint64_t read_totals(const std::filesystem::path& file) {
  constexpr std::string_view kBefore = "totals: ";
  uint64_t sum = 0;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kBefore)) continue;
    uint64_t count = 0;
    std::from_chars(line.data() + kBefore.size(), line.data() + line.size(), count);
    sum += count;
  }
  return sum;
}

// Of all processes that `command` starts. With a `function` only what is carried out within it, and
// of that only the last time that it was called.
uint64_t count_instructions(const std::string& what, ChildCommand command,
                            std::string_view function) {
#ifdef CACHEGAUGE_SANITIZED
  throw Error::failed(
      "this cachegauge was built with sanitizers, which valgrind cannot run: count "
      "instructions with another build (cmake --preset release)");
#endif
  const PrivateFolder folder;
  std::vector<std::string> argv = {"valgrind", "--quiet", "--tool=callgrind",
                                   "--trace-children=yes",
                                   "--callgrind-out-file=" + folder.path() + "/%p"};
  if (!function.empty()) {
    argv.push_back(fmt::format("--toggle-collect={}", function));
    argv.push_back(fmt::format("--zero-before={}", function));
  }
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(argv);
  command.timeout_ns = kTimeoutNs;
  command.fixed_addresses = true;
  const ChildEnd end = run_child(command);
  if (end.interrupted) throw Error(ExitCode::kInterrupted, "interrupted");
  if (end.exit_code == kNotStarted && end.output.starts_with("valgrind: ")) {
    throw Error::failed(
        "instructions are counted by valgrind, and there is none on PATH: apt-get install "
        "valgrind");
  }
  if (!end.is_good()) {
    throw Error::failed(fmt::format("the run of {} under valgrind {}", what,
                                    end.what_happened(command.timeout_ns)));
  }
  uint64_t total = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    total += read_totals(file);
  }
  return total;
}

}  // namespace

std::string why_not_counted(const PlannedCell& cell) {
  if (cell.report.time != "virtual") {
    return "instructions are counted in virtual time, and this ran in real time";
  }
  if (cell.plan.driver.threads > 1) {
    return "instructions are counted of one thread, and this had several";
  }
  return {};
}

double count_cell_instructions(const Experiment& experiment, const PlannedCell& cell,
                               uint64_t requests) {
  requests = std::min(requests, cell.plan.summary->requests / 2);
  if (requests == 0) {
    throw Error::failed(fmt::format("{} has too few requests to count instructions of",
                                    cell.report.label.workload));
  }
  ChildCommand command;
  // A link would lead to valgrind.
  command.argv = {std::filesystem::read_symlink("/proc/self/exe").string(), "run",
                  "--workload=" + cell.plan.workload->spec().text(),
                  "--adapter=" + cell.adapter.text()};
  for (const auto& [name, value] : options_that_differ(experiment)) {
    const bool repeated =
        std::find(std::begin(kNotRepeated), std::end(kNotRepeated), name) == std::end(kNotRepeated);
    if (repeated) command.argv.push_back(fmt::format("--{}={}", name, value));
  }
  for (const std::string& flag :
       {fmt::format("--warmup={}", requests), fmt::format("--limit={}", 2 * requests),
        std::string("--time=virtual"), std::string("--timing=off"), std::string("--interval=24h"),
        std::string("--skip-floors")}) {
    command.argv.push_back(flag);
  }
  const uint64_t total = count_instructions(cell.report.label.id(), std::move(command), kReplay);
  if (total == 0) {
    throw Error::failed(
        "valgrind found no function to count the instructions of: has this program been stripped "
        "of its symbols?");
  }
  return static_cast<double>(total) / static_cast<double>(requests);
}

double count_command_instructions(const std::string& what, const std::string& command,
                                  const std::string& folder, uint64_t requests) {
  const auto total = [&](uint64_t count) {
    const std::string number = std::to_string(count);
    ChildCommand child = shell_command(fill_in(command, kRequestsPlace, number), folder);
    child.environment.emplace_back("CACHEGAUGE_REQUESTS", number);
    return count_instructions(what, std::move(child), "");
  };
  const uint64_t once = total(requests), twice = total(2 * requests);
  if (twice < once + kFewest * requests) {
    throw Error::failed(fmt::format(
        "the run of {} took {} instructions for {} requests and {} for {}: let it carry out as "
        "many as {} in --count or $CACHEGAUGE_REQUESTS say",
        what, once, requests, twice, 2 * requests, kRequestsPlace));
  }
  return static_cast<double>(twice - once) / static_cast<double>(requests);
}

}  // namespace cachegauge
