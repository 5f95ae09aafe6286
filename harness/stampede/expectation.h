// What theory has to say to a stampede that was measured: at the rate and over the windows that
// were achieved, not those that were asked for.
#pragma once

#include <optional>

#include "harness/core/stampede_report.h"
#include "harness/stampede/stampede.h"

namespace cachegauge {

// Null where no formula covers the guard, the load and the origin, or nothing was counted.
std::optional<StampedeExpectation> expect_calls(const StampedePlan& plan,
                                                const StampedeResult& result);

// Of an episode in which holders of a lock die, from the first miss to the fill. Null for others.
std::optional<double> expect_window_ns(const StampedePlan& plan, const StampedeResult& result);

}  // namespace cachegauge
