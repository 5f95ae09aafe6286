#include <gtest/gtest.h>

#include <map>
#include <unordered_set>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

size_t distinct_keys(std::string_view spec) {
  std::unordered_set<uint64_t> keys;
  std::vector<Request> batch(1000);
  const auto source = make(spec)->open();
  while (const size_t count = source->read(batch)) {
    for (size_t i = 0; i < count; ++i) keys.insert(batch[i].integer_key);
  }
  return keys.size();
}

// Rows but for their operation.
std::vector<Row> without_ops(std::vector<Row> rows) {
  for (Row& row : rows) row.op = Op::kGet;
  return rows;
}

TEST(Generators, ZipfIsTheSequenceOfTheReference) {
  // seeds.md: 1M requests over 100k keys, alpha 1, seed 42.
  EXPECT_EQ(distinct_keys("zipf:keys=100k,requests=1M"), 80'759u);
}

// The first draws, from Python: bisect.bisect_right over the same sums.
TEST(Generators, ZipfBeginsAsThePythonReferenceDoes) {
  EXPECT_EQ(
      keys_of(read_all("zipf:keys=100k,requests=10")),
      (std::vector<std::string>{"4396", "4", "16", "36", "1", "20329", "8", "8978", "34", "993"}));
}

TEST(Generators, SequentialGoesRound) {
  EXPECT_EQ(keys_of(read_all("sequential:keys=3,requests=7")),
            (std::vector<std::string>{"1", "2", "3", "1", "2", "3", "1"}));
}

TEST(Generators, UniformTakesEveryKeyAlike) {
  std::map<std::string, int> counts;
  for (const std::string& key : keys_of(read_all("uniform:keys=10,requests=100k"))) ++counts[key];
  ASSERT_EQ(counts.size(), 10u);
  EXPECT_TRUE(counts.contains("1") && counts.contains("10"));
  // Five standard deviations of a binomial(100k, 0.1) are 474.
  for (const auto& [key, count] : counts) EXPECT_NEAR(count, 10'000, 474) << key;
}

TEST(Generators, DefaultsAreGetsOfHundredByteValues) {
  const auto workload = make("sequential:requests=1");
  EXPECT_EQ(read_all(*workload), (std::vector<Row>{{.key = "1", .integer = true}}));
  EXPECT_EQ(workload->spec().text(), "sequential:requests=1,keys=1M,seed=42,value=100");
  EXPECT_EQ(workload->traits().format, "sequential");
  EXPECT_EQ(workload->traits().requests, 1u);
  EXPECT_FALSE(workload->traits().has_sets);
  EXPECT_EQ(make("zipf")->spec().text(), "zipf:keys=1M,requests=1M,seed=42,value=100,alpha=1.0");
}

TEST(Generators, OpeningAgainAndBatchSizesChangeNothing) {
  for (const char* spec :
       {"zipf:keys=5k,requests=20011,get=5,set=2,add=1,delete=1,value=lognormal",
        "uniform:keys=5k,requests=20011,get=5,set=2", "hotspot:keys=5k,requests=20011",
        "gaussian:keys=5k,requests=20011", "latest:keys=5k,requests=20011",
        "shifting:keys=5k,requests=20011,every=3k", "scan-mix:keys=5k,requests=20011",
        "etc:keys=5k,requests=20011", "zipf:keys=20M,requests=20011,key=lognormal",
        "sequential:keys=77,requests=20011,set=1"}) {
    const auto workload = make(spec);
    const auto rows = read_all(*workload);
    ASSERT_EQ(rows.size(), 20'011u);
    for (const size_t batch : {1, 7, 256, 10'000}) {
      ASSERT_EQ(read_all(*workload, batch), rows) << spec << ", batches of " << batch;
    }
    EXPECT_EQ(read_all(spec), rows) << "made anew";
    EXPECT_EQ(read_all(workload->spec().text()), rows) << "made from the resolved spec";
  }
}

TEST(Generators, AnotherSeedIsAnotherSequence) {
  EXPECT_NE(read_all("zipf:requests=100"), read_all("zipf:requests=100,seed=43"));
  EXPECT_NE(read_all("uniform:requests=100"), read_all("uniform:requests=100,seed=43"));
}

TEST(Generators, TheMixOfOperationsLeavesTheKeysAlone) {
  const auto mixed = read_all("zipf:keys=1k,requests=100k,get=10,set=5,delete=3,add=2");
  EXPECT_EQ(without_ops(mixed), read_all("zipf:keys=1k,requests=100k"));
  std::map<Op, int> counts;
  for (const Row& row : mixed) ++counts[row.op];
  // Five standard deviations are below 800.
  EXPECT_NEAR(counts[Op::kGet], 50'000, 800);
  EXPECT_NEAR(counts[Op::kSet], 25'000, 800);
  EXPECT_NEAR(counts[Op::kDelete], 15'000, 800);
  EXPECT_NEAR(counts[Op::kAdd], 10'000, 800);
}

TEST(Generators, AWeightOfZeroIsNever) {
  for (const Row& row : read_all("uniform:requests=10k,get=0,delete=0.5")) {
    ASSERT_EQ(row.op, Op::kDelete);
  }
  EXPECT_TRUE(make("zipf:get=0,add=1")->traits().has_sets);
  EXPECT_FALSE(make("zipf:delete=1")->traits().has_sets);
}

TEST(Generators, SizesAndTtlOfEveryRequest) {
  EXPECT_EQ(read_all("sequential:requests=1,value=64KiB,key=16,ttl=60s"),
            (std::vector<Row>{{.key = "1",
                               .integer = true,
                               .value_size_bytes = 65536,
                               .ttl_ns = 60'000'000'000,
                               .key_size_bytes = 16}}));
}

TEST(Generators, BadParametersAreNamed) {
  EXPECT_EQ(error_of("zipf:kees=5").substr(0, 51),
            "unknown parameter of zipf \"kees\"; did you mean keys");
  EXPECT_EQ(error_of("uniform:keys=0"), "uniform:keys: expected at least 1");
  EXPECT_EQ(error_of("uniform:requests=0"), "uniform:requests: expected at least 1");
  EXPECT_EQ(error_of("zipf:alpha=-1"), "zipf:alpha: expected a skew from 0 to 10, got -1");
  EXPECT_EQ(error_of("zipf:keys=2000000M"),
            "zipf:keys: at most 1,099,511,627,776 keys, got 2,000,000,000,000");
  EXPECT_EQ(error_of("zipf:get=0"), "zipf: get, set, delete and add all have weight 0");
  EXPECT_EQ(error_of("zipf:set=-1"), "zipf:set: a weight cannot be negative");
  EXPECT_EQ(error_of("zipf:keys=1M,key=4"),
            "zipf:key: expected a key size of at least 7 bytes (the digits of key 1000000), got 4");
  EXPECT_EQ(error_of("zipf:keys.x=1"), "zipf:keys.x: \"keys\" has no parts");
  EXPECT_NE(error_of("uniform:alpha=1"), "") << "only zipf has a skew";
  EXPECT_EQ(exit_code_of("zipf:ttl=5"), ExitCode::kUsage);
}

}  // namespace
}  // namespace cachegauge::testing
