// A command line whose flags are the rows of a table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cachegauge {

struct Flag {
  std::string_view name;   // "--name"
  std::string_view value;  // what it takes: "N", "TIME"; empty for a switch
  std::string_view group;  // of --help
  std::string_view summary;
};

// The value of a flag that takes what a shell will run: the user's own, and none of ours.
inline constexpr std::string_view kShellCommand = "CMD";

struct CommandLine {
  bool help = false;
  std::vector<std::string> words;  // those that are no flags
  // What each flag was given, in the order of the table; of a switch "true" or "false".
  std::vector<std::pair<size_t, std::string>> values;  // by the flag's place in the table
};

// Throws Error::usage for what is no flag, naming the nearest, for a flag without its value, and
// for a URL with a password in it.
CommandLine parse_command_line(const std::string& command, std::span<const Flag> flags,
                               const std::vector<std::string>& args);

// The flags by group, each with its summary in as many lines as it takes.
void print_flags(std::span<const Flag> flags, std::span<const std::string_view> groups);

bool parse_switch(std::string_view text);  // "true" or "false"; throws Error::usage

}  // namespace cachegauge
