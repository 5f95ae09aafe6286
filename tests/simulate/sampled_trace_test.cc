// Estimates by a sample of the keys: against the arithmetic by hand, and against the whole within
// the errors that they state.
#include "harness/simulate/sampled_trace.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tests/core/expect_error.h"
#include "tests/simulate/zipf_requests.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

std::vector<Spec> specs_of(const std::vector<std::string>& texts) {
  std::vector<Spec> specs;
  specs.reserve(texts.size());
  for (const std::string& text : texts) specs.push_back(Spec::parse(text));
  return specs;
}

std::vector<CacheSize> sizes_of(const std::vector<std::string>& texts) {
  std::vector<CacheSize> sizes;
  sizes.reserve(texts.size());
  for (const std::string& text : texts) sizes.push_back(parse_cache_sizes(text).at(0));
  return sizes;
}

TEST(KeySample, HoldsItsShareOfTheKeysInPartsOfEqualSize) {
  constexpr uint64_t kKeys = 200'000;
  const KeySample sample(0.1, 42), other(0.1, 43);
  uint64_t held = 0, in_both = 0;
  std::array<uint64_t, KeySample::kParts> parts{};
  for (uint64_t key = 0; key < kKeys; ++key) {
    const uint64_t hash = hash_integer_key(key);
    if (!sample.holds(hash)) continue;
    ++held;
    ++parts[sample.part(hash)];
    in_both += other.holds(hash);
  }
  // Within four standard deviations of binomial counts.
  EXPECT_NEAR(static_cast<double>(held), 20'000, 4 * 134);
  EXPECT_NEAR(static_cast<double>(in_both), 2'000, 4 * 45);
  for (const uint64_t part : parts) EXPECT_NEAR(static_cast<double>(part), 2'500, 4 * 50);
  EXPECT_TRUE(KeySample().holds(UINT64_MAX));
}

TEST(SampledTrace, OfAllKeysIsTheWhole) {
  const InMemoryWorkload workload(zipf_requests(20'000, 3000, 10));
  SampledTrace sample(workload, {}, KeySample(), UINT64_MAX);
  const InternedTrace whole(workload, {}, UINT64_MAX);
  const auto sizes = parse_cache_sizes("10%");
  const auto estimated = sample.simulate(specs_of({"lru"}), sizes, {}, false);
  const auto exact = simulate_grid(whole, specs_of({"lru"}), sizes, {}, false);
  EXPECT_EQ(estimated[0].counts.misses, exact[0].counts.misses);
  EXPECT_FALSE(estimated[0].miss_ratio_error.has_value());
  EXPECT_TRUE(sample.curves(specs_of({"lru"}), false, {}, false)[0].exact);
}

TEST(SampledTrace, OfAllKeysLeavesTheWarmUpOutOfItsCurves) {
  SampledTrace sample(InMemoryWorkload(zipf_requests(20'000, 3000)), {}, KeySample(), UINT64_MAX);
  const auto policies = specs_of({"lru", "fifo"});
  const GridOptions warmed = {.warmup_requests = 5'000};
  const auto curves = sample.curves(policies, false, warmed, false);
  const auto single = sample.simulate(policies, sizes_of({"100000"}), warmed, false);
  for (size_t i = 0; i < policies.size(); ++i) {
    EXPECT_EQ(curves[i].gets, single[i].counts.gets) << curves[i].policy;
    EXPECT_EQ(curves[i].points.back().misses, single[i].counts.misses) << curves[i].policy;
  }
}

TEST(SampledTrace, CountsTheWholeWhileItSamples) {
  const InMemoryWorkload workload(zipf_requests(20'000, 3000, 10));
  const RequestRules rules = {.ignore_size = true, .limit = 15'000};
  const SampledTrace sample(workload, rules, KeySample(0.25, 1), UINT64_MAX);
  const TraceSummary whole = InternedTrace(workload, rules, UINT64_MAX).summary();
  EXPECT_EQ(sample.summary().requests, 15'000u);
  EXPECT_EQ(sample.summary().ops, whole.ops);
  EXPECT_EQ(sample.summary().fingerprint, whole.fingerprint);
  EXPECT_EQ(sample.summary().unique_keys, 4u * sample.trace().unique_keys());
  EXPECT_NEAR(static_cast<double>(sample.summary().unique_keys),
              static_cast<double>(whole.unique_keys),
              0.15 * static_cast<double>(whole.unique_keys));
}

// Those of its requests that the sample holds, by hand.
std::vector<Request> held_by(const KeySample& keys, const std::vector<Request>& requests) {
  std::vector<Request> held;
  for (const Request& request : requests) {
    if (keys.holds(request.key_hash())) held.push_back(request);
  }
  return held;
}

TEST(SampledTrace, CountsAreThoseOfTheSampleOverItsRate) {
  const std::vector<Request> requests = zipf_requests(30'000, 5000, 10);
  const KeySample keys(0.25, 3);
  const InternedTrace held(InMemoryWorkload(held_by(keys, requests)), {}, UINT64_MAX);
  const auto by_hand = simulate_grid(held, specs_of({"lru"}), sizes_of({"50", "25KiB"}), {}, false);
  SampledTrace sample(InMemoryWorkload(requests), {}, keys, UINT64_MAX);
  const auto estimated = sample.simulate(specs_of({"lru"}), sizes_of({"200", "100KiB"}), {}, false);
  uint64_t gets = 0, get_bytes = 0;
  for (const Request& request : requests) {
    gets += request.op == Op::kGet;
    get_bytes += request.op == Op::kGet ? request.value_size_bytes : 0;
  }
  EXPECT_EQ(estimated[0].capacity_objects, 200u);
  EXPECT_EQ(estimated[1].capacity_bytes, 100u << 10);
  for (size_t i = 0; i < 2; ++i) {
    const SimulationCounts &whole = estimated[i].counts, &part = by_hand[i].counts;
    EXPECT_EQ(whole.requests, requests.size());
    EXPECT_EQ(whole.gets, gets);
    EXPECT_EQ(whole.sets + whole.deletes, requests.size() - gets);
    EXPECT_EQ(whole.misses, 4 * part.misses);
    EXPECT_EQ(whole.hits + whole.misses, whole.gets);
    EXPECT_EQ(whole.evictions, 4 * part.evictions);
    EXPECT_EQ(whole.get_bytes, get_bytes);
    EXPECT_EQ(whole.get_bytes - whole.hit_bytes, 4 * (part.get_bytes - part.hit_bytes));
    EXPECT_GT(estimated[i].miss_ratio_error, 0.0);
    EXPECT_GT(estimated[i].byte_miss_ratio_error, 0.0);
  }
}

TEST(SampledTrace, CountsWhatAnAdmissionFilterTurnedAway) {
  const std::vector<Request> requests = zipf_requests(30'000, 5000);
  const KeySample keys(0.25, 3);
  const auto policies = specs_of({"lru:admission=probability,admission.p=0.5"});
  const InternedTrace held(InMemoryWorkload(held_by(keys, requests)), {}, UINT64_MAX);
  const auto by_hand = simulate_grid(held, policies, sizes_of({"50"}), {}, false);
  SampledTrace sample(InMemoryWorkload(requests), {}, keys, UINT64_MAX);
  const auto estimated = sample.simulate(policies, sizes_of({"200"}), {}, false);
  EXPECT_GT(by_hand[0].counts.not_admitted, 0u);
  EXPECT_EQ(estimated[0].counts.not_admitted, 4 * by_hand[0].counts.not_admitted);
}

TEST(SampledTrace, ACurveIsTheGridAtEachOfItsSizes) {
  SampledTrace sample(InMemoryWorkload(zipf_requests(20'000, 3000)), {}, KeySample(0.5, 3),
                      UINT64_MAX);
  for (const bool in_bytes : {false, true}) {
    const auto curves = sample.curves(specs_of({"lru", "fifo", "belady"}), in_bytes, {}, false);
    ASSERT_EQ(curves.size(), 3u);
    for (const MissRatioCurve& curve : curves) {
      EXPECT_FALSE(curve.exact);
      EXPECT_GE(curve.points.size(), 20u) << curve.policy;
      for (size_t i = 0; i < curve.points.size(); i += 7) {
        const CurvePoint& point = curve.points[i];
        if (in_bytes && (curve.policy == "lru" || point.size % 2 == 1)) continue;
        const CacheSize size = {
            .text = "",
            .unit = in_bytes ? CacheSize::Unit::kBytes : CacheSize::Unit::kEntries,
            .value = static_cast<double>(point.size)};
        const auto single = sample.simulate(specs_of({curve.policy}), {size}, {}, false);
        EXPECT_EQ(single[0].counts.misses, point.misses) << curve.policy << " " << point.size;
        // A cache of a part has room for one entry at least, a stack for none.
        if (point.size < 2 * KeySample::kParts) continue;
        EXPECT_NEAR(*single[0].miss_ratio_error, *point.miss_ratio_error, 1e-12);
      }
    }
  }
}

TEST(SampledTrace, TheWarmUpIsThatOfTheWhole) {
  const std::vector<Request> requests = zipf_requests(30'000, 5000);
  const KeySample keys(0.25, 3);
  SampledTrace sample(InMemoryWorkload(requests), {}, keys, UINT64_MAX);
  // Marks stand every 1024 requests.
  constexpr uint64_t kWarmup = 10 * 1024;
  const auto warmed = held_by(keys, {requests.begin(), requests.begin() + kWarmup}).size();
  const InternedTrace held(InMemoryWorkload(held_by(keys, requests)), {}, UINT64_MAX);
  const auto by_hand = simulate_grid(held, specs_of({"lru"}), parse_cache_sizes("50"),
                                     {.warmup_requests = warmed}, false);
  const auto estimated = sample.simulate(specs_of({"lru"}), parse_cache_sizes("200"),
                                         {.warmup_requests = kWarmup + 5}, false);
  EXPECT_EQ(estimated[0].counts.gets, requests.size() - kWarmup);
  EXPECT_EQ(estimated[0].counts.misses, 4 * by_hand[0].counts.misses);
  EXPECT_EQ(sample.compulsory_misses(kWarmup), 4 * held.compulsory_misses(warmed));
}

// Over many samples, what they miss the truth by is what they say: a mean square near 1, in
// standard errors, and hardly ever more than 3 of them.
TEST(SampledTrace, ErrorsAreWhatTheyAreSaidToBe) {
  const InMemoryWorkload workload(
      zipf_requests(kSanitized ? 60'000 : 200'000, kSanitized ? 30'000 : 100'000));
  const auto policies = specs_of({"lru", "fifo", "sieve"});
  const auto sizes = sizes_of({"5%", "20%"});
  const InternedTrace whole(workload, {}, UINT64_MAX);
  const auto exact = simulate_grid(whole, policies, sizes, {}, false);
  double squares = 0;
  int compared = 0, beyond = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SampledTrace sample(workload, {}, KeySample(0.1, seed), UINT64_MAX);
    const auto estimated = sample.simulate(policies, sizes, {}, false);
    for (size_t i = 0; i < exact.size(); ++i) {
      const double off = *miss_ratio(estimated[i].counts) - *miss_ratio(exact[i].counts);
      const double errors = off / *estimated[i].miss_ratio_error;
      squares += errors * errors;
      ++compared;
      beyond += std::abs(errors) > 3;
    }
  }
  RecordProperty("mean_square", std::to_string(squares / compared));
  EXPECT_GT(squares / compared, 0.3);
  EXPECT_LT(squares / compared, 2.5);
  EXPECT_LE(beyond, compared / 20);
}

// In caches of 100,000 bytes and of a quarter of that, one object in ten is for the first alone.
TEST(SampledTrace, KnowsWhatSmallerCachesTurnAway) {
  std::vector<Request> requests;
  for (uint64_t key = 0; key < 1000; ++key) {
    const uint64_t bytes = key % 10 == 0 ? 50'000 : key % 10 == 1 ? 200'000 : 100;
    requests.push_back(InMemoryWorkload::request(Op::kGet, key, bytes));
    requests.push_back(InMemoryWorkload::request(Op::kSet, key, 90'000));
  }
  const SampledTrace sample(InMemoryWorkload(requests), {}, KeySample(), UINT64_MAX);
  const auto turned = sample.turned_away(100'000, 0.25);
  EXPECT_DOUBLE_EQ(turned.share_of_gets, 0.1);
  EXPECT_EQ(turned.largest_bytes, 50'000u + 3 + kItemChargeBytes);
  EXPECT_EQ(sample.turned_away(100'000, 0.75).share_of_gets, 0);
}

TEST(SampledTrace, SaysWhatItsPartsSay) {
  const InMemoryWorkload workload(zipf_requests(30'000, 5000));
  SampledTrace sample(workload, {}, KeySample(0.5, 3), UINT64_MAX);
  const auto results = sample.simulate(specs_of({"lru"}), sizes_of({"800", "1000000"}), {}, false);
  EXPECT_NEAR(results[0].miss_ratio_by_parts.value(), *miss_ratio(results[0].counts), 0.05);
  // What has room for all misses the first of each key, in all parts together as in the sample.
  EXPECT_NEAR(results[1].miss_ratio_by_parts.value(), *miss_ratio(results[1].counts), 1e-4);
}

TEST(SampledTrace, WithoutAnyKeyIsRefused) {
  EXPECT_ERROR(kUsage, "no key of the workload is in a sample of 0.0001%: take a larger --sample",
               SampledTrace(InMemoryWorkload::gets({1, 2, 3}), {}, KeySample(1e-6, 1), UINT64_MAX));
  SampledTrace none(InMemoryWorkload({}), {}, KeySample(0.5, 1), UINT64_MAX);
  const auto results = none.simulate(specs_of({"lru"}), parse_cache_sizes("10"), {}, false);
  EXPECT_EQ(results[0].counts.requests, 0u);
}

}  // namespace
}  // namespace cachegauge
