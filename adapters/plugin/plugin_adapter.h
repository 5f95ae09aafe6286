// The adapter `plugin`: a cache in a shared library of the user's own.
#pragma once

#include "harness/core/adapter.h"

namespace cachegauge {

AdapterKind plugin_adapter_kind();

}  // namespace cachegauge
