#pragma once

#include <vector>

#include "harness/core/adapter.h"

namespace cachegauge {

// The rows of sqlite, lmdb and rocksdb; one whose library was not found says so.
std::vector<AdapterKind> disk_adapter_kinds();

}  // namespace cachegauge
