// What the tests of caches on disk share, beside the client and the loop of
// tests/network/support.h.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "harness/core/adapter.h"
#include "tests/network/support.h"

namespace cachegauge {

// By its spec; one whose library is not there throws Error::usage.
std::unique_ptr<Adapter> make_disk(const std::string& spec, const AdapterSettings& settings = {});
std::unique_ptr<Adapter> start_disk(const std::string& spec, const AdapterSettings& settings = {});
bool is_built(const std::string& kind);

// Skips the test visibly where the library was not there when this was built.
#define REQUIRE_ENGINE(kind) \
  if (!is_built(kind)) GTEST_SKIP() << (kind) << " was not built"

std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);
// Files in a folder; 0 if it is not there.
size_t count_files(const std::string& folder);

}  // namespace cachegauge
