#include "harness/core/report.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cachegauge {
namespace {

CellReport cell(std::string adapter, uint64_t hits) {
  CellReport c;
  c.label = {"t.csv", std::move(adapter), "aside", "none", "closed"};
  c.result.counters.gets = 10;
  c.result.counters.hits = hits;
  c.result.counters.misses = 10 - hits;
  return c;
}

const Summary* find(const CellSummary& summary, std::string_view metric) {
  const auto found = std::find_if(summary.metrics.begin(), summary.metrics.end(),
                                  [&](const auto& m) { return m.first == metric; });
  return found == summary.metrics.end() ? nullptr : &found->second;
}

TEST(Report, IdsHaveAMatchKeyWithoutTheAdapter) {
  EXPECT_EQ(cell("lru", 1).label.id(), "t.csv/lru/aside/none/closed");
  EXPECT_EQ(cell("lru", 1).label.match_key(), "t.csv/aside/none/closed");
}

TEST(Report, SummarisesEachCellOverItsRepetitions) {
  const auto summaries = summarize_cells({cell("lru", 5), cell("lfu", 8), cell("lru", 7)});
  ASSERT_EQ(summaries.size(), 2u);
  EXPECT_EQ(summaries[0].id, "t.csv/lru/aside/none/closed");
  const Summary* ratio = find(summaries[0], "hit_ratio");
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->median, 0.6);
  EXPECT_DOUBLE_EQ(ratio->low, 0.5);
  EXPECT_DOUBLE_EQ(ratio->high, 0.7);
  EXPECT_EQ(ratio->n, 2u);
}

TEST(Report, AMetricThatARepetitionLacksIsLeftOut) {
  CellReport known = cell("lru", 5);
  known.result.adapter.evictions = 3;
  const auto summaries = summarize_cells({known, cell("lru", 5)});
  EXPECT_EQ(find(summaries[0], "evictions"), nullptr);
}

TEST(Report, IncompleteRepetitionsCountOnlyWhereThereIsNoOther) {
  CellReport failed = cell("lru", 1);
  failed.result.failure = "the server died";
  CellReport interrupted = cell("lru", 2);
  interrupted.result.interrupted = true;
  const auto mixed = summarize_cells({failed, cell("lru", 8), interrupted});
  EXPECT_EQ(find(mixed[0], "hits")->n, 1u);
  EXPECT_EQ(find(mixed[0], "hits")->median, 8);
  const auto none = summarize_cells({failed, interrupted});
  EXPECT_EQ(find(none[0], "hits")->n, 2u);
}

TEST(Report, TimesOfACellMergeOverTheRepetitionsThatCount) {
  CellReport first = cell("lru", 5), second = cell("lru", 5), interrupted = cell("lru", 5);
  first.result.timing(Timing::kServiceGet).record(10);
  second.result.timing(Timing::kServiceGet).record(20);
  interrupted.result.timing(Timing::kServiceGet).record(1000);
  interrupted.result.interrupted = true;
  CellReport other = cell("lfu", 5);
  other.result.timing(Timing::kServiceGet).record(7);
  const std::string id = first.label.id();
  const Histogram some =
      merged_timing({first, other, interrupted, second}, id, Timing::kServiceGet);
  EXPECT_EQ(some.count(), 2u);
  EXPECT_EQ(some.max(), 20);
  EXPECT_EQ(merged_timing({interrupted}, id, Timing::kServiceGet).count(), 1u);
}

}  // namespace
}  // namespace cachegauge
