#include "harness/simulate/request_block.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

void expect_same(const Request& row, const Request& wanted) {
  EXPECT_EQ(row.time_ns, wanted.time_ns);
  EXPECT_EQ(row.integer_key, wanted.integer_key);
  EXPECT_EQ(row.value_size_bytes, wanted.value_size_bytes);
  EXPECT_EQ(row.ttl_ns, wanted.ttl_ns);
  EXPECT_EQ(row.has_text_key(), wanted.has_text_key());
  EXPECT_EQ(row.text_key, wanted.text_key);
  EXPECT_EQ(row.key_size_bytes, wanted.key_size_bytes);
  EXPECT_EQ(row.op, wanted.op);
}

// Rows that differ in the properties whose bits are set.
std::vector<Request> rows_that_differ(uint64_t in, size_t count, SplitMix64& random,
                                      std::vector<std::string>& texts) {
  std::vector<Request> rows(count);
  for (Request& row : rows) {
    row = {.time_ns = 5, .integer_key = 7, .value_size_bytes = 100, .ttl_ns = 3};
    if (in & 1) row.time_ns = static_cast<int64_t>(random.next());
    if (in & 2) row.integer_key = random.next() >> 32 << (in & 4 ? 32 : 0);
    if (in & 4) row.value_size_bytes = random.next();
    if (in & 8) row.ttl_ns = static_cast<int64_t>(random.next());
    if (in & 16) row.key_size_bytes = static_cast<uint32_t>(random.next());
    if (in & 32) row.op = static_cast<Op>(random.below(kOpCount));
    if (in & 64 && random.below(4) > 0) {
      row.text_key = texts.emplace_back(random.below(40), static_cast<char>(random.below(256)));
    }
  }
  return rows;
}

TEST(RequestBlock, GivesBackWhatItTook) {
  SplitMix64 random(3);
  RequestBlock block;
  for (uint64_t in = 0; in < 128; ++in) {
    SCOPED_TRACE(in);
    std::vector<std::string> texts;
    texts.reserve(RequestBlock::kMostRows);  // which stay where they are
    const size_t count = in % 3 == 0 ? RequestBlock::kMostRows : 1 + random.below(200);
    const std::vector<Request> rows = rows_that_differ(in, count, random, texts);
    const std::vector<std::string> kept = texts;
    block.pack(rows);
    for (std::string& text : texts) text.assign(text.size(), '?');  // as a reader's buffer is
    std::vector<Request> out(count);
    const size_t first = random.below(count);
    block.unpack(0, std::span(out).first(first));
    block.unpack(first, std::span(out).subspan(first));
    ASSERT_EQ(block.size(), count);
    auto text = kept.begin();
    for (size_t i = 0; i < count; ++i) {
      Request wanted = rows[i];
      if (wanted.has_text_key()) wanted.text_key = *text++;
      expect_same(out[i], wanted);
      if (HasFailure()) return;
    }
  }
}

TEST(RequestBlock, OfNothingIsEmpty) {
  RequestBlock block;
  block.pack(std::vector<Request>(3));
  block.pack({});
  EXPECT_EQ(block.size(), 0u);
}

}  // namespace
}  // namespace cachegauge
