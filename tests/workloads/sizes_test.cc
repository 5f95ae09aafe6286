#include "workloads/sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/workloads/goodness_of_fit.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

TEST(ValueSizes, AKeyHasOneSize) {
  std::map<std::string, uint64_t> sizes;
  for (const Row& row : read_all("zipf:keys=1k,requests=50k,value=lognormal,value.median=1KiB")) {
    const auto [known, is_new] = sizes.emplace(row.key, row.value_size_bytes);
    ASSERT_EQ(known->second, row.value_size_bytes) << "key " << row.key;
  }
  EXPECT_GT(sizes.size(), 900u);
}

TEST(ValueSizes, LognormalHasItsMedianAndSpread) {
  std::vector<double> logs;
  for (const Row& row :
       read_all("sequential:keys=100k,requests=100k,value=lognormal,value.median=64KiB,"
                "value.sigma=1.5")) {
    logs.push_back(std::log(static_cast<double>(row.value_size_bytes)));
  }
  double sum = 0, squares = 0;
  for (const double value : logs) {
    sum += value;
    squares += value * value;
  }
  const double n = static_cast<double>(logs.size());
  const double mean = sum / n;
  // Five standard errors: 5 · 1.5 / sqrt(100k) and 5 · 1.5 / sqrt(200k).
  EXPECT_NEAR(mean, std::log(65536), 0.024);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 1.5, 0.017);
}

TEST(ValueSizes, AreBoundedAndFollowTheSeed) {
  const char* kSpec = "sequential:requests=1k,value=lognormal,value.sigma=8,value.max=1KiB";
  const auto rows = read_all(kSpec);
  for (const Row& row : rows) {
    ASSERT_GE(row.value_size_bytes, 1u);
    ASSERT_LE(row.value_size_bytes, 1024u);
  }
  EXPECT_NE(read_all(std::string(kSpec) + ",seed=1"), rows);
}

TEST(ValueSizes, DefaultsAreFilledIn) {
  constexpr std::string_view kResolved =
      "sequential:requests=1,value=lognormal,keys=1M,seed=42,value.median=100,value.sigma=1.0,"
      "value.max=1GiB";
  EXPECT_EQ(make("sequential:requests=1,value=lognormal")->spec().text(), kResolved);
  EXPECT_EQ(make(kResolved)->spec().text(), kResolved);
}

TEST(ValueSizes, OfTracesWithoutSizes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.keys", "a\nb\na\n");
  const auto workload = make("trace:value=lognormal,path=" + path);
  const auto rows = read_all(*workload);
  EXPECT_EQ(rows[0].value_size_bytes, rows[2].value_size_bytes);
  EXPECT_NE(rows[0].value_size_bytes, rows[1].value_size_bytes);
  EXPECT_EQ(workload->spec().text("seed", ""), "42");
  EXPECT_EQ(read_all(workload->spec().text()), rows);
}

// Of every key once, as doubles.
std::vector<double> value_sizes(const std::string& params) {
  std::vector<double> sizes;
  for (const Row& row : read_all("sequential:keys=100k,requests=100k," + params)) {
    sizes.push_back(static_cast<double>(row.value_size_bytes));
  }
  return sizes;
}

TEST(ValueSizes, UniformHasEachSizeAlike) {
  std::vector<double> counts(51);
  for (const double size : value_sizes("value=uniform,value.min=50,value.max=100")) {
    ++counts.at(static_cast<size_t>(size) - 50);
  }
  EXPECT_LT(std::abs(chi_square_deviation(counts, std::vector<double>(51, 100'000 / 51.0))), 4);
}

TEST(ValueSizes, ParetoHasItsTail) {
  EXPECT_LT(kolmogorov_smirnov(
                value_sizes("value=pareto,value.min=1MiB,value.shape=1.5,value.max=1024GiB"),
                [](double size) { return 1 - std::pow(size / 1048576, -1.5); }),
            1.95);
}

TEST(ValueSizes, WeightedHasItsShares) {
  std::map<double, double> counts;
  for (const double size : value_sizes("value=weighted,value.sizes=100:70+1KiB:25+64KiB:5")) {
    ++counts[size];
  }
  ASSERT_EQ(counts.size(), 3u);
  EXPECT_LT(std::abs(chi_square_deviation({counts[100], counts[1024], counts[65536]},
                                          {70'000, 25'000, 5'000})),
            4);
}

// The paper's head, and its generalised Pareto tail of the rest.
TEST(ValueSizes, EtcHasThePapersHeadAndTail) {
  constexpr double kHead[] = {0.00536, 0.00047, 0.17820, 0.09239, 0.00018,
                              0.02740, 0.00065, 0.00606, 0.00023, 0.00837,
                              0.00837, 0.08989, 0.00092, 0.00326, 0.01980};
  const auto tail = [](double x) {
    return 1 - std::pow(1 + 0.348238 * x / 214.476, -1 / 0.348238);
  };
  std::vector<double> expected, counts(1000);
  for (const double share : kHead) expected.push_back(share * 100'000);
  // Rounded: a size is what lies within half a byte of it.
  for (int size = 15; size < 999; ++size) {
    const double low = size == 15 ? 0 : tail(size - 15.5);
    expected.push_back((tail(size - 14.5) - low) * (1 - 0.44155) * 100'000);
  }
  expected.push_back((1 - tail(999 - 15.5)) * (1 - 0.44155) * 100'000);
  for (const double size : value_sizes("value=etc")) {
    ++counts[static_cast<size_t>(std::min(size, 999.0))];
  }
  EXPECT_LT(std::abs(chi_square_deviation(counts, expected)), 4);
}

TEST(KeySizes, EtcFollowsThePapersExtremeValueDistribution) {
  const auto gev = [](double x) {
    return std::exp(-std::pow(1 + 0.078688 * (x - 30.7984) / 8.20449, -1 / 0.078688));
  };
  std::vector<double> counts(101), expected(101);
  for (const Row& row : read_all("sequential:keys=100k,requests=100k,key=etc")) {
    ++counts[std::min(row.key_size_bytes, 100u)];
  }
  for (int size = 1; size < 100; ++size) {
    expected[size] = (gev(size + 0.5) - (size == 1 ? 0 : gev(size - 0.5))) * 100'000;
  }
  expected[100] = (1 - gev(99.5)) * 100'000;
  EXPECT_LT(std::abs(chi_square_deviation(counts, expected)), 4);
}

TEST(KeySizes, AreApartFromValueSizes) {
  const auto rows = read_all(
      "sequential:requests=1k,key=uniform,key.min=10,key.max=99,value=uniform,value.min=10,"
      "value.max=99");
  size_t equal = 0;
  for (const Row& row : rows) equal += row.key_size_bytes == row.value_size_bytes;
  EXPECT_LT(equal, 40u);
  EXPECT_EQ(make("sequential:requests=1,key=uniform")->spec().text(),
            "sequential:requests=1,key=uniform,keys=1M,seed=42,value=100,key.min=1,key.max=200");
}

TEST(ValueSizes, BadParametersAreNamed) {
  EXPECT_EQ(error_of("zipf:value=10x"),
            "zipf:value: expected a size such as 64MiB, got \"10x\" (units: B KiB MiB GiB)");
  EXPECT_EQ(error_of("zipf:value=lognormel"),
            "unknown value size \"lognormel\"; did you mean lognormal? Valid: fixed, lognormal, "
            "uniform, pareto, weighted, etc");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.medain=5"),
            "unknown parameter of lognormal \"medain\"; did you mean median? Valid: median, sigma, "
            "max");
  EXPECT_EQ(error_of("zipf:value.median=5"),
            "zipf:value.median needs value=lognormal or another kind");
  EXPECT_EQ(error_of("zipf:value=100,value.median=5"),
            "zipf:value=100 is one size, and takes no value.median");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.median=2KiB,value.max=1KiB"),
            "value=lognormal: expected 1 <= median <= max, got 2 KiB and 1 KiB");
  EXPECT_EQ(error_of("zipf:value=weighted"),
            "value=weighted: expected sizes with their weights, such as 100:70+1KiB:30, got \"\"");
  EXPECT_EQ(error_of("zipf:value=weighted,value.sizes=1:0"),
            "value=weighted: expected a weight of more than 0, got \"1:0\"");
  EXPECT_EQ(error_of("zipf:value=uniform,value.min=5,value.max=4"),
            "value=uniform: expected 1 <= min <= max, got 5 B and 4 B");
  EXPECT_EQ(error_of("zipf:key=2MiB"), "key.size: a key of more than 1 MiB");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.sigma=11"),
            "value=lognormal: expected a sigma from 0 to 10, got 11");
}

}  // namespace
}  // namespace cachegauge::testing
