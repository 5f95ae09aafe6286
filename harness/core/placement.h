// Which CPUs things run on. CPUs have the kernel's numbers, up to 1023.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

// `--pin`. Empty: left to the kernel.
struct Placement {
  std::vector<int> client_cpus;  // of a cell's threads, in turn
  std::vector<int> server_cpus;  // of the private servers

  bool operator==(const Placement&) const = default;
};

// "client=1,server=0", or one of the two; lists "0+2" and ranges "0-3". Throws Error::usage, also
// for a CPU that is not among `allowed`.
Placement parse_placement(std::string_view text, std::span<const int> allowed);

// parse_placement(placement_text(p)) == p; empty for none.
std::string placement_text(const Placement& placement);
// "0-3+6"
std::string cpus_text(std::span<const int> cpus);

// CPUs that a thread (0: the calling one) may run on, ascending; empty when it is gone. A process'
// pid stands for its main thread.
std::vector<int> allowed_cpus(pid_t thread = 0);

cpu_set_t cpu_set_of(std::span<const int> cpus);

// The calling thread, and those it will start. Throws Error::failed.
void pin_this_thread(std::span<const int> cpus);

}  // namespace cachegauge
