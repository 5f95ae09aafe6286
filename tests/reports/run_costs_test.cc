#include "reports/run_costs.h"

#include <gtest/gtest.h>

#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

using Sentences = std::vector<std::string>;

Sentences sentences(std::vector<CellReport> cells) {
  RunReport report;
  report.cells = std::move(cells);
  return cost_sentences(compare_run(report).front());
}

TEST(RunCosts, ThereIsNothingToSayOfACacheAlone) {
  EXPECT_EQ(sentences({sample_cell("lru", 700, 1)}), Sentences{});
}

TEST(RunCosts, TellsOfTiersAndTheirStaleness) {
  CellReport cell = sample_cell("tiered", 700, 1);
  cell.result.adapter_statistics = {
      {"l1_hits", 600}, {"l1_misses", 400}, {"l2_hits", 100}, {"l2_misses", 300}};
  EXPECT_EQ(sentences({cell}),
            Sentences{"tiered: its l1 answered 60.00% of the gets, its l2 25.00% of the rest."});
  cell.result.counters.stale = 12;
  EXPECT_EQ(sentences({cell}).at(0),
            "tiered: its l1 answered 60.00% of the gets, its l2 25.00% of the rest; 12 hits were "
            "stale.");
}

TEST(RunCosts, TellsOfSerialisationAndOfNamesOfKeys) {
  CellReport cell = sample_cell("lru+json", 700, 1);
  cell.result.timing(Timing::kEncode).record(1000);
  cell.result.timing(Timing::kDecode).record(3000);
  cell.result.timing(Timing::kKeyName).record(200);
  cell.result.layers = LayerCounts{.plain_bytes = 100,
                                   .encoded_bytes = 125,
                                   .keys_named = 10,
                                   .plain_key_bytes = 35,
                                   .named_key_bytes = 160,
                                   .keys_in_collisions = 2};
  const Sentences told = sentences({cell});
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(
      told[0].starts_with("lru+json: a value takes 1.00 us to encode and 3.00 us to decode "
                          "at the mean, "))
      << told[0];
  EXPECT_TRUE(told[0].ends_with(" of all response time; encoded it has 1.25 times its bytes."))
      << told[0];
  EXPECT_EQ(told[1],
            "lru+json: keys of 3.5 bytes are sent with 16.0, which takes 200 ns to make; 2 keys "
            "have a name that another has as well.");
}

TEST(RunCosts, ComparesSharedValuesWithCopies) {
  CellReport copies = sample_cell("lru:entries=9", 700, 1);
  CellReport shares = sample_cell("lru:copy=share,entries=9", 700, 1);
  CellReport other = sample_cell("lru:entries=8", 700, 1);
  for (CellReport* cell : {&copies, &shares, &other}) {
    cell->adapter_kind = "lru";
    cell->result.counters.hit_bytes = 70'000;
    cell->result.adapter_settings = {{"copy", cell == &shares ? "share" : "copy"}};
  }
  const Sentences told = sentences({other, copies, shares});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(
      told[0].starts_with("lru:copy=share,entries=9 hands out the values that it holds, and "
                          "spares a copy of 100.0 bytes a hit: a get takes "))
      << told[0];
  EXPECT_EQ(sentences({other, shares}),
            Sentences{"lru:copy=share,entries=9 hands out the values that it holds."});
  shares.result.layers = LayerCounts{.values_changed = 5};
  shares.result.counters.corrupt = 40;
  EXPECT_EQ(sentences({shares}).at(0),
            "lru:copy=share,entries=9: the caller changed 5 values that it was given, and 40 hits "
            "were corrupt.");
}

}  // namespace
}  // namespace cachegauge
