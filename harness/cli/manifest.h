// A note on disk, kept while keys of ours may be on a server that is not ours alone: enough to find
// and unlink just those keys, should the run be killed.
#pragma once

#include <string>

#include "harness/core/spec.h"
#include "harness/replay/request_feed.h"

namespace cachegauge {

struct Manifest {
  std::string key_prefix;
  Spec workload;
  Spec adapter;  // without its password
  RequestRules rules;
  std::string fingerprint;  // of the workload, which must still be the same
};

// Written whole or not at all. Throws Error::failed.
void write_manifest(const std::string& path, const Manifest& manifest);
// Throws Error::failed for a file that is not a manifest of this version.
Manifest read_manifest(const std::string& path);

}  // namespace cachegauge
