// Reports of which bytes are wrong.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "reports/report_formats.h"
#include "reports/report_reader.h"

namespace cachegauge {

// One to three bytes of it are others.
inline std::string damaged(std::string text, SplitMix64& random) {
  constexpr std::string_view kBytes = "09-e.\"{}[],:x\xff";
  for (uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
    text[random.below(text.size())] = kBytes[random.below(kBytes.size())];
  }
  return text;
}

// It is shown by every format, or refused with its name.
inline void expect_shown_or_refused(const std::string& text) {
  try {
    const std::vector<NamedReport> reports = {parse_any_report(text, "r.json")};
    for (const ReportFormat& format : report_formats()) {
      if (!format.write || !format.takes(reports[0].kind)) continue;
      EXPECT_FALSE(format.write(reports, {}).empty()) << format.name;
    }
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("r.json:")) << error.what();
  }
}

}  // namespace cachegauge
