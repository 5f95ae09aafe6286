// Cells with something between the clients and a scripted cache, in virtual time.
#include "harness/replay/layers/layers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/metrics.h"
#include "harness/replay/cell.h"
#include "harness/replay/layers/codecs.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"

namespace cachegauge {
namespace {

constexpr uint64_t kRequests = 2000, kKeys = 50;

class LayersTest : public testing::Test {
 protected:
  LayersTest() { plan.driver.virtual_time = true; }
  RunResult run() {
    const WorkloadSummary summary = summarize_workload(workload, {});
    plan.workload = &workload;
    plan.summary = &summary;
    plan.pattern = &pattern_kinds()[0];
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
    return run_cell(plan, control, {});
  }
  static void expect_counts_of_unlayered(const RunResult& result) {
    const Counters& c = result.counters;
    EXPECT_EQ(c.gets, kRequests);
    EXPECT_EQ(c.misses, c.unique_keys);
    EXPECT_EQ(c.fills, c.misses);
    EXPECT_EQ(c.corrupt + c.stale + c.unverifiable + c.errors, 0u);
    EXPECT_EQ(c.hit_bytes, c.hits * 100);
  }

  const InMemoryWorkload workload = InMemoryWorkload::popular_low_numbers(kRequests, kKeys);
  Script script;
  CellPlan plan;
  CellControl control;
};

TEST_F(LayersTest, WithoutThemNothingIsCounted) {
  const RunResult result = run();
  EXPECT_FALSE(result.layers);
  EXPECT_EQ(result.timing(Timing::kEncode).count(), 0u);
}

TEST_F(LayersTest, EncodesAndDecodesEveryValue) {
  for (const Codec& codec : codecs().subspan(1)) {
    script.stored.clear();
    plan.layers.codec = &codec;
    const RunResult result = run();
    expect_counts_of_unlayered(result);
    const Counters& c = result.counters;
    ASSERT_TRUE(result.layers);
    EXPECT_EQ(result.layers->values_encoded, c.fills);
    EXPECT_EQ(result.layers->values_decoded, c.hits);
    EXPECT_EQ(result.layers->undecodable, 0u);
    EXPECT_EQ(result.layers->plain_bytes, 100 * c.fills);
    EXPECT_EQ(result.timing(Timing::kEncode).count(), c.fills);
    EXPECT_EQ(result.timing(Timing::kDecode).count(), c.hits);
    uint64_t stored_bytes = 0;
    for (const auto& [key, value] : script.stored) stored_bytes += value.size();
    EXPECT_EQ(result.layers->encoded_bytes, stored_bytes);
    const Metrics metrics = derive_metrics(result);
    EXPECT_GT(*metrics.codec_share, 0);
    EXPECT_DOUBLE_EQ(*metrics.encoded_ratio,
                     static_cast<double>(stored_bytes) / static_cast<double>(100 * c.fills));
    if (codec.name == "json") {
      EXPECT_TRUE(script.stored.begin()->second.starts_with("{\"key\":"));
      EXPECT_DOUBLE_EQ(*metrics.encoded_ratio, 1);
    }
  }
}

// The service time of a command that was timed holds its codec's work.
TEST_F(LayersTest, CountsSerialisationAmongTheResponseTime) {
  plan.driver.timing = TimingMode::kAll;
  plan.layers.codec = &codecs()[1];
  const RunResult result = run();
  EXPECT_GE(result.timing(Timing::kServiceGet).sum(), result.timing(Timing::kDecode).sum());
  EXPECT_GE(result.timing(Timing::kServiceFill).sum(), result.timing(Timing::kEncode).sum());
  EXPECT_EQ(result.timing(Timing::kServiceGet).count(), kRequests);
  EXPECT_GE(result.timing(Timing::kServiceGet).min(), 0);
  EXPECT_LE(*derive_metrics(result).codec_share, 1);
}

TEST_F(LayersTest, FindsWhatIsCorruptAfterDecoding) {
  uint64_t hits = 0, bent = 0;
  script.bend = [&](const Command&, Outcome& outcome, std::string& value) {
    if (outcome != Outcome::kHit || ++hits % 10 != 0) return;
    ++bent;
    char& byte = value[hits % value.size()];
    byte = byte == 'x' ? 'y' : 'x';
  };
  for (const Codec& codec : codecs().subspan(1)) {
    script.stored.clear();
    hits = bent = 0;
    plan.layers.codec = &codec;
    const RunResult result = run();
    EXPECT_EQ(result.counters.corrupt + result.counters.stale, bent) << codec.name;
    EXPECT_LE(result.layers->undecodable, bent);
    EXPECT_GT(result.layers->undecodable, bent / 2);
  }
}

TEST_F(LayersTest, SendsKeysUnderTheirNames) {
  plan.layers.naming.set_namespace("shop:version=2");
  const RunResult result = run();
  expect_counts_of_unlayered(result);
  EXPECT_EQ(result.layers->keys_named, kRequests + result.counters.fills);
  EXPECT_EQ(result.layers->named_key_bytes,
            result.layers->plain_key_bytes + 8 * result.layers->keys_named);
  EXPECT_EQ(result.timing(Timing::kKeyName).count(), result.layers->keys_named);
  for (const auto& [key, value] : script.stored) EXPECT_TRUE(key.starts_with("shop:v2:")) << key;
  EXPECT_EQ(script.stored.size(), result.counters.unique_keys);
}

// With one hex digit for fifty keys nearly every get finds the value of another.
TEST_F(LayersTest, CallsTheValueOfAnotherKeyCorrupt) {
  plan.layers.naming.set_hash(Spec::parse("fnv1a:bits=4"));
  plan.layers.keys_in_collisions = 49;
  const RunResult result = run();
  EXPECT_LE(script.stored.size(), 16u);
  EXPECT_GT(result.counters.corrupt, kRequests / 2);
  EXPECT_EQ(result.layers->keys_in_collisions, 49u);
  EXPECT_EQ(result.layers->named_key_bytes, result.layers->keys_named);
}

// The scripted cache hands out copies.
TEST_F(LayersTest, AChangeOfACopyHarmsNobody) {
  plan.layers.change_share = 0.5;
  const RunResult result = run();
  expect_counts_of_unlayered(result);
  const auto changed = static_cast<double>(result.layers->values_changed);
  EXPECT_NEAR(changed, static_cast<double>(result.counters.hits) / 2, 100);
}

TEST_F(LayersTest, ServeSeveralClientsInRealTime) {
  plan.driver.virtual_time = false;
  plan.driver.clients = 4;
  plan.layers.codec = &codecs()[2];
  plan.layers.naming.set_hash(Spec("md5"));
  plan.layers.change_share = 0.1;
  const RunResult result = run();
  EXPECT_EQ(result.counters.corrupt + result.counters.errors, 0u);
  EXPECT_EQ(result.layers->values_decoded, result.counters.hits);
  EXPECT_EQ(result.layers->named_key_bytes, 32 * result.layers->keys_named);
}

}  // namespace
}  // namespace cachegauge
