// A libFuzzer target, built once for each trace format with its name as FUZZED_FORMAT; "detect"
// lets the format be found.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/check_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  constexpr std::string_view kFormat = FUZZED_FORMAT;
  cachegauge::testing::check_reader(kFormat == "detect" ? "" : kFormat,
                                    {reinterpret_cast<const char*>(bytes), size});
  return 0;
}
