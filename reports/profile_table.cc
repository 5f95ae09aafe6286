#include "reports/profile_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/core/units.h"
#include "reports/profile_verdict.h"
#include "reports/run_figures.h"
#include "reports/sparkline.h"

namespace cachegauge {
namespace {

constexpr size_t kMostProfileBars = 60;

std::string line(std::string_view name, const std::string& text) {
  return fmt::format("  {:<15}{}\n", name, text);
}

std::string bytes(double value) { return format_size(static_cast<uint64_t>(value)); }
std::string seconds(double value) { return format_duration(value * 1e9); }

// "50 % up to 100 B, 99 % up to 4.00 KiB, mean 230 B"
std::string spread_text(const Spread& spread, FigureFormat format) {
  if (spread.min == spread.max) return "all " + format(spread.min);
  return fmt::format("{} to {}, mean {}; half up to {}, 90 % up to {}, 99 % up to {}",
                     format(spread.min), format(spread.max), format(spread.mean),
                     format(spread.p50), format(spread.p90), format(spread.p99));
}

std::string spread_line(std::string_view name, const std::optional<Spread>& spread,
                        FigureFormat format) {
  return spread ? line(name, spread_text(*spread, format)) : std::string();
}

std::string ops_line(const Traffic& traffic) {
  std::vector<std::string> parts;
  for (const auto& [op, count] : traffic.ops) {
    if (count > 0) parts.push_back(fmt::format("{} {}s", format_count(count), op));
  }
  const Writes& writes = traffic.writes;
  if (writes.gets_per_write) {
    parts.push_back(fmt::format("{:.2f} gets a write", *writes.gets_per_write));
  }
  if (writes.unread_share) {
    parts.push_back(
        fmt::format("{} of sets replaced unread", format_percent(*writes.unread_share)));
  }
  return line("ops", fmt::format("{}", fmt::join(parts, ", ")));
}

std::string rate_lines(const Traffic& traffic) {
  if (!traffic.rate) return line("rate", "not known: the workload has no times");
  const Rate& rate = *traffic.rate;
  return line(
      "rate",
      fmt::format("{} requests/s over {}; at most {}/s within {}, {:.1f} times the mean; "
                  "index of dispersion {:.2f} (1: Poisson)",
                  format_rate(rate.mean_rps), seconds(rate.span_s), format_rate(rate.peak_rps),
                  seconds(rate.interval_s), rate.peak_to_mean, rate.dispersion));
}

std::string popularity_lines(const Popularity& p) {
  std::string text;
  if (p.zipf) {
    text += line("popularity", fmt::format("Zipf, alpha {:.3f}, off by {:.3f} at most "
                                           "(Kolmogorov-Smirnov)",
                                           p.zipf->alpha, p.zipf->ks_distance));
  }
  text += line("", fmt::format("the hottest 1 % of keys have {} of the requests, 10 % have {}",
                               format_percent(p.top_1_percent_share),
                               format_percent(p.top_10_percent_share)));
  text += line(
      "asked once",
      fmt::format("{} keys: {} of all, {} of the requests", format_count(p.one_hit_keys),
                  format_percent(p.one_hit_key_share), format_percent(p.one_hit_request_share)));
  std::vector<std::string> keys;
  for (const HotKey& hot : p.hottest) {
    if (keys.size() == 5) break;
    keys.push_back(fmt::format("{} {}", hot.key.empty() ? "?" : printable(hot.key),
                               format_percent(hot.share)));
  }
  return text + line("hottest", fmt::format("{}", fmt::join(keys, ", ")));
}

std::string working_set_line(const Traffic& traffic) {
  std::vector<std::optional<double>> keys;
  double most = 0, least = 0;
  for (const ProfileWindow& window : traffic.windows) {
    const auto count = static_cast<double>(window.unique_keys);
    least = keys.empty() ? count : std::min(least, count);
    most = std::max(most, count);
    keys.emplace_back(count);
  }
  return line("working set",
              fmt::format("{}  {} to {} keys in each of {} equal parts of the {}",
                          sparkline(keys, 0, most, kMostProfileBars), format_whole(least),
                          format_whole(most), traffic.windows.size(),
                          traffic.windows_by_time ? "time" : "requests"));
}

std::string reuse_lines(const Reuse& reuse) {
  std::string text = spread_line("reuse distance", reuse.distance, format_whole);
  text += spread_line("reuse time", reuse.time_s, seconds);
  if (reuse.sizes.empty()) return text + line("LRU", "no hits at any size");
  std::vector<std::string> parts;
  parts.reserve(reuse.sizes.size());
  for (const SizeForShare& at : reuse.sizes) {
    parts.push_back(fmt::format("{:.0f} % at {} ({})", at.share * 100,
                                format_count(at.size.objects), format_size(at.size.bytes)));
  }
  text += line("LRU sizes", fmt::format("of the best hit ratio, {}", fmt::join(parts, ", ")));
  if (reuse.best_hit_ratio) {
    text += line("best", fmt::format("no cache can do better than {}",
                                     format_percent(*reuse.best_hit_ratio)));
  }
  if (reuse.sample_rate < 1) {
    text +=
        line("", fmt::format("reuse distances, sizes and policies are estimates from {} of the "
                             "keys ({})",
                             format_percent(reuse.sample_rate), format_count(reuse.sampled_keys)));
  } else if (!reuse.exact) {
    text += line("", "sizes are estimates: there are TTLs, adds or sizes that change");
  }
  return text;
}

std::string traffic_text(const ProfileReport& report) {
  const Traffic& traffic = report.traffic;
  if (report.workload.requests == 0) return {};
  return ops_line(traffic) + spread_line("value size", traffic.value_bytes, bytes) +
         spread_line("key size", traffic.key_bytes, bytes) +
         spread_line("TTL", traffic.ttl_s, seconds) + rate_lines(traffic) +
         popularity_lines(traffic.popularity) + working_set_line(traffic) +
         reuse_lines(traffic.reuse) + "\n";
}

std::string findings_text(const ProfileReport& report) {
  std::string text;
  for (const ProfileFinding& finding : report.findings) {
    text +=
        fmt::format("{}: {}\n  {}\n", finding.name, printable(finding.evidence), finding.remedy);
  }
  return text.empty() ? text : text + "\n";
}

std::string cost_line(const ProfileReport& report) {
  return fmt::format("read in {}, keys numbered in {}, profiled in {}\n",
                     format_duration(static_cast<double>(report.decode_ns)),
                     format_duration(static_cast<double>(report.intern_ns)),
                     format_duration(static_cast<double>(report.profile_ns)));
}

}  // namespace

std::string profile_text(const ProfileReport& report, const TextTableStyle&) {
  std::string text;
  if (report.interrupted) text += "interrupted: what was found until then\n\n";
  text +=
      fmt::format("{}: {} requests, {} keys, footprint {}\n\n", printable(report.workload_label),
                  format_count(report.workload.requests), format_count(report.workload.unique_keys),
                  format_size(report.traffic.footprint_bytes));
  text += traffic_text(report) + verdict_text(report) + findings_text(report) + cost_line(report);
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  return text + verdict_finding(report);
}

}  // namespace cachegauge
