#include <gtest/gtest.h>

#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

std::string parsed(std::string_view text) {
  try {
    return parse_workload_spec(text).text();
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(WorkloadSpec, AKnownKindWinsAndTheRestArePaths) {
  EXPECT_EQ(parsed("zipf:keys=1M,alpha=0.9"), "zipf:keys=1M,alpha=0.9");
  EXPECT_EQ(parsed("zipf"), "zipf");
  EXPECT_EQ(parsed("./zipf"), "trace:path=./zipf");
  EXPECT_EQ(parsed("zipf.csv"), "trace:path=zipf.csv");
  EXPECT_EQ(parsed("access.log"), "trace:path=access.log");
  EXPECT_EQ(parsed("/data/12:30=a.csv"), "trace:path=/data/12:30=a.csv");
  EXPECT_EQ(parsed("trace:path=t.csv.zst,format=csv"), "trace:path=t.csv.zst,format=csv");
}

TEST(WorkloadSpec, APathMayHoldWhatTheGrammarUses) {
  EXPECT_EQ(parse_workload_spec("a,b=c.csv").text("path", ""), "a,b=c.csv");
  EXPECT_EQ(parse_workload_spec("12:30.csv").text("path", ""), "12:30.csv");
}

TEST(WorkloadSpec, AKindWithASlipIsNoPath) {
  EXPECT_EQ(parsed("zipff:keys=1M"),
            "unknown workload \"zipff\"; did you mean zipf? Valid: trace, zipf, uniform, "
            "sequential, hotspot, gaussian, latest, shifting, scan-mix, etc, by-class");
  EXPECT_EQ(error_of("zipff"), "zipff: no such file; did you mean zipf?");
  EXPECT_EQ(exit_code_of("zipff"), ExitCode::kFailed);
  EXPECT_EQ(exit_code_of("zipff:keys=1"), ExitCode::kUsage);
  EXPECT_NE(parsed(""), "");
}

TEST(WorkloadSpec, EveryRowIsFitToBeListed) {
  for (const WorkloadKind& kind : workload_kinds()) {
    EXPECT_FALSE(kind.summary.empty() || kind.params.empty()) << kind.name;
  }
  for (const TraceFormat& format : trace_formats()) {
    EXPECT_FALSE(format.summary.empty() || format.extensions.empty()) << format.name;
    EXPECT_TRUE(format.match && format.make) << format.name;
  }
}

}  // namespace
}  // namespace cachegauge::testing
