// The real traces that these formats open, with the counts of an independent reader.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <unordered_set>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

struct RealTrace {
  const char* file;
  const char* params;  // beginning with a comma
  const char* format;
  uint64_t requests;
  uint64_t unique_keys;
};

void PrintTo(const RealTrace& trace, std::ostream* out) { *out << trace.file; }

class RealTraces : public ::testing::TestWithParam<RealTrace> {};

TEST_P(RealTraces, HaveTheirCounts) {
  const char* folder = std::getenv("CACHEGAUGE_TRACES");
  if (!folder) GTEST_SKIP() << "CACHEGAUGE_TRACES is not set";
  const RealTrace& trace = GetParam();
  const std::string path = std::filesystem::path(folder) / trace.file;
  const auto workload = make("trace:path=" + path + trace.params);
  const auto rows = read_all(*workload);
  std::unordered_set<std::string> keys;
  int64_t latest_ns = Request::kNoTime;
  for (const Row& row : rows) {
    keys.insert(row.key);
    EXPECT_GE(row.time_ns, latest_ns);
    latest_ns = row.time_ns;
  }
  EXPECT_EQ(rows.size(), trace.requests);
  EXPECT_EQ(keys.size(), trace.unique_keys);
  EXPECT_EQ(workload->traits().format, trace.format);
  EXPECT_EQ(workload->traits().has_sets, std::string_view(trace.format) == "meta-kv");
}

INSTANTIATE_TEST_SUITE_P(
    All, RealTraces,
    ::testing::Values(
        RealTrace{"libCacheSim__cloudPhysicsIO.csv", "", "csv", 113'872, 48'974},
        RealTrace{"libCacheSim__cloudPhysicsIO.oracleGeneral.bin", "", "oraclegeneral", 113'872,
                  48'974},
        RealTrace{"caffeine__cache2k__web07.trace.xz", ",format=int32be", "int32be", 76'118,
                  20'484},
        RealTrace{"caffeine__corda__trace_vaultservice.gz", ",format=int64be", "int64be", 135'702,
                  90'468},
        RealTrace{"caffeine__lirs__multi1.trace.gz", "", "lirs", 15'858, 2'606},
        RealTrace{"caffeine__lirs__loop.trace.gz", "", "lirs", 505'500, 1'011},
        RealTrace{"caffeine__lirs__ps.trace.gz", "", "lirs", 10'448, 3'083},
        RealTrace{"elastic-examples__apache_logs", "", "accesslog", 10'000, 1'498},
        RealTrace{"webcachesim__test.tr", "", "tis", 10'492, 960},
        RealTrace{"caffeine__adapt_size__request.trace.xz", "", "tis", 66'987, 36'815},
        RealTrace{"moka-cache-trace__arc__OLTP.lis.zst", "", "arc", 914'145, 186'880},
        RealTrace{"libCacheSim__cloudPhysicsIO.vscsi", "", "vscsi", 113'872, 48'974},
        RealTrace{"CacheLib__kvcache__kv_traces_1.csv", "", "meta-kv", 691, 52},
        RealTrace{"CacheLib__block_chunk__block_traces_1.csv", "", "meta-block", 999, 625}),
    [](const auto& test) {
      std::string name = test.param.file;
      std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
      return name;
    });

TEST(RealTrace, OneTraceInThreeFormatsIsTheSameRequests) {
  const char* folder = std::getenv("CACHEGAUGE_TRACES");
  if (!folder) GTEST_SKIP() << "CACHEGAUGE_TRACES is not set";
  const std::string base = std::filesystem::path(folder) / "libCacheSim__cloudPhysicsIO";
  const auto text = read_all(base + ".csv");
  const auto binary = read_all(base + ".oracleGeneral.bin");
  const auto vscsi = read_all(base + ".vscsi");
  ASSERT_EQ(text.size(), binary.size());
  ASSERT_EQ(text.size(), vscsi.size());
  for (size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(text[i].key, binary[i].key) << "request " << i;
    ASSERT_EQ(text[i].integer, binary[i].integer) << "request " << i;
    ASSERT_EQ(text[i].time_ns, binary[i].time_ns) << "request " << i;
    ASSERT_EQ(text[i].key, vscsi[i].key) << "request " << i;
    ASSERT_EQ(text[i].value_size_bytes, vscsi[i].value_size_bytes) << "request " << i;
    // Sizes are left out: the binary file's writer kept the first size of a key for the next ones.
  }
}

TEST(RealTrace, MetaKvHasTheOperationsAndSizesOfItsRows) {
  const char* folder = std::getenv("CACHEGAUGE_TRACES");
  if (!folder) GTEST_SKIP() << "CACHEGAUGE_TRACES is not set";
  const auto rows = read_all(std::string(folder) + "/CacheLib__kvcache__kv_traces_1.csv");
  EXPECT_EQ(
      rows[0],
      (Row{.key = "82131353f9ddc8c6", .time_ns = 0, .value_size_bytes = 87, .key_size_bytes = 48}));
  EXPECT_EQ(rows[1], rows[3]) << "a row of op_count 3";
  uint64_t sets = 0, deletes = 0;
  for (const Row& row : rows) {
    sets += row.op == Op::kSet;
    deletes += row.op == Op::kDelete;
  }
  EXPECT_EQ(sets, 10u);
  EXPECT_EQ(deletes, 3u);
}

}  // namespace
}  // namespace cachegauge::testing
