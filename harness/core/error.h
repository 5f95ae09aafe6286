// The one exception type of the program. It is thrown for bad set-up, configuration, traces and
// servers, and caught once, in main(), which prints the message and exits with the code. Hot paths
// never throw: there, a failure is a counted Outcome.
#pragma once

#include <stdexcept>
#include <string>

namespace cachegauge {

// Process exit codes; a contract with scripts and CI (docs/cli.md).
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,  // a backend is down, a trace is bad, a value came back corrupt, too many errors
  kUsage = 2,   // usage or configuration
  kRegression = 3,
  kInconclusive = 4,
  kInterrupted = 130,
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  // What the user typed is wrong: exit code 2.
  static Error usage(const std::string& message) { return {ExitCode::kUsage, message}; }
  // The world did not play along (trace, server, disk): exit code 1.
  static Error failed(const std::string& message) { return {ExitCode::kFailed, message}; }

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace cachegauge
