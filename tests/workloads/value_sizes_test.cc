#include "workloads/value_sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

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

TEST(ValueSizes, BadParametersAreNamed) {
  EXPECT_EQ(error_of("zipf:value=10x"),
            "zipf:value: expected a size such as 64MiB, got \"10x\" (units: B KiB MiB GiB)");
  EXPECT_EQ(error_of("zipf:value=lognormel"),
            "unknown value size \"lognormel\"; did you mean lognormal? Valid: fixed, lognormal");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.medain=5"),
            "unknown parameter of lognormal \"medain\"; did you mean median? Valid: median, sigma, "
            "max");
  EXPECT_EQ(error_of("zipf:value.median=5"), "zipf:value.median needs value=lognormal");
  EXPECT_EQ(error_of("zipf:value=100,value.median=5"),
            "zipf:value=100 is one size, and takes no value.median");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.median=2KiB,value.max=1KiB"),
            "value=lognormal: expected 1 <= median <= max, got 2 KiB and 1 KiB");
  EXPECT_EQ(error_of("zipf:value=lognormal,value.sigma=11"),
            "value=lognormal: expected a sigma from 0 to 10, got 11");
}

}  // namespace
}  // namespace cachegauge::testing
