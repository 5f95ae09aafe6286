#include "harness/simulate/read_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

// Rows that share one buffer for the text of their keys, as those of a reader do; may fail at the
// end.
class TextWorkload final : public Workload {
 public:
  TextWorkload(uint64_t rows, bool fails) : rows_(rows), fails_(fails) {}
  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override {
    return std::make_unique<Source>(rows_, fails_);
  }

  static std::string key(uint64_t row) { return row % 5 == 0 ? "" : "key" + std::to_string(row); }

 private:
  class Source final : public RequestSource {
   public:
    Source(uint64_t rows, bool fails) : rows_(rows), fails_(fails) {}
    size_t read(std::span<Request> out) override {
      if (at_ == rows_ && fails_) throw Error::failed("row 1: expected a key");
      const size_t count = std::min<uint64_t>({out.size(), 1000, rows_ - at_});
      text_.clear();
      for (size_t i = 0; i < count; ++i) text_ += key(at_ + i);
      size_t begin = 0;
      for (size_t i = 0; i < count; ++i) {
        out[i] = {};
        if (at_ % 7 == 0) {
          out[i].integer_key = at_;
        } else {
          out[i].text_key = std::string_view(text_).substr(begin, key(at_).size());
        }
        begin += key(at_++).size();
      }
      return count;
    }
    uint64_t skipped_rows() const override { return at_; }

   private:
    const uint64_t rows_;
    const bool fails_;
    uint64_t at_ = 0;
    std::string text_;
  };

  uint64_t rows_;
  bool fails_;
  Spec spec_{"text"};
  WorkloadTraits traits_;
};

// In batches of as many rows; returns how many there were.
uint64_t expect_rows(RequestSource& source, size_t batch) {
  std::vector<Request> rows(batch);
  uint64_t at = 0;
  while (const size_t count = source.read(rows)) {
    for (size_t i = 0; i < count; ++i, ++at) {
      if (at % 7 == 0) {
        EXPECT_FALSE(rows[i].has_text_key());
        EXPECT_EQ(rows[i].integer_key, at);
      } else {
        EXPECT_TRUE(rows[i].has_text_key());
        EXPECT_EQ(rows[i].text_key, TextWorkload::key(at));
      }
      if (testing::Test::HasFailure()) return at;
    }
  }
  return at;
}

TEST(ReadAhead, GivesTheSameRowsWithTheirKeys) {
  for (const size_t batch : {1, 256, 10'000}) {
    const TextWorkload workload(50'000, false);
    const ReadAhead ahead(workload, UINT64_MAX);
    const auto source = ahead.open();
    EXPECT_EQ(expect_rows(*source, batch), 50'000u);
    std::vector<Request> rows(1);
    EXPECT_EQ(source->read(rows), 0u);
    EXPECT_EQ(source->skipped_rows(), 50'000u);
    EXPECT_GT(ahead.decode_ns(), 0);
  }
}

TEST(ReadAhead, ReadsNoMoreThanItMay) {
  const TextWorkload workload(50'000, true);
  const ReadAhead ahead(workload, 12'345);
  const auto source = ahead.open();
  EXPECT_EQ(expect_rows(*source, 256), 12'345u);
  EXPECT_EQ(source->skipped_rows(), 12'345u);
}

TEST(ReadAhead, AnErrorComesBehindTheRowsBeforeIt) {
  const TextWorkload workload(20'000, true);
  const ReadAhead ahead(workload, UINT64_MAX);
  const auto source = ahead.open();
  std::vector<Request> rows(256);
  uint64_t count = 0;
  const auto read_all = [&] {
    while (const size_t more = source->read(rows)) count += more;
  };
  EXPECT_THROW(read_all(), Error);
  EXPECT_EQ(count, 20'000u);
}

TEST(ReadAhead, MayBeLeftBeforeTheEnd) {
  const TextWorkload workload(1'000'000, false);
  const ReadAhead ahead(workload, UINT64_MAX);
  const auto unread = ahead.open();
  const auto source = ahead.open();
  std::vector<Request> rows(10);
  EXPECT_EQ(source->read(rows), 10u);
}

TEST(ReadAhead, OfNothingIsEmpty) {
  const TextWorkload workload(0, false);
  const ReadAhead ahead(workload, UINT64_MAX);
  const auto source = ahead.open();
  std::vector<Request> rows(10);
  EXPECT_EQ(source->read(rows), 0u);
}

}  // namespace
}  // namespace cachegauge
