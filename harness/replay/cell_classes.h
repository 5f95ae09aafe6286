// What becomes of a cell's figures by class of key when its threads' parts have been merged.
#pragma once

#include <vector>

#include "harness/core/run_result.h"

namespace cachegauge {

// The whole of what the pattern did, which with classes is there in parts.
PatternFigures pattern_of(const RunResult& result);

// The counts over the classes are those of the whole; also true without classes.
bool classes_add_up(const RunResult& result);

// Drops "other", the last, if no key was of it.
void drop_empty_other(std::vector<ClassFigures>& classes);

}  // namespace cachegauge
