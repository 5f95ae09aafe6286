#include "harness/profile/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"

namespace cachegauge {
namespace {

using Found = std::optional<ProfileFinding>;

// Fewer requests or writes than these say little.
constexpr uint64_t kFewestRequests = 1000;
constexpr uint64_t kFewestWrites = 100;

std::string percent(double share) { return fmt::format("{:.1f}%", share * 100); }

Found volatile_data(const ProfileReport& report) {
  constexpr double kMostUnread = 0.5, kFewestGets = 1;
  const Writes& writes = report.traffic.writes;
  if (writes.writes < kFewestWrites) return std::nullopt;
  const double unread = writes.unread_share.value_or(0), gets = *writes.gets_per_write;
  if (unread < kMostUnread && gets >= kFewestGets) return std::nullopt;
  return ProfileFinding{
      .evidence = fmt::format(
          "{:.2f} gets a write, and {} of the sets are overwritten or deleted before a get", gets,
          percent(unread)),
      .remedy =
          "invalidate on a write instead of storing the new value (write-around), or leave "
          "this data out of the cache"};
}

Found no_reuse(const ProfileReport& report) {
  constexpr double kLeastHitRatio = 0.1;
  const auto best = report.traffic.reuse.best_hit_ratio;
  if (!best || *best >= kLeastHitRatio || report.workload.requests < kFewestRequests) {
    return std::nullopt;
  }
  return ProfileFinding{
      .evidence = fmt::format("no cache can answer more than {} of the gets: {} of the keys are "
                              "asked for once",
                              percent(*best), percent(report.traffic.popularity.one_hit_key_share)),
      .remedy =
          "do not cache this, or cache what it is made of (parts of a page, rows of a query) "
          "under keys that come back"};
}

// Of the requests in a part of the windows, those whose key is new.
double new_share(const std::vector<ProfileWindow>& windows, size_t begin, size_t end) {
  uint64_t requests = 0, keys = 0;
  for (size_t i = begin; i < end; ++i) {
    requests += windows[i].requests;
    keys += windows[i].new_keys;
  }
  return requests == 0 ? 0 : static_cast<double>(keys) / static_cast<double>(requests);
}

Found unbounded_growth(const ProfileReport& report) {
  constexpr double kLeastNew = 0.1, kLeastOfBefore = 0.5;
  const std::vector<ProfileWindow>& windows = report.traffic.windows;
  const Writes& writes = report.traffic.writes;
  if (report.workload.requests < kFewestRequests || windows.size() < 8 ||
      writes.stores_without_ttl * 2 < writes.stores) {
    return std::nullopt;
  }
  const size_t quarter = windows.size() / 4;
  const double late = new_share(windows, windows.size() - quarter, windows.size());
  if (late < kLeastNew || late < kLeastOfBefore * new_share(windows, quarter, 2 * quarter)) {
    return std::nullopt;
  }
  return ProfileFinding{
      .evidence = fmt::format(
          "in the last quarter {} of the requests still bring a new key: a cache without a limit "
          "would grow by {} a request, without an end in sight",
          percent(late),
          format_size(static_cast<uint64_t>(late * report.traffic.object_bytes->mean))),
      .remedy = "give the cache a limit (--memory) or its entries a TTL"};
}

Found missing_ttl(const ProfileReport& report) {
  constexpr double kFewWithout = 0.01;
  const Writes& writes = report.traffic.writes;
  const auto without = static_cast<double>(writes.stores_without_ttl);
  if (writes.writes < kFewestWrites || without < kFewWithout * static_cast<double>(writes.stores)) {
    return std::nullopt;
  }
  const bool none = writes.stores_without_ttl == writes.stores;
  return ProfileFinding{
      .evidence = fmt::format("{} of {} writes have no TTL{}",
                              format_count(writes.stores_without_ttl), format_count(writes.stores),
                              none ? " (or the trace does not record them)" : ", while others do"),
      .remedy =
          "give each write a TTL, if only a long one: what is not invalidated then stays "
          "wrong for no longer than that"};
}

Found huge_values(const ProfileReport& report) {
  const Traffic& traffic = report.traffic;
  if (traffic.huge_objects == 0) return std::nullopt;
  return ProfileFinding{
      .evidence = fmt::format("{} values of {} and more, up to {}, make up {} of the bytes",
                              format_count(traffic.huge_objects), format_size(Traffic::kHugeBytes),
                              format_size(static_cast<uint64_t>(traffic.value_bytes->max)),
                              percent(traffic.huge_byte_share)),
      .remedy =
          "memcached refuses them unless it is told otherwise (-I), and each pushes many "
          "others out: split or compress them, or admit by size"};
}

Found dominating_key(const ProfileReport& report) {
  constexpr double kLargestShare = 0.1;
  const std::vector<HotKey>& hottest = report.traffic.popularity.hottest;
  if (hottest.size() < 2 || hottest[0].share < kLargestShare ||
      report.workload.requests < kFewestRequests) {
    return std::nullopt;
  }
  return ProfileFinding{
      .evidence = fmt::format("one key{} has {} of the requests",
                              hottest[0].key.empty() ? "" : " (" + hottest[0].key + ")",
                              percent(hottest[0].share)),
      .remedy =
          "keep it in the process (a small cache in front of the shared one) and refresh it "
          "before it expires: all of its load falls on one server, and on the origin when it "
          "expires"};
}

Found origin_too_fast(const ProfileReport& report) {
  const Verdict& verdict = report.verdict;
  const auto fails = [](const Candidate& c) { return c.pays && !*c.pays; };
  const bool any = std::any_of(verdict.candidates.begin(), verdict.candidates.end(), fails);
  const bool all = std::all_of(verdict.candidates.begin(), verdict.candidates.end(),
                               [&](const Candidate& c) { return !c.pays || fails(c); });
  if (!verdict.origin || !any || !all) return std::nullopt;
  double least = 0;
  for (const Candidate& candidate : verdict.candidates) {
    const double even = candidate.break_even_ns.value_or(0);
    if (candidate.pays && (least == 0 || even < least)) least = even;
  }
  return ProfileFinding{
      .evidence =
          least == 0
              ? "no get is a hit, so each costs the cache's time beside the origin's"
              : fmt::format("the origin answers in {} on average, and caching pays from {} on",
                            format_duration(verdict.origin->mean_ns), format_duration(least)),
      .remedy =
          "do not cache this for the sake of its latency; a cache nearer to the "
          "application (in the process) may pay"};
}

Found filtered_trace(const ProfileReport& report) {
  constexpr double kFewOfExpected = 0.2, kSpreadOfLoop = 1.1;
  const Reuse& reuse = report.traffic.reuse;
  if (!reuse.soon || !reuse.gap) return std::nullopt;
  const auto observed = static_cast<double>(reuse.soon->observed);
  const bool is_loop = reuse.gap->p99 < kSpreadOfLoop * reuse.gap->p50;
  if (observed >= kFewOfExpected * reuse.soon->expected || is_loop) return std::nullopt;
  return ProfileFinding{
      .evidence = fmt::format(
          "{} requests come within {} of the last one of their key, where chance alone would make "
          "it {:.0f}; the hottest key has {} of the requests",
          format_count(reuse.soon->observed), format_count(reuse.soon->within),
          reuse.soon->expected, percent(report.traffic.popularity.hottest.front().share)),
      .remedy =
          "the trace seems to be recorded below another cache, which answered what comes "
          "back soon: record it above that cache, or take these figures for a second tier"};
}

constexpr FindingKind kKinds[] = {
    {"volatile-data", volatile_data},       {"no-reuse", no_reuse},
    {"unbounded-growth", unbounded_growth}, {"missing-ttl", missing_ttl},
    {"huge-values", huge_values},           {"dominating-key", dominating_key},
    {"origin-too-fast", origin_too_fast},   {"filtered-trace", filtered_trace},
};

}  // namespace

std::span<const FindingKind> finding_kinds() { return kKinds; }

std::vector<ProfileFinding> find_all(const ProfileReport& report) {
  std::vector<ProfileFinding> findings;
  for (const FindingKind& kind : kKinds) {
    Found found = kind.look(report);
    if (!found) continue;
    found->name = kind.name;
    findings.push_back(std::move(*found));
  }
  return findings;
}

}  // namespace cachegauge
