#include "reports/traffic_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/sparkline.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

using Facts = std::vector<TrafficFact>;

constexpr size_t kMostProfileBars = 60;

// A report that was read may hold any number.
std::string bytes(double value) {
  return format_size(static_cast<uint64_t>(std::min(value, 1e18)));
}
std::string seconds(double value) { return format_duration(value * 1e9); }

// "50 % up to 100 B, 99 % up to 4.00 KiB, mean 230 B"
std::string spread_text(const Spread& spread, FigureFormat format) {
  if (spread.min == spread.max) return "all " + format(spread.min);
  return fmt::format("{} to {}, mean {}; half up to {}, 90 % up to {}, 99 % up to {}",
                     format(spread.min), format(spread.max), format(spread.mean),
                     format(spread.p50), format(spread.p90), format(spread.p99));
}

void add_spread(Facts& facts, std::string_view name, const std::optional<Spread>& spread,
                FigureFormat format) {
  if (spread) facts.push_back({name, spread_text(*spread, format)});
}

std::string ops_text(const Traffic& traffic) {
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
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string rate_text(const std::optional<Rate>& rate) {
  if (!rate) return "not known: the workload has no times, or one alone";
  return fmt::format(
      "{} requests/s over {}; at most {}/s within {}, {:.1f} times the mean; index of dispersion "
      "{:.2f} (1: Poisson)",
      format_rate(rate->mean_rps), seconds(rate->span_s), format_rate(rate->peak_rps),
      seconds(rate->interval_s), rate->peak_to_mean, rate->dispersion);
}

void add_popularity(Facts& facts, const Popularity& p) {
  std::string_view name = "popularity";
  if (p.zipf) {
    facts.push_back(
        {name, fmt::format("Zipf, alpha {:.3f}, off by {:.3f} at most (Kolmogorov-Smirnov)",
                           p.zipf->alpha, p.zipf->ks_distance)});
    name = "";
  }
  facts.push_back(
      {name,
       fmt::format("the hottest 1 % of keys have {} of the requests, 10 % have {}",
                   format_percent(p.top_1_percent_share), format_percent(p.top_10_percent_share))});
  facts.push_back(
      {"asked once",
       fmt::format("{} keys: {} of all, {} of the requests", format_count(p.one_hit_keys),
                   format_percent(p.one_hit_key_share), format_percent(p.one_hit_request_share))});
  std::vector<std::string> keys;
  for (const HotKey& hot : p.hottest) {
    if (keys.size() == 5) break;
    keys.push_back(fmt::format("{} {}", hot.key.empty() ? "?" : printable(hot.key),
                               format_percent(hot.share)));
  }
  facts.push_back({"hottest", fmt::format("{}", fmt::join(keys, ", "))});
}

// "▃▅█  100 to 900 keys in each of 3 equal parts of the time"
std::string windows_text(const Traffic& traffic, uint64_t ProfileWindow::*field,
                         std::string_view what) {
  std::vector<std::optional<double>> counts;
  double most = 0, least = 0;
  for (const ProfileWindow& window : traffic.windows) {
    const auto count = static_cast<double>(window.*field);
    least = counts.empty() ? count : std::min(least, count);
    most = std::max(most, count);
    counts.emplace_back(count);
  }
  return fmt::format("{}  {} to {} {} in each of {} equal parts of the {}",
                     sparkline(counts, 0, most, kMostProfileBars), format_whole(least),
                     format_whole(most), what, traffic.windows.size(),
                     traffic.windows_by_time ? "time" : "requests");
}

std::string sizes_text(const Reuse& reuse) {
  std::vector<std::string> parts;
  parts.reserve(reuse.sizes.size());
  for (const SizeForShare& at : reuse.sizes) {
    const std::string objects = format_count(at.size.objects), bytes = format_size(at.size.bytes);
    parts.push_back(fmt::format("{:.0f} % at {} ({})", at.share * 100,
                                reuse.sizes_in_bytes ? bytes : objects,
                                reuse.sizes_in_bytes ? objects : bytes));
  }
  return fmt::format("of the best hit ratio, {}", fmt::join(parts, ", "));
}

void add_reuse(Facts& facts, const Reuse& reuse, bool interrupted) {
  add_spread(facts, "reuse distance", reuse.distance, format_whole);
  add_spread(facts, "reuse time", reuse.time_s, seconds);
  if (reuse.sizes.empty()) {
    facts.push_back({"LRU", interrupted ? "not known: interrupted" : "no hits at any size"});
    return;
  }
  facts.push_back({"LRU sizes", sizes_text(reuse)});
  if (reuse.best_hit_ratio) {
    facts.push_back(
        {"best", "no cache can do better than " + format_percent(*reuse.best_hit_ratio)});
  }
  if (reuse.sample_rate < 1) {
    facts.push_back(
        {"", fmt::format("reuse distances, sizes and policies are estimates from {} "
                         "of the keys ({})",
                         format_percent(reuse.sample_rate), format_count(reuse.sampled_keys))});
  } else if (!reuse.exact) {
    facts.push_back({"", "sizes are estimates: there are TTLs, adds or sizes that change"});
  }
}

}  // namespace

std::vector<TrafficFact> traffic_facts(const ProfileReport& report) {
  if (report.workload.requests == 0) return {};
  const Traffic& traffic = report.traffic;
  Facts facts = {{"ops", ops_text(traffic)}};
  add_spread(facts, "value size", traffic.value_bytes, bytes);
  add_spread(facts, "key size", traffic.key_bytes, bytes);
  add_spread(facts, "TTL", traffic.ttl_s, seconds);
  facts.push_back({"rate", rate_text(traffic.rate)});
  if (traffic.windows_by_time) {
    facts.push_back({"", windows_text(traffic, &ProfileWindow::requests, "requests")});
  }
  add_popularity(facts, traffic.popularity);
  facts.push_back({"working set", windows_text(traffic, &ProfileWindow::unique_keys, "keys")});
  add_reuse(facts, traffic.reuse, report.interrupted);
  return facts;
}

}  // namespace cachegauge
