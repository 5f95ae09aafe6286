// One page that holds everything it needs: our markup, styles and scripts and Debian's Chart.js,
// put together at build time (reports/html/), and here the reports, as JSON.
#include "reports/html_model.h"
#include "reports/html_page.h"
#include "reports/micro_html.h"
#include "reports/report_formats.h"
#include "reports/stampede_html.h"

namespace cachegauge {
namespace {

constexpr std::string_view kPlaceOfReports = "@REPORTS@";

// In JSON a "<" stands in strings alone, where \u003c says the same. Without one there is no
// </script> that could end the element, and no <!-- or <script that could keep it open.
std::string without_markup(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

// The report as it was written, less its white space: figures of another version of cachegauge, and
// fields that this one does not know, stay what they were.
Json report_json(const NamedReport& named) {
  Json report = Json::parse(named.json);
  Json view = named.micro           ? micro_html_model(named)
              : named.stampede      ? stampede_html_model(named)
              : named.kind == "run" ? html_model(named.report)
                                    : html_model(named, report);
  return {{"name", named.name}, {"view", std::move(view)}, {"report", std::move(report)}};
}

}  // namespace

std::string write_html(NamedReports reports, const TextTableStyle&) {
  const std::string_view page = html_page();
  const size_t place = page.find(kPlaceOfReports);
  std::string out(page.substr(0, place));
  out += '[';
  for (const NamedReport& named : reports) {
    if (&named != &reports.front()) out += ",\n";
    out += without_markup(dump(report_json(named), -1));
  }
  out += ']';
  return out.append(page.substr(place + kPlaceOfReports.size()));
}

}  // namespace cachegauge
