#include "reports/profile_verdict.h"

#include <fmt/format.h>

#include <vector>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

// What bounds the cache comes first; by the other LRU would hit as much.
std::string size_text(const SizePoint& size, bool in_bytes) {
  const std::string entries =
      fmt::format("{} {}", format_count(size.objects), size.objects == 1 ? "entry" : "entries");
  const std::string bytes = format_size(size.bytes);
  return in_bytes ? fmt::format("{} ({})", bytes, entries) : fmt::format("{} ({})", entries, bytes);
}

std::string size_line(const Verdict& verdict) {
  if (!verdict.size) {
    return verdict.size_in_bytes && verdict.size_reason == "--memory"
               ? "size     none: LRU has no hits at --memory\n"
               : "size     none: no size has hits\n";
  }
  return fmt::format("size     {}: {}; LRU hits {} there\n",
                     size_text(*verdict.size, verdict.size_in_bytes), verdict.size_reason,
                     format_percent(verdict.size->hit_ratio));
}

std::string policy_line(const Verdict& verdict) {
  if (verdict.policies.empty()) return {};
  std::vector<std::string> parts;
  parts.reserve(verdict.policies.size());
  std::string_view errors;
  for (const PolicyChoice& choice : verdict.policies) {
    parts.push_back(fmt::format("{} {}{}", choice.policy, format_percent(choice.hit_ratio),
                                choice.policy == verdict.policy ? "*" : ""));
    if (!choice.hit_ratio_error) continue;
    parts.back() += " ± " + format_percent(*choice.hit_ratio_error);
    errors = " (± one standard error, of which keys are in the sample)";
  }
  return fmt::format("policy   {} of the gets hit there{}\n", fmt::join(parts, ", "), errors);
}

std::string origin_line(const Verdict& verdict) {
  if (!verdict.origin) return {};
  return fmt::format("origin   {}: mean {}, p99 {} for every get without a cache\n",
                     printable(verdict.origin->spec), format_duration(verdict.origin->mean_ns),
                     format_duration(verdict.origin->p99_ns));
}

// "(500 us + 12.00% x 500 us) / 88.00% = 636 us"
std::string break_even_line(const Candidate& candidate, const Verdict& verdict) {
  if (!candidate.break_even_ns) return "  pays for no origin: nothing hits\n";
  return fmt::format("  breaks even at an origin of ({} + {} x {}) / {} = {}\n",
                     format_duration(candidate.get_ns), format_percent(verdict.miss_ratio),
                     format_duration(candidate.set_ns), format_percent(1 - verdict.miss_ratio),
                     format_duration(*candidate.break_even_ns));
}

std::string with_it_lines(const Candidate& candidate, const Verdict& verdict) {
  if (!candidate.mean_ns) return {};
  std::string text = fmt::format(
      "  with it  mean {} + {} x ({} + {}) = {}, p99 {}: {}\n", format_duration(candidate.get_ns),
      format_percent(verdict.miss_ratio), format_duration(verdict.origin->mean_ns),
      format_duration(candidate.set_ns), format_duration(*candidate.mean_ns),
      format_duration(*candidate.p99_ns), *candidate.pays ? "pays" : "does not pay");
  if (candidate.smallest) {
    text += fmt::format("  the smallest that pays: {}, which hits {}\n",
                        size_text(*candidate.smallest, verdict.size_in_bytes),
                        format_percent(candidate.smallest->hit_ratio));
  }
  return text;
}

std::string candidate_lines(const Candidate& candidate, const Verdict& verdict) {
  return fmt::format("{}: get {}, set {} ({})\n", printable(candidate.name),
                     format_duration(candidate.get_ns), format_duration(candidate.set_ns),
                     candidate.measured ? "measured here" : "as given") +
         with_it_lines(candidate, verdict) + break_even_line(candidate, verdict);
}

std::string expiry_line(const Verdict& verdict) {
  if (!verdict.stampede) return {};
  return fmt::format(
      "expiry   1 + {:.2f} gets/s x {} = {:.2f} calls each time the hottest key expires\n",
      verdict.stampede->hottest_rps, format_duration(verdict.origin->mean_ns),
      verdict.stampede->calls_per_expiry);
}

std::string money_line(const Verdict& verdict) {
  if (!verdict.cost_with) return {};
  return fmt::format(
      "a month  {:.2f} for memory and {:.2f} for calls: {:.2f}; without a cache {:.2f}\n",
      verdict.cost_with->memory, verdict.cost_with->origin, verdict.cost_with->total(),
      verdict.cost_without->total());
}

std::string worth(const Verdict& verdict) {
  std::vector<std::string> paying;
  for (const Candidate& candidate : verdict.candidates) {
    if (candidate.pays.value_or(false)) paying.push_back(printable(candidate.name));
  }
  if (!paying.empty()) {
    return fmt::format("caching pays here: {} with {}\n", fmt::join(paying, ", "),
                       size_text(*verdict.size, verdict.size_in_bytes));
  }
  if (verdict.origin && !verdict.candidates.empty()) return "caching does not pay here\n";
  if (verdict.break_even_factor) {
    return fmt::format(
        "a cache pays for an origin slower than {:.2f} times its own gets and sets\n",
        *verdict.break_even_factor);
  }
  return "no cache pays here: nothing hits\n";
}

// Before there was a verdict: that there is no size then does not say that none has hits.
bool was_cut_short(const ProfileReport& report) {
  return report.interrupted && !report.verdict.size;
}

}  // namespace

std::string verdict_text(const ProfileReport& report) {
  if (report.workload.requests == 0 || was_cut_short(report)) return {};
  const Verdict& verdict = report.verdict;
  std::string text = size_line(verdict) + policy_line(verdict) + origin_line(verdict);
  for (const Candidate& candidate : verdict.candidates) text += candidate_lines(candidate, verdict);
  return text + expiry_line(verdict) + money_line(verdict) + "\n";
}

std::string verdict_finding(const ProfileReport& report) {
  if (report.workload.requests == 0) return {};
  if (was_cut_short(report)) return "not known: whether a cache pays, as this was interrupted\n";
  const Verdict& verdict = report.verdict;
  std::vector<std::string> unknown;
  if (!verdict.origin)
    unknown.push_back("whether it is worth it (--origin TIME says what a miss costs)");
  bool any_measured = false;
  for (const Candidate& candidate : verdict.candidates) any_measured |= candidate.measured;
  if (!any_measured) unknown.push_back("what a cache takes here (--adapter A measures it)");
  unknown.push_back("your network, and the waits of an origin under load");
  std::string text = worth(verdict);
  text += fmt::format("not measured: {}\n", fmt::join(unknown, "; "));
  return text + fmt::format("next: {}\n", printable(report.next));
}

}  // namespace cachegauge
