// A command that is run to its end, or ended: with its whole process group, so that what it started
// goes too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachegauge {

// The exit code of a child whose program could not be started, as a shell has it.
inline constexpr int kNotStarted = 127;

struct ChildCommand {
  std::vector<std::string> argv;                                 // the first is looked up in PATH
  std::string folder;                                            // to run it in; empty: ours
  std::vector<std::pair<std::string, std::string>> environment;  // beside ours
  int64_t timeout_ns = 0;                                        // 0: none
  bool interruptible = true;  // ends when we are interrupted; clean-up does not
  // Code and memory lie where they did the last time, as far as the kernel lets us ask for it.
  bool fixed_addresses = false;
};

// A shell command of the user's, to be run in `folder`.
ChildCommand shell_command(const std::string& command, const std::string& folder);

// `command` with `text` in each place such as "{out}".
std::string fill_in(std::string command, std::string_view place, std::string_view text);

struct ChildEnd {
  bool timed_out = false;
  bool interrupted = false;  // because we were (interrupts.h)
  int exit_code = 0;         // 128 + the signal that ended it
  std::string output;        // the last part of stdout and stderr

  bool is_good() const { return !timed_out && !interrupted && exit_code == 0; }
  // "exit code 3, and said:\n…"; for a message
  std::string what_happened(int64_t timeout_ns) const;
};

// Its input is empty. It dies with us. Throws Error::failed where it cannot be started at all.
ChildEnd run_child(const ChildCommand& command);

}  // namespace cachegauge
