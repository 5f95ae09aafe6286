// What has to hold of any bytes that are handed to a reader of traces. Shared by the libFuzzer
// targets, which look for bytes of which it does not, and by a test that runs everywhere.
#pragma once

#include <span>
#include <string_view>

namespace cachegauge::testing {

// Opens `bytes` as a trace of `format` ("" lets it be found), and reads up to a thousand requests:
//
//   - an Error with a message, or requests; nothing else is thrown
//   - sizes, TTLs and key sizes are within their bounds, times never run backwards, keys are
//   shorter
//     than a line can be
//   - reading again, in batches of another size, gives the same requests, the same count of bad
//   rows
//     and the same error
//
// Prints what did not hold, and aborts.
void check_reader(std::string_view format, std::span<const char> bytes);

}  // namespace cachegauge::testing
