// Every codec gives every value back, and nothing that is not one.
#include "harness/replay/layers/value_documents.h"

#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "harness/replay/layers/codecs.h"

namespace cachegauge {
namespace {

constexpr uint64_t kKey = 0xfedcba9876543210;

class ValueDocumentsTest : public testing::TestWithParam<const Codec*> {
 protected:
  std::string encoded(std::string_view value, uint64_t key_hash = kKey) {
    std::string bytes;
    GetParam()->encode(documents_.of(value, key_hash), bytes);
    return bytes;
  }
  // None: it does not decode to a value.
  std::optional<std::string> decoded(const std::string& bytes) {
    try {
      std::string value = "before";
      if (!documents_.append_value(GetParam()->decode(bytes), value)) {
        EXPECT_EQ(value, "before");
        return std::nullopt;
      }
      return value.substr(6);
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;
    }
  }

  ValueMaker values_;
  ValueDocuments documents_{0};
};

TEST_P(ValueDocumentsTest, GivesEachValueBack) {
  for (uint64_t size = 0; size < 3000; size += size < 200 ? 1 : 97) {
    const std::string value(values_.make(kKey + size, 7, size));
    EXPECT_EQ(decoded(encoded(value, kKey + size)), value) << size;
  }
  const std::string large(values_.make(kKey, UINT32_MAX, 200'000));
  EXPECT_EQ(decoded(encoded(large)), large);
}

TEST_P(ValueDocumentsTest, GivesAGuardsEnvelopeAndALocksTokenBack) {
  const Envelope envelope{
      .key_hash = kKey, .fresh_until_ns = INT64_MAX, .read_ns = 12, .recompute_ns = 1'000'000};
  const std::string value(values_.make(envelope, kKey, 3, 500));
  EXPECT_EQ(decoded(encoded(value)), value);
  for (const std::string& token :
       {std::string(), std::string("token-7"), std::string("\0\xff", 2)}) {
    EXPECT_EQ(decoded(encoded(token)), token);
  }
}

// A byte changed anywhere: the value is not given back, or (a part of the encoding that means
// nothing, or the key, which the check of values looks at) it is another.
TEST_P(ValueDocumentsTest, TakesNothingElseForTheValue) {
  const std::string value(values_.make(kKey, 1, 300));
  const std::string bytes = encoded(value);
  SplitMix64 random(1);
  size_t same = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 + random.below(255)));
    const auto got = decoded(changed);
    if (got && values_.check(*got, kKey).verdict == ValueVerdict::kGood &&
        values_.check(*got, kKey).version == 1) {
      ++same;
    }
  }
  // JSON takes other white space, and numbers that read alike.
  EXPECT_LE(same, 3u);
  EXPECT_EQ(decoded(bytes.substr(0, bytes.size() - 1)), std::nullopt);
  EXPECT_EQ(decoded(""), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Codecs, ValueDocumentsTest,
                         testing::Values(&codecs()[1], &codecs()[2], &codecs()[3]),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(ValueDocuments, AnOrderTakesAsMuchJsonAsItsValue) {
  ValueDocuments documents(0);
  ValueMaker values;
  for (const uint64_t size : {120u, 500u, 10'000u, 200'000u}) {
    const auto& order = documents.of(values.make(kKey, 42, size), kKey);
    EXPECT_EQ(order.dump().size(), size);
    EXPECT_EQ(order["key"], kKey);
    EXPECT_EQ(order["version"], 42);
    EXPECT_EQ(order["size"], size);
  }
  EXPECT_EQ(documents.of(values.make(kKey, 42, 1000), kKey)["lines"].size(), 21u);
}

}  // namespace
}  // namespace cachegauge
