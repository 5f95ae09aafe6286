#include "harness/cli/command_line.h"

#include <fmt/format.h>

// Specs hold commas: a flag's value is never split.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>

#include "harness/core/error.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {
namespace {

void print_flag(const std::string& flag, std::string_view summary) {
  constexpr size_t kIndent = 30, kWidth = 100;
  fmt::print("  --{:<26}", flag);
  while (summary.size() > kWidth - kIndent) {
    const size_t space = summary.rfind(' ', kWidth - kIndent);
    if (space == std::string_view::npos) break;
    fmt::print("{}\n{:{}}", summary.substr(0, space), "", kIndent);
    summary.remove_prefix(space + 1);
  }
  fmt::print("{}\n", summary);
}

cxxopts::ParseResult parse(cxxopts::Options& options, const std::string& command,
                           std::span<const Flag> flags, const std::vector<std::string>& args) {
  for (const Flag& flag : flags) {
    const auto value = flag.value.empty() ? std::shared_ptr<cxxopts::Value>(cxxopts::value<bool>())
                                          : cxxopts::value<std::vector<std::string>>();
    options.add_options()(std::string(flag.name), "", value);
  }
  options.add_options()("h,help", "")("positional", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("positional");
  std::vector<const char*> argv = {command.c_str()};
  for (const std::string& arg : args) {
    // Found here, since the library's own message names no neighbours.
    if (arg.starts_with("--") && arg.size() > 2 && arg != "--help") {
      const std::string_view name = std::string_view(arg).substr(2, arg.find('=') - 2);
      require_row(flags, name, "flag of " + command);
    }
    argv.push_back(arg.c_str());
  }
  try {
    return options.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const cxxopts::exceptions::exception& error) {
    throw Error::usage(fmt::format("{} (`cachegauge {} --help`)", error.what(), command));
  }
}

// Whoever lists the processes of this machine would read it.
void refuse_password(std::string_view text) {
  if (redact_passwords(text) == text) return;
  throw Error::usage(fmt::format(
      "{}: a password on a command line can be read by every user of this machine: leave it out, "
      "and give it in CACHEGAUGE_REDIS_PASSWORD or PGPASSWORD, with password-file=FILE or "
      "passfile=FILE, or in an experiment file",
      redact_passwords(text)));
}

}  // namespace

CommandLine parse_command_line(const std::string& command, std::span<const Flag> flags,
                               const std::vector<std::string>& args) {
  cxxopts::Options options(command);
  const cxxopts::ParseResult parsed = parse(options, command, flags, args);
  CommandLine line;
  line.help = parsed.count("help") > 0;
  if (parsed.count("positional")) line.words = parsed["positional"].as<std::vector<std::string>>();
  for (const std::string& word : line.words) refuse_password(word);
  for (size_t i = 0; i < flags.size(); ++i) {
    const std::string name(flags[i].name);
    if (parsed.count(name) == 0) continue;
    if (flags[i].value.empty()) {
      line.values.emplace_back(i, parsed[name].as<bool>() ? "true" : "false");
      continue;
    }
    for (const std::string& text : parsed[name].as<std::vector<std::string>>()) {
      if (flags[i].value != kShellCommand) refuse_password(text);
      line.values.emplace_back(i, text);
    }
  }
  return line;
}

void print_flags(std::span<const Flag> flags, std::span<const std::string_view> groups) {
  for (std::string_view group : groups) {
    fmt::print("\n{}\n", group);
    for (const Flag& flag : flags) {
      if (flag.group != group) continue;
      print_flag(
          flag.value.empty() ? std::string(flag.name) : fmt::format("{} {}", flag.name, flag.value),
          flag.summary);
    }
  }
}

bool parse_switch(std::string_view text) {
  if (text == "true" || text == "yes" || text.empty()) return true;
  if (text == "false" || text == "no") return false;
  throw Error::usage(fmt::format("expected true or false, got \"{}\"", text));
}

}  // namespace cachegauge
