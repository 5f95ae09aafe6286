// Requests of several kinds of keys, mixed: those of an application that has products, sessions and
// prices. Each class is a generator of its own; a key is the class, ":" and the generator's number,
// as in "session:42". Which class a request is of is drawn by `CLASS.share`, a weight.
#pragma once

#include <memory>
#include <span>

#include "harness/core/registry.h"
#include "harness/core/workload.h"

namespace cachegauge {

std::span<const ParamInfo> class_mix_params();
std::unique_ptr<Workload> make_class_mix(const Spec& spec);

}  // namespace cachegauge
