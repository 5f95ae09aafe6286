// Exact counts: the Zipf sequence that other tools were measured on, and miss counts on real
// traces. Each trace goes through the policy alone, with dense ids as slots as the simulator has
// it, and through the cache that holds keys and values; both must agree, victim by victim.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/local/cache.h"
#include "adapters/local/policies/policy_list.h"
#include "harness/core/random.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

using Ids = std::vector<uint32_t>;

// Numbers the keys in the order of their first appearance.
Ids densify(const std::vector<uint64_t>& keys) {
  Ids ids;
  std::unordered_map<uint64_t, uint32_t> numbers;
  for (const uint64_t key : keys) {
    ids.push_back(numbers.try_emplace(key, static_cast<uint32_t>(numbers.size())).first->second);
  }
  return ids;
}

uint32_t count_unique(const Ids& ids) {
  return ids.empty() ? 0 : *std::max_element(ids.begin(), ids.end()) + 1;
}

template <class Policy>
constexpr bool is_offline = (Policy::kInfo.needs & kNeedsTheFuture) != 0;

struct Replay {
  uint64_t hits = 0;
  std::vector<uint32_t> victims;
};

struct SlotSink : DeafSink {
  explicit SlotSink(std::vector<uint32_t>& v) : victims(v) {}
  bool evicted(uint32_t slot) {
    victims.push_back(slot);
    return true;
  }
  std::vector<uint32_t>& victims;
};

// Where each id comes next.
std::vector<uint64_t> next_uses(const Ids& ids) {
  std::vector<uint64_t> uses(ids.size());
  std::vector<uint64_t> upcoming(count_unique(ids), kNeverUsed);
  for (size_t i = ids.size(); i-- > 0;) uses[i] = std::exchange(upcoming[ids[i]], i);
  return uses;
}

template <class Policy>
Replay replay_slots(const Ids& ids, const PolicySettings& settings) {
  Replay replay;
  SlotSink sink(replay.victims);
  Policy policy(settings);
  policy.reserve(count_unique(ids));
  std::vector<uint64_t> future;
  if (is_offline<Policy>) future = next_uses(ids);
  for (size_t i = 0; i < ids.size(); ++i) {
    const uint32_t id = ids[i];
    Access access = {.slot = id, .key_hash = hash_integer_key(id)};
    if (is_offline<Policy>) access.next_use = future[i];
    if (policy.resident(id)) {
      ++replay.hits;
      policy.hit(access, sink);
    } else {
      policy.insert(access, sink);
    }
  }
  return replay;
}

struct KeyObserver {
  std::vector<uint32_t>* victims;
  void removed(std::string_view key, bool) {
    victims->push_back(static_cast<uint32_t>(std::stoul(std::string(key))));
  }
};

template <class Policy>
Replay replay_cache(const Ids& ids, const PolicySettings& settings) {
  Replay replay;
  LocalCache<Policy, KeyObserver> cache(settings, {&replay.victims});
  for (const uint32_t id : ids) {
    const std::string text = std::to_string(id);
    const HashedKey key{text, hash_integer_key(id)};
    if (cache.get(key, 0)) {
      ++replay.hits;
    } else {
      EXPECT_EQ(cache.set(key, "value", 0, 0), Outcome::kStored);
    }
  }
  return replay;
}

// The hits of both uses, which must be the same; an offline policy has but one.
template <class Policy>
uint64_t hits(const Ids& ids, PolicyCapacity capacity, std::string_view params = "",
              uint64_t seed = 42) {
  const Spec spec = Spec::parse(std::string(Policy::kInfo.name) + std::string(params));
  const PolicySettings settings = {capacity, spec, seed};
  const Replay slots = replay_slots<Policy>(ids, settings);
  if (is_offline<Policy>) return slots.hits;
  const Replay cache = replay_cache<Policy>(ids, settings);
  EXPECT_EQ(slots.hits, cache.hits) << Policy::kInfo.name;
  EXPECT_TRUE(slots.victims == cache.victims) << Policy::kInfo.name;
  return cache.hits;
}

// 1M requests over 100k keys, alpha = 1, seed 42: ranks by inverting the CDF with one draw each.
Ids zipf_ranks() {
  std::vector<double> cdf;
  double total = 0;
  for (int rank = 1; rank <= 100'000; ++rank) cdf.push_back(total += 1.0 / rank);
  for (double& f : cdf) f /= total;
  cdf.back() = 1;
  SplitMix64 random(42);
  Ids ids(1'000'000);
  for (uint32_t& id : ids) {
    const auto rank = std::upper_bound(cdf.begin(), cdf.end(), random.uniform());
    id = static_cast<uint32_t>(rank - cdf.begin());
  }
  return ids;
}

TEST(ReferenceCounts, ZipfHitsAreThoseOfTheCachesPeopleKnow) {
  const Ids ids = zipf_ranks();
  const PolicyCapacity capacity = {.limit = 10'000};
  EXPECT_EQ(hits<LruPolicy>(ids, capacity), 734'782u);
  EXPECT_EQ(hits<FifoPolicy>(ids, capacity), 699'173u);
  EXPECT_EQ(hits<LfuPolicy>(ids, capacity), 775'193u);
  EXPECT_EQ(hits<LfuPolicy>(ids, capacity, ":tie=inserted"), 775'193u);
  EXPECT_EQ(hits<TtlPolicy>(ids, capacity, ":ttl=3600s"), 734'782u);
  EXPECT_EQ(hits<UnboundedPolicy>(ids, {}), 919'241u);
  EXPECT_EQ(hits<BeladyPolicy>(ids, capacity), 842'758u);
}

TEST(ReferenceCounts, RandomHitsOnZipfAreInTheBandOfTheCachesPeopleKnow) {
  const Ids ids = zipf_ranks();
  for (uint64_t seed = 1; seed <= (kSanitized ? 1u : 4u); ++seed) {
    EXPECT_NEAR(static_cast<double>(hits<RandomPolicy>(ids, {.limit = 10'000}, "", seed)),
                (699'575 + 700'046) / 2.0, 500.0);
  }
}

// A file's bytes, inflated if they are gzip.
std::string read_file(const std::string& path) {
  std::string bytes;
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return bytes;
  char buffer[1 << 16];
  for (int n; (n = gzread(file, buffer, sizeof(buffer))) > 0;) bytes.append(buffer, n);
  gzclose(file);
  return bytes;
}

template <class Integer>
Integer load(const char* from) {
  Integer value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// {u32 time, u64 id, u32 size, i64 next access}, little-endian, packed.
std::vector<uint64_t> parse_oracle_general(const std::string& bytes) {
  std::vector<uint64_t> keys;
  for (size_t at = 0; at + 24 <= bytes.size(); at += 24) {
    keys.push_back(load<uint64_t>(bytes.data() + at + 4));
  }
  return keys;
}

std::vector<uint64_t> parse_int64_big_endian(const std::string& bytes) {
  std::vector<uint64_t> keys;
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    keys.push_back(__builtin_bswap64(load<uint64_t>(bytes.data() + at)));
  }
  return keys;
}

// Lines of numbers, the key in the given field; "*" marks a line to skip.
std::vector<uint64_t> parse_text(const std::string& bytes, int field) {
  std::vector<uint64_t> keys;
  std::istringstream lines(bytes);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '*') continue;
    std::istringstream fields(line);
    uint64_t key = 0;
    for (int i = 0; i <= field; ++i) fields >> key;
    keys.push_back(key);
  }
  return keys;
}

std::vector<uint64_t> parse_lirs(const std::string& bytes) { return parse_text(bytes, 0); }
std::vector<uint64_t> parse_time_id_size(const std::string& bytes) { return parse_text(bytes, 1); }

struct Trace {
  const char* name;  // in ground-truth.csv
  const char* file;
  std::vector<uint64_t> (*parse)(const std::string& bytes);
  size_t requests;
};
constexpr Trace kTraces[] = {
    {"libCacheSim__cloudPhysicsIO", "libCacheSim__cloudPhysicsIO.oracleGeneral.bin",
     parse_oracle_general, 113'872},
    {"caffeine__corda__trace_vaultservice.gz", "caffeine__corda__trace_vaultservice.gz",
     parse_int64_big_endian, 135'702},
    {"caffeine__lirs__multi1.trace.gz", "caffeine__lirs__multi1.trace.gz", parse_lirs, 15'858},
    {"caffeine__lirs__loop.trace.gz", "caffeine__lirs__loop.trace.gz", parse_lirs, 505'500},
    {"caffeine__lirs__ps.trace.gz", "caffeine__lirs__ps.trace.gz", parse_lirs, 10'448},
    {"webcachesim__test.tr", "webcachesim__test.tr", parse_time_id_size, 10'492},
};

// A sanitizer finds in the short ones what it would find in the long ones.
constexpr size_t kMostRequests = kSanitized ? 20'000 : SIZE_MAX;

struct Expected {
  std::string policy;
  uint64_t capacity;
  uint64_t misses;
};

// Rows are `trace,policy,params,cache_size_objects,requests,misses,miss_ratio`.
std::map<std::string, std::vector<Expected>> read_ground_truth(const std::string& path) {
  std::map<std::string, std::vector<Expected>> truth;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::vector<std::string> row;
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
    if (row.size() < 6 || row[0] == "trace") continue;
    truth[row[0]].push_back({row[1], std::stoull(row[3]), std::stoull(row[5])});
  }
  return truth;
}

// Those of the reference whose counts are exact.
using ExactPolicies = PolicyTypes<FifoPolicy, LruPolicy, ClockPolicy, SievePolicy, LfuPolicy,
                                  S3FifoPolicy, ArcPolicy, TwoQueuesPolicy, BeladyPolicy>;

// SLRU and W-TinyLFU are other algorithms there (their headers say how), and some caches of a few
// entries hold nothing there.
bool comparable(const Expected& row) {
  if (row.policy == "slru" || row.policy == "wtinylfu" || row.policy == "lirs") return false;
  if (row.policy == "s3fifo") return row.capacity >= 20;
  return row.policy != "2q" || row.capacity >= 4;
}

TEST(ReferenceCounts, MissesOnRealTracesAreThoseOfTheReference) {
  const char* folder = std::getenv("CACHEGAUGE_TRACES");
  if (!folder) GTEST_SKIP() << "CACHEGAUGE_TRACES is not set";
  const auto truth = read_ground_truth(std::string(folder) + "/../reference/ground-truth.csv");
  if (truth.empty()) GTEST_SKIP() << "no reference/ground-truth.csv beside " << folder;
  int compared = 0;
  for (const Trace& trace : kTraces) {
    if (trace.requests > kMostRequests) continue;
    SCOPED_TRACE(trace.name);
    const Ids ids = densify(trace.parse(read_file(std::string(folder) + "/" + trace.file)));
    ASSERT_EQ(ids.size(), trace.requests);
    for (const Expected& row : truth.at(trace.name)) {
      ExactPolicies::for_each([&]<class Policy>() {
        if (Policy::kInfo.name != row.policy || !comparable(row)) return;
        EXPECT_EQ(ids.size() - hits<Policy>(ids, {.limit = row.capacity}), row.misses)
            << row.policy << " with " << row.capacity << " entries";
        ++compared;
      });
      if (row.policy == "lirs" && row.capacity >= 100) {  // which bounds its ghosts otherwise
        const auto misses =
            static_cast<double>(ids.size() - hits<LirsPolicy>(ids, {.limit = row.capacity}));
        EXPECT_NEAR(misses, static_cast<double>(row.misses), static_cast<double>(ids.size()) / 100)
            << "lirs with " << row.capacity << " entries";
      }
    }
  }
  EXPECT_EQ(compared, kSanitized ? 3 * 9 * 3 - 7 : 6 * 9 * 3 - 10);
}

}  // namespace
}  // namespace cachegauge
