#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/profile_json.h"
#include "reports/profile_table.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

TEST(ProfileText, SaysWhatTheTrafficIsLikeAndShowsItsArithmetic) {
  EXPECT_EQ(profile_text(sample_profile(), {}),
            R"(t.csv: 1,200 requests, 300 keys, footprint 35.2 KiB

  ops            1,000 gets, 200 sets, 5.00 gets a write, 10.00% of sets replaced unread
  value size     1 B to 100 B, mean 20 B; half up to 10 B, 90 % up to 50 B, 99 % up to 90 B
  key size       all 8 B
  TTL            1.00 s to 100 s, mean 20.0 s; half up to 10.0 s, 90 % up to 50.0 s, 99 % up to 90.0 s
  rate           20.0 requests/s over 60.0 s; at most 100/s within 100 ms, 5.0 times the mean; index of dispersion 1.50 (1: Poisson)
                 ██  600 to 600 requests in each of 2 equal parts of the time
  popularity     Zipf, alpha 0.900, off by 0.010 at most (Kolmogorov-Smirnov)
                 the hottest 1 % of keys have 20.00% of the requests, 10 % have 50.00%
  asked once     30 keys: 10.00% of all, 2.50% of the requests
  hottest        user:1 10.00%, ? 5.00%
  working set    █▅  100 to 200 keys in each of 2 equal parts of the time
  reuse distance 1 to 100, mean 20; half up to 10, 90 % up to 50, 99 % up to 90
  reuse time     1.00 s to 100 s, mean 20.0 s; half up to 10.0 s, 90 % up to 50.0 s, 99 % up to 90.0 s
  LRU sizes      of the best hit ratio, 90 % at 60 (12 KiB)
  best           no cache can do better than 70.00%
                 reuse distances, sizes and policies are estimates from 50.00% of the keys (150)

size     60 entries (12 KiB): 90% of the best hit ratio of LRU; LRU hits 60.00% there
policy   lru 60.00% ± 1.25%, sieve 75.00%* of the gets hit there (± one standard error, of which keys are in the sample)
origin   sleep:latency=50ms: mean 50.0 ms, p99 50.0 ms for every get without a cache
a cache 500 us away: get 500 us, set 500 us (as given)
  with it  mean 500 us + 25.00% x (50.0 ms + 500 us) = 13.1 ms, p99 51.0 ms: pays
  the smallest that pays: 1 entry (200 B), which hits 10.00%
  breaks even at an origin of (500 us + 25.00% x 500 us) / 75.00% = 833 us
expiry   1 + 2.00 gets/s x 50.0 ms = 1.10 calls each time the hottest key expires
a month  0.50 for memory and 10.00 for calls: 10.50; without a cache 40.00

dominating-key: one key (user:1) has 10.0% of the requests
  keep it in the process

read in 2.00 ms, keys numbered in 3.00 ms, profiled in 4.00 ms
warning: 3 bad rows skipped
caching pays here: a cache 500 us away with 60 entries (12 KiB)
not measured: what a cache takes here (--adapter A measures it); your network, and the waits of an origin under load
next: cachegauge run t.csv sieve --memory 12KiB
)");
}

TEST(ProfileText, WhatBoundsTheCacheComesFirst) {
  ProfileReport report = sample_profile();
  report.verdict.size_in_bytes = true;
  const std::string text = profile_text(report, {});
  for (const char* part : {"size     12 KiB (60 entries): 90% of",
                           "the smallest that pays: 200 B (1 entry), which hits",
                           "caching pays here: a cache 500 us away with 12 KiB (60 entries)\n"}) {
    EXPECT_NE(text.find(part), text.npos) << text;
  }
  report.verdict.size = std::nullopt;
  report.verdict.size_reason = "--memory";
  report.verdict.candidates.clear();
  EXPECT_NE(profile_text(report, {}).find("size     none: LRU has no hits at --memory\n"),
            text.npos);
}

TEST(ProfileText, WithoutAnOriginItSaysFromWhichOnItPays) {
  ProfileReport report = sample_profile();
  report.verdict.origin = std::nullopt;
  report.verdict.candidates.clear();
  report.verdict.stampede = std::nullopt;
  const std::string text = profile_text(report, {});
  EXPECT_NE(text.find("a cache pays for an origin slower than 1.67 times its own gets and sets\n"),
            text.npos);
  EXPECT_NE(
      text.find("not measured: whether it is worth it (--origin TIME says what a miss costs)"),
      text.npos);
  EXPECT_EQ(text.find("expiry"), text.npos);
}

TEST(ProfileText, WithoutRequestsThereIsNothingToSay) {
  ProfileReport report;
  report.workload_label = "none.csv";
  report.warnings = {"the workload has no requests"};
  EXPECT_EQ(profile_text(report, {}),
            "none.csv: 0 requests, 0 keys, footprint 0 B\n\n"
            "read in 0 ns, keys numbered in 0 ns, profiled in 0 ns\n"
            "warning: the workload has no requests\n");
}

TEST(ProfileText, OfWhatWasCutShortThereIsNoVerdict) {
  ProfileReport report;
  report.workload = {.requests = 5, .unique_keys = 2};
  report.interrupted = true;
  const std::string text = profile_text(report, {});
  EXPECT_NE(text.find("  LRU            not known: interrupted\n"), text.npos) << text;
  EXPECT_NE(text.find("\nnot known: whether a cache pays, as this was interrupted\n"), text.npos);
  EXPECT_EQ(text.find("no size has hits"), text.npos);
  EXPECT_EQ(text.find("does not pay"), text.npos);
}

TEST(ProfileJson, WhatIsNotKnownIsNull) {
  const auto json = nlohmann::json::parse(profile_report_json({}));
  const auto& traffic = json["results"][0];
  for (const char* name : {"value_bytes", "ttl_s", "rate"}) {
    EXPECT_TRUE(traffic[name].is_null()) << name;
  }
  for (const char* name : {"distance", "time_s", "soon", "best_hit_ratio"}) {
    EXPECT_TRUE(traffic["reuse"][name].is_null()) << name;
  }
  EXPECT_TRUE(traffic["popularity"]["zipf"].is_null());
  for (const char* name : {"size", "policy", "origin", "stampede", "monthly_cost_with"}) {
    EXPECT_TRUE(json["verdict"][name].is_null()) << name;
  }
  EXPECT_TRUE(json["next"].is_null());
}

TEST(ProfileJson, HasWhatTheTextHas) {
  const auto json = nlohmann::json::parse(profile_report_json(sample_profile()));
  EXPECT_EQ(json["kind"], "profile");
  EXPECT_EQ(json["results"][0]["id"], "t.csv");
  EXPECT_EQ(json["results"][0]["ops"]["get"], 1000);
  EXPECT_TRUE(json["results"][0]["popularity"]["hottest"][1]["key"].is_null());
  EXPECT_EQ(json["verdict"]["candidates"][0]["smallest"]["objects"], 1);
  EXPECT_EQ(json["verdict"]["monthly_cost_with"]["total"], 10.5);
  EXPECT_EQ(json["finding"].back(), "next: cachegauge run t.csv sieve --memory 12KiB");
}

}  // namespace
}  // namespace cachegauge
