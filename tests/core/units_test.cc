#include "harness/core/units.h"

#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_size_bytes("0"), 0u);
  EXPECT_EQ(parse_size_bytes("1000"), 1000u);
  EXPECT_EQ(parse_size_bytes("512B"), 512u);
  EXPECT_EQ(parse_size_bytes("1.5KiB"), 1536u);
  EXPECT_EQ(parse_size_bytes("64MiB"), 64u << 20);
  EXPECT_EQ(parse_size_bytes("3GiB"), uint64_t{3} << 30);
}

TEST(Units, ReadsCounts) {
  EXPECT_EQ(parse_count("250"), 250u);
  EXPECT_EQ(parse_count("10k"), 10'000u);
  EXPECT_EQ(parse_count("1.5M"), 1'500'000u);
}

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration_ns("0"), 0);
  EXPECT_EQ(parse_duration_ns("7ns"), 7);
  EXPECT_EQ(parse_duration_ns("500us"), 500'000);
  EXPECT_EQ(parse_duration_ns("1.5s"), 1'500'000'000);
  EXPECT_EQ(parse_duration_ns("2m"), 120'000'000'000);
  EXPECT_EQ(parse_duration_ns("1h"), 3'600'000'000'000);
}

TEST(Units, ReadsSharesAndNumbers) {
  EXPECT_DOUBLE_EQ(parse_share("10%"), 0.1);
  EXPECT_DOUBLE_EQ(parse_share("0.1"), 0.1);
  EXPECT_DOUBLE_EQ(parse_share("100%"), 1);
  EXPECT_DOUBLE_EQ(parse_number("-2.5"), -2.5);
}

TEST(Units, SaysWhatItExpected) {
  EXPECT_ERROR(kUsage, "expected a size such as 64MiB, got \"64MB\" (units: B KiB MiB GiB)",
               parse_size_bytes("64MB"));
  EXPECT_ERROR(kUsage, "expected a size such as 64MiB, got \"\" (units: B KiB MiB GiB)",
               parse_size_bytes(""));
  EXPECT_ERROR(kUsage, "size \"99999999GiB\" is too large", parse_size_bytes("99999999GiB"));
  EXPECT_ERROR(kUsage, "expected a whole number, got \"1.5\"", parse_count("1.5"));
  EXPECT_ERROR(kUsage, "expected a time such as 50ms, got \"50\" (units: ns us ms s m h)",
               parse_duration_ns("50"));
  EXPECT_ERROR(kUsage, "expected a share from 0% to 100%, such as 10%, got \"150%\"",
               parse_share("150%"));
  EXPECT_ERROR(kUsage, "expected a number such as 1.0, got \"1.0x\"", parse_number("1.0x"));
}

TEST(Units, RefusesWhatIsNoPlainNumber) {
  for (const char* text : {"-1", "+1", " 1", "1 ", "1e9", "inf", "nan", "0x10", "1,000", "k"}) {
    EXPECT_THROW(parse_count(text), Error) << text;
    EXPECT_THROW(parse_size_bytes(text), Error) << text;
    EXPECT_THROW(parse_duration_ns(text), Error) << text;
  }
  for (const char* text : {"nan", "inf", "", "%", "-1%", "1.1"}) {
    EXPECT_THROW(parse_share(text), Error) << text;
  }
}

TEST(Units, PrintsSizes) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1536), "1.50 KiB");
  EXPECT_EQ(format_size(64u << 20), "64 MiB");
  EXPECT_EQ(format_size((1u << 20) - 1), "1.00 MiB");
  EXPECT_EQ(format_size(10'239), "10.0 KiB");
  EXPECT_EQ(format_size(uint64_t{5000} << 30), "5000 GiB");
}

TEST(Units, PrintsCounts) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1'234'567), "1,234,567");
}

TEST(Units, PrintsDurationsToThreeDigits) {
  EXPECT_EQ(format_duration(0), "0 ns");
  EXPECT_EQ(format_duration(7), "7.00 ns");
  EXPECT_EQ(format_duration(52'149), "52.1 us");
  EXPECT_EQ(format_duration(999'400), "999 us");
  EXPECT_EQ(format_duration(999'600), "1.00 ms");
  EXPECT_EQ(format_duration(9'996), "10.0 us");
  EXPECT_EQ(format_duration(1e9), "1.00 s");
  EXPECT_EQ(format_duration(7.2e12), "7200 s");
}

}  // namespace
}  // namespace cachegauge
