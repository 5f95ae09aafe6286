#include "harness/profile/findings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/random.h"
#include "harness/profile/profile.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

using Requests = std::vector<Request>;

Request get(uint64_t key, uint64_t size = 100) {
  return InMemoryWorkload::request(Op::kGet, key, size);
}

ProfileReport report_on(Requests requests) {
  const InternedTrace trace(InMemoryWorkload(std::move(requests)), {}, UINT64_MAX);
  ProfileReport report;
  report.workload.requests = trace.summary().requests;
  report.workload.unique_keys = trace.unique_keys();
  report.traffic = profile_trace(trace, false, false).traffic;
  return report;
}

// What ordinary traffic looks like: some keys more popular than others, all of them known early on.
Requests ordinary(int count = 20'000) {
  SplitMix64 random(3);
  Requests requests;
  requests.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    requests.push_back(get(std::min({random.below(500), random.below(500), random.below(500)})));
  }
  return requests;
}

// Names of what is found, in the order of the table.
std::vector<std::string> names(const ProfileReport& report) {
  std::vector<std::string> names;
  for (const ProfileFinding& finding : find_all(report)) {
    EXPECT_FALSE(finding.evidence.empty()) << finding.name;
    EXPECT_FALSE(finding.remedy.empty()) << finding.name;
    names.push_back(finding.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Findings, OrdinaryTrafficHasNone) { EXPECT_EQ(names(report_on(ordinary())), Names{}); }

TEST(Findings, VolatileDataIsWrittenMoreOftenThanRead) {
  const auto mix = [](uint64_t gets_of_ten) {
    SplitMix64 random(4);
    Requests requests = ordinary();
    for (Request& request : requests) {
      if (random.below(10) < gets_of_ten) continue;
      request.op = Op::kSet;
      request.ttl_ns = 1;
    }
    return report_on(std::move(requests));
  };
  EXPECT_EQ(names(mix(9)), Names{});
  EXPECT_EQ(names(mix(3)), Names{"volatile-data"});
  const auto findings = find_all(mix(3));
  EXPECT_NE(findings[0].evidence.find("gets a write, and 6"), std::string::npos)
      << findings[0].evidence;
}

TEST(Findings, NoReuseMeansNothingToHit) {
  Requests once;
  once.reserve(20'000);
  for (uint64_t key = 0; key < 5000; ++key) once.push_back(get(key));
  const auto found = names(report_on(once));
  EXPECT_NE(std::find(found.begin(), found.end(), "no-reuse"), found.end());
  once.resize(500);  // too few to say
  EXPECT_EQ(names(report_on(once)), Names{});
}

TEST(Findings, GrowthIsNewKeysToTheEnd) {
  Requests growing = ordinary();
  for (size_t i = 0; i < growing.size(); i += 5) growing[i] = get(1'000'000 + i);
  EXPECT_EQ(names(report_on(growing)), Names{"unbounded-growth"});
  for (Request& request : growing) request.ttl_ns = 1;  // entries go by themselves
  EXPECT_EQ(names(report_on(growing)), Names{});
}

TEST(Findings, WritesWithoutATtlAreTold) {
  const auto mix = [](bool some, bool all) {
    Requests requests = ordinary();
    for (size_t i = 0; i < requests.size(); i += 10) {
      requests[i].op = Op::kSet;
      const bool with_ttl = all || (some && i % 20 == 0);
      requests[i].ttl_ns = with_ttl ? 1 : 0;
    }
    return report_on(std::move(requests));
  };
  EXPECT_EQ(names(mix(true, true)), Names{});
  EXPECT_EQ(names(mix(true, false)), Names{"missing-ttl"});
  EXPECT_EQ(find_all(mix(true, false))[0].evidence,
            "1,000 of 2,000 writes have no TTL, while others do");
  EXPECT_EQ(find_all(mix(false, false))[0].evidence,
            "2,000 of 2,000 writes have no TTL (or the trace does not record them)");
}

TEST(Findings, HugeValuesAreThoseThatMemcachedRefuses) {
  Requests requests = ordinary();
  requests.push_back(get(9999, Traffic::kHugeBytes - 1));
  EXPECT_EQ(names(report_on(requests)), Names{});
  requests.push_back(get(9998, Traffic::kHugeBytes));
  EXPECT_EQ(names(report_on(requests)), Names{"huge-values"});
  EXPECT_NE(find_all(report_on(requests))[0].evidence.find("1 values of 1 MiB and more"),
            std::string::npos);
}

TEST(Findings, OneKeyMayDominate) {
  Requests requests = ordinary();
  for (size_t i = 0; i < requests.size(); i += 8) requests[i] = get(7);
  EXPECT_EQ(names(report_on(requests)), Names{"dominating-key"});
  for (size_t i = 0; i < requests.size(); i += 16) requests[i] = get(i % 500);
  EXPECT_EQ(names(report_on(requests)), Names{});
}

TEST(Findings, AnOriginMayBeTooFast) {
  ProfileReport report = report_on(ordinary());
  report.verdict.origin = OriginTimes{.spec = "sleep:latency=300us", .mean_ns = 300e3};
  report.verdict.candidates = {{.name = "near", .break_even_ns = 1e3, .pays = true},
                               {.name = "far", .break_even_ns = 700e3, .pays = false}};
  EXPECT_EQ(names(report), Names{});
  report.verdict.candidates.erase(report.verdict.candidates.begin());
  EXPECT_EQ(names(report), Names{"origin-too-fast"});
  EXPECT_EQ(find_all(report)[0].evidence,
            "the origin answers in 300 us on average, and caching pays from 700 us on");
}

TEST(Findings, ATraceBelowACacheLacksWhatComesBackSoon) {
  // What an LRU cache of 200 entries lets through.
  SplitMix64 random(9);
  Requests below;
  std::vector<uint64_t> held;
  while (below.size() < 20'000) {
    const uint64_t key = std::min(random.below(3000), random.below(3000));
    const auto at = std::find(held.begin(), held.end(), key);
    if (at == held.end()) below.push_back(get(key));
    if (at != held.end()) held.erase(at);
    held.push_back(key);
    if (held.size() > 200) held.erase(held.begin());
  }
  EXPECT_EQ(names(report_on(below)), Names{"filtered-trace"});
  // A loop has no short distances either, and is none.
  Requests loop;
  loop.reserve(20'000);
  for (uint64_t i = 0; i < 20'000; ++i) loop.push_back(get(i % 700));
  EXPECT_EQ(names(report_on(loop)), Names{});
}

TEST(Findings, EveryRowIsMadeToFireHere) {
  Names all;
  all.reserve(finding_kinds().size());
  for (const FindingKind& kind : finding_kinds()) all.emplace_back(kind.name);
  EXPECT_EQ(all, (Names{"volatile-data", "no-reuse", "unbounded-growth", "missing-ttl",
                        "huge-values", "dominating-key", "origin-too-fast", "filtered-trace"}));
}

}  // namespace
}  // namespace cachegauge
