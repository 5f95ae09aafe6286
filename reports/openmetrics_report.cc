// OpenMetrics 1.0 (openmetrics.io), kept to what the older text format of Prometheus knows as well:
// gauges and summaries, times in seconds. A run is over when it is reported, so its counts are
// gauges: they never go on.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/core/metrics.h"
#include "reports/figure_rows.h"
#include "reports/report_formats.h"
#include "reports/report_hazards.h"

namespace cachegauge {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string escape(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string sample(std::string_view name, const Labels& labels, double value) {
  std::string text;
  for (const auto& [label, content] : labels) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", label, escape(content));
  }
  return fmt::format("{}{{{}}} {}\n", name, text, value);
}

// As a name, or a part of one.
std::string word(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '_'; }, '_');
  return out;
}

// All samples of a family stand together, whatever report they come from.
class Families {
 public:
  void add(const std::string& name, std::string_view type, std::string_view help,
           const std::string& samples) {
    auto family = std::find_if(families_.begin(), families_.end(),
                               [&](const Family& f) { return f.name == name; });
    if (family == families_.end()) {
      family = families_.insert(
          families_.end(),
          {name, fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type)});
    }
    family->text += samples;
  }
  std::string text() const {
    std::string out;
    for (const Family& family : families_) out += family.text;
    return out + "# EOF\n";
  }

 private:
  struct Family {
    std::string name, text;
  };
  std::vector<Family> families_;
};

struct Unit {
  std::string_view ours, theirs;
  double factor;
};
constexpr Unit kUnits[] = {{"_ns_per_request", "_seconds_per_request", 1e-9},
                           {"_ns", "_seconds", 1e-9},
                           {"_ms", "_seconds", 1e-3},
                           {"_s", "_seconds", 1},
                           {"_rps", "_requests_per_second", 1},
                           {"fill_count", "fills", 1},  // "_count" is kept for summaries,
                           {"count", "values", 1},
                           {"total", "in_all", 1}};  // and "_total" for counters

// "cpu.client_ns_per_request" → cachegauge_cpu_client_seconds_per_request, and the unit of a part
// goes to the end: "ttl_s.p50" → cachegauge_ttl_p50_seconds
std::pair<std::string, double> metric_name(std::string_view path) {
  std::string name = "cachegauge";
  Unit its = {"", "", 1};
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    std::string_view part = path.substr(begin, end - begin);
    for (const Unit& unit : kUnits) {
      if (!part.ends_with(unit.ours)) continue;
      its = unit;
      part.remove_suffix(unit.ours.size());
      break;
    }
    name += '_' + word(part);
    begin = end + 1;
  }
  return {name + std::string(its.theirs), its.factor};
}

void add_report(Families& families, const NamedReport& named) {
  const RunReport& report = named.report;
  const std::vector<Hazard> hazards = report_hazards(named);
  std::string help = "A report of cachegauge";
  if (!hazards.empty()) help += ", to be read with care: " + count_hazards(hazards);
  const Labels labels = {{"report", named.name},
                         {"host", report.context.host},
                         {"cpu_model", report.context.cpu_model},
                         {"kernel", report.context.kernel},
                         {"started_at", report.context.started_at}};
  families.add("cachegauge_report_info", "gauge", help,
               sample("cachegauge_report_info", labels, 1));
  families.add(
      "cachegauge_report_interrupted", "gauge", "1 if the run was stopped before its end",
      sample("cachegauge_report_interrupted", {{"report", named.name}}, report.interrupted));
  for (const Hazard& hazard : hazards) {
    families.add(
        "cachegauge_report_hazard_info", "gauge", "What to know before the figures are read",
        sample("cachegauge_report_hazard_info",
               {{"report", named.name}, {"kind", std::string(hazard.kind)}, {"text", hazard.text}},
               1));
  }
}

void add_timing(Families& families, Timing timing, const Histogram& histogram,
                const Labels& labels) {
  if (histogram.empty()) return;
  std::string_view path = timing_name(timing);
  Labels own = labels;
  if (const size_t dot = path.find('.'); dot != std::string_view::npos) {
    own.emplace_back("op", path.substr(dot + 1));
    path = path.substr(0, dot);
  }
  const auto [name, factor] = metric_name(path);
  const TimingMetrics t = derive_timing(histogram);
  const std::pair<const char*, int64_t> quantiles[] = {{"0.5", t.p50_ns},
                                                       {"0.9", t.p90_ns},
                                                       {"0.99", t.p99_ns},
                                                       {"0.999", t.p999_ns},
                                                       {"0.9999", t.p9999_ns}};
  std::string samples;
  for (const auto& [quantile, ns] : quantiles) {
    Labels labelled = own;
    labelled.emplace_back("quantile", quantile);
    samples += sample(name, labelled, static_cast<double>(ns) * factor);
  }
  samples += sample(name + "_sum", own, static_cast<double>(histogram.sum()) * factor);
  samples += sample(name + "_count", own, static_cast<double>(t.count));
  families.add(name, "summary", fmt::format("{} of each result, in docs/report.md", path), samples);
}

void add_cell(Families& families, const NamedReport& named, const CellReport& cell) {
  const RunResult& result = cell.result;
  const Labels labels = {{"report", named.name},
                         {"workload", cell.label.workload},
                         {"adapter", cell.label.adapter},
                         {"pattern", cell.label.pattern},
                         {"guard", cell.label.guard},
                         {"driver", cell.label.driver},
                         {"repetition", fmt::to_string(cell.repetition)}};
  const auto gauge = [&](const std::string& name, std::string_view help, double value) {
    families.add(name, "gauge", help, sample(name, labels, value));
  };
  gauge("cachegauge_result_interrupted", "1 if this result was cut off", result.interrupted);
  gauge("cachegauge_result_failed", "1 if this result ended early, or never began",
        !result.failure.empty());
  for (const auto& [path, value] : flat_metrics(result)) {
    if (path.find("_ns.") != std::string::npos) continue;  // of a histogram: a summary, below
    const auto [name, factor] = metric_name(path);
    gauge(name, fmt::format("{} of each result, in docs/report.md", path), value * factor);
  }
  for (int i = 0; i < kTimingCount; ++i) {
    add_timing(families, static_cast<Timing>(i), result.timings[i], labels);
  }
}

void add_figures(Families& families, const NamedReport& named) {
  for (const FigureRow& row : figure_rows(Json::parse(named.json))) {
    std::vector<std::string> names;  // which the labels point into
    names.reserve(row.labels.size());
    Labels labels = {{"report", named.name}};
    for (const auto& [path, text] : row.labels) {
      if (path.find('.') != std::string::npos) continue;  // says no more of what it is
      labels.emplace_back(names.emplace_back(word(path)), text);
    }
    for (const auto& [path, value] : row.figures) {
      const auto [name, factor] = metric_name(path);
      families.add(name, "gauge", fmt::format("{} of each result, in docs/report.md", word(path)),
                   sample(name, labels, value * factor));
    }
  }
}

}  // namespace

std::string write_openmetrics(NamedReports reports, const TextTableStyle&) {
  Families families;
  for (const NamedReport& named : reports) add_report(families, named);
  for (const NamedReport& named : reports) {
    if (named.kind != "run") add_figures(families, named);
    for (const CellReport& cell : named.report.cells) add_cell(families, named, cell);
  }
  return families.text();
}

}  // namespace cachegauge
