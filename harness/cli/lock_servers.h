// The servers that a guard wants for its locks alone (redlock): private ones, which hold no data.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "harness/cli/experiment.h"

namespace cachegauge {

// Makes one at each call; it is started by who asks for it. Empty for a guard that wants none.
// Throws Error::usage where they cannot be had.
std::function<std::unique_ptr<Adapter>()> lock_server_maker(std::span<const Spec> guard,
                                                            const Experiment& experiment);

}  // namespace cachegauge
