#include <fmt/format.h>

#include "harness/cli/subcommand.h"
#include "harness/cli/terminal.h"
#include "harness/core/registry.h"
#include "reports/atomic_file.h"
#include "reports/report_formats.h"

namespace cachegauge {
namespace {

struct Output {
  const ReportFormat* format = nullptr;
  std::string path = "-";
};

struct Arguments {
  std::vector<std::string> reports;
  std::vector<Output> outputs;
  bool force = false;
  bool help = false;
};

void print_help() {
  fmt::print(
      "usage: cachegauge report REPORT.json… [--FORMAT[=FILE]…] [--out FILE] [--force]\n\n"
      "Shows reports that `cachegauge run … --out REPORT.json`, `simulate`, `profile` and\n"
      "`stampede` wrote, as text, as a page for a browser or in a format of other tools. Without\n"
      "a FILE a format goes to stdout, where there is room for one. A FILE may also follow its "
      "format: --html page.html,\n"
      "--csv figures.csv. The JSON of `micro … --benchmark_out=FILE` is shown, too.\n\n"
      "  cachegauge report report.json\n"
      "  cachegauge report report.json other.json --html page.html\n"
      "  cachegauge report main.json now.json --markdown=summary.md --junit=junit.xml\n\n");
  for (const ReportFormat& format : report_formats()) {
    fmt::print("  --{:<16}{}\n", format.name, describe(format));
  }
  fmt::print(
      "\n  --{:<16}the FILE of the one format that has none\n"
      "  --{:<16}replace a FILE that is there\n",
      "out FILE", "force");
}

// The format named last without a FILE takes that of --out; text, if none was named.
void take_out(Arguments& arguments, const std::string& path) {
  if (path.empty()) throw Error::usage("--out takes a file: --out report.csv");
  if (arguments.outputs.empty()) arguments.outputs.push_back({&report_formats()[0]});
  size_t without_file = 0;
  for (Output& output : arguments.outputs) {
    if (output.path != "-") continue;
    ++without_file;
    output.path = path;
  }
  if (without_file != 1) {
    throw Error::usage(
        fmt::format("--out names one file, and {} formats have none; give each its "
                    "own: --csv=a.csv --junit=b.xml",
                    without_file));
  }
}

std::vector<std::string_view> flag_names() {
  std::vector<std::string_view> names = row_names(report_formats());
  for (std::string_view name : {"out", "force", "help"}) names.push_back(name);
  return names;
}

void take_format(Arguments& arguments, const std::string& name, const std::string* path) {
  const ReportFormat* format = find_row(report_formats(), name);
  if (!format) throw Error::usage(unknown_name_message("flag of report", name, flag_names()));
  if (!format->write) throw Error::usage(fmt::format("--{}: {}", name, describe(*format)));
  if (path && path->empty()) {
    throw Error::usage(fmt::format("--{}= takes a file: --{}=FILE", name, name));
  }
  arguments.outputs.push_back({format, path ? *path : "-"});
}

// "--html page.html": what follows a format and ends like its files is no report, but its FILE.
bool names_file_of(const std::string& name, const std::vector<std::string>& args, size_t next) {
  const ReportFormat* format = find_row(report_formats(), name);
  return format && next < args.size() && args[next].ends_with(format->extension);
}

Arguments parse(const std::vector<std::string>& args) {
  Arguments arguments;
  std::string out;
  bool any_out = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "-h" || !arg.starts_with("--")) {
      if (arg == "-h") arguments.help = true;
      if (arg != "-h") arguments.reports.push_back(arg);
      continue;
    }
    const size_t equals = arg.find('=');
    const std::string name = arg.substr(2, equals - 2);
    const std::string value = equals == std::string::npos ? "" : arg.substr(equals + 1);
    if (name == "help") {
      arguments.help = true;
    } else if (name == "force") {
      arguments.force = true;
    } else if (name == "out") {
      any_out = true;
      const bool has_next = equals == std::string::npos && i + 1 < args.size();
      out = has_next ? args[++i] : value;
    } else if (equals == std::string::npos && names_file_of(name, args, i + 1)) {
      take_format(arguments, name, &args[++i]);
    } else {
      take_format(arguments, name, equals == std::string::npos ? nullptr : &value);
    }
  }
  if (any_out) take_out(arguments, out);
  if (arguments.outputs.empty()) arguments.outputs.push_back({&report_formats()[0]});
  return arguments;
}

void check_outputs(const Arguments& arguments) {
  std::vector<std::string_view> seen;
  for (const Output& output : arguments.outputs) {
    for (std::string_view other : seen) {
      if (output.path != other) continue;
      throw Error::usage(output.path == "-"
                             ? std::string("only one format can go to stdout; give the others a "
                                           "file: --csv=FILE")
                             : fmt::format("{} is named for two formats", output.path));
    }
    seen.push_back(output.path);
    check_writable(output.path, arguments.force);
  }
}

void check_kinds(const Arguments& arguments, NamedReports reports) {
  for (const NamedReport& named : reports) {
    for (const Output& output : arguments.outputs) {
      if (output.format->takes(named.kind)) continue;
      std::vector<std::string> fit;
      for (const ReportFormat& format : report_formats()) {
        if (format.takes(named.kind)) fit.push_back(fmt::format("--{}", format.name));
      }
      throw Error::usage(
          fmt::format("{}: this is a report of kind \"{}\", which --{} does not show; these do: {}",
                      named.name, named.kind, output.format->name, fmt::join(fit, ", ")));
    }
  }
}

}  // namespace

ExitCode report_command(const std::vector<std::string>& args) {
  const Arguments arguments = parse(args);
  if (arguments.help || args.empty()) {
    print_help();
    return args.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  if (arguments.reports.empty()) {
    throw Error::usage("expected a report: cachegauge report REPORT.json");
  }
  check_outputs(arguments);
  std::vector<NamedReport> reports;
  for (const std::string& path : arguments.reports) reports.push_back(read_any_report(path));
  check_kinds(arguments, reports);
  for (const Output& output : arguments.outputs) {
    const TextTableStyle style = output.path == "-" ? terminal_style() : TextTableStyle();
    write_atomically(output.path, output.format->write(reports, style));
  }
  return ExitCode::kDone;
}

}  // namespace cachegauge
