// Random csv files, read back and compared with what they were written from.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "harness/core/random.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

std::string random_key(SplitMix64& random) {
  constexpr std::string_view kPlain = "abcXYZ0123456789:/-_.";
  constexpr std::string_view kOdd = "abc01,\";|\t \xc3\xa9";
  switch (random.below(4)) {
    case 0:
      return fmt::format("{}", random.next() >> random.below(64));
    case 1: {
      std::string key(1, 'k');
      for (uint64_t i = random.below(20); i > 0; --i) key += kOdd[random.below(kOdd.size())];
      return key;
    }
    default: {
      std::string key(1, 'k');
      for (uint64_t i = random.below(40); i > 0; --i) key += kPlain[random.below(kPlain.size())];
      return key;
    }
  }
}

std::string in_quotes(std::string_view key) {
  std::string out = "\"";
  for (const char c : key) {
    out += c;
    if (c == '"') out += '"';
  }
  return out + '"';
}

struct Written {
  std::string content;
  std::vector<Row> rows;
};

Written write_random_csv(SplitMix64& random, char delimiter) {
  constexpr std::array<std::string_view, 4> kWords = {"GET", "set", "Add", "remove"};
  constexpr std::array<Op, 4> kOps = {Op::kGet, Op::kSet, Op::kAdd, Op::kDelete};
  const std::string line_end = random.below(2) ? "\r\n" : "\n";
  const char d = delimiter;
  Written written;
  written.content = fmt::format("junk{}time{}key{}op{}size{}more{}", d, d, d, d, d, line_end);
  int64_t time_s = 1'700'000'000;
  const int64_t first_s = time_s;
  for (uint64_t left = 1 + random.below(1500); left > 0; --left) {
    const std::string key = random_key(random);
    const size_t op = random.below(4);
    const uint64_t size = random.next() >> (24 + random.below(40));
    const bool must_quote =
        key.find_first_of(std::string("\"") + d) != std::string::npos || random.below(8) == 0;
    written.content += fmt::format("{}{}{}{}{}{}{}{}{}{}{}{}", random.below(2) ? "j" : "\"j\"", d,
                                   time_s, d, must_quote ? in_quotes(key) : key, d, kWords[op], d,
                                   size, d, random.below(2) ? "x" : "y", line_end);
    if (random.below(50) == 0) written.content += line_end;
    const bool integer = key.size() <= 20 && key[0] != 'k';
    written.rows.push_back({.key = key,
                            .integer = integer,
                            .op = kOps[op],
                            .time_ns = (time_s - first_s) * 1'000'000'000,
                            .value_size_bytes = size});
    time_s += static_cast<int64_t>(random.below(3));
  }
  return written;
}

TEST(CsvProperty, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  constexpr std::array<std::pair<char, std::string_view>, 4> kDelimiters = {
      {{',', "comma"}, {'\t', "tab"}, {';', "semicolon"}, {'|', "pipe"}}};
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SplitMix64 random(seed);
    const auto [delimiter, name] = kDelimiters[seed % kDelimiters.size()];
    const Written written = write_random_csv(random, delimiter);
    const std::string spec =
        fmt::format("trace:path={},delimiter={}", folder.write("t.csv", written.content), name);
    ASSERT_EQ(read_all(spec, 1 + random.below(300)), written.rows) << "seed " << seed;
  }
}

// Bytes at random must end in requests or in an error, and never in anything else. The sanitizers
// look on.
TEST(CsvProperty, DamagedFilesAreErrorsAndNoWorse) {
  const TemporaryFolder folder;
  int errors = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SplitMix64 random(seed);
    std::string content = write_random_csv(random, ',').content;
    for (uint64_t i = 1 + random.below(20); i > 0; --i) {
      content[random.below(content.size())] = static_cast<char>(random.next());
    }
    const std::string path = folder.write("t.csv", content);
    for (const char* params : {"", ",format=keys", ",format=lirs", ",format=accesslog",
                               ",format=oraclegeneral", ",format=int32be,skip-bad-rows=5"}) {
      errors += error_of("trace:path=" + path + params).empty() ? 0 : 1;
    }
  }
  EXPECT_GT(errors, 120);
}

}  // namespace
}  // namespace cachegauge::testing
