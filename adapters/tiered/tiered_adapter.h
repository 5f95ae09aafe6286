// Two caches, one before the other: a small one in the process of each client, and one behind them
// that all share.
#pragma once

#include "harness/core/adapter.h"

namespace cachegauge {

AdapterKind tiered_adapter_kind();

}  // namespace cachegauge
