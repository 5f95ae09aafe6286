// The page without its reports, whose place is marked "@REPORTS@". Put together at build time by
// reports/html/write_page.cmake.
#pragma once

#include <string_view>

namespace cachegauge {

std::string_view html_page();

}  // namespace cachegauge
