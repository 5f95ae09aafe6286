// The verdict of a gate for people, for programs, and for CI.
#pragma once

#include <string>

#include "harness/core/gate_report.h"

namespace cachegauge {

// One finding in a sentence: what, from what to what, how sure, and why it is no pass.
std::string gate_sentence(const GateReport& report, const GateFinding& finding);
// "regression: 2 of 14 figures" and what limits the verdict, in a line.
std::string gate_summary(const GateReport& report);

std::string gate_text(const GateReport& report);      // for a terminal
std::string gate_json(const GateReport& report);      // reports/schema/gate.schema.json
std::string gate_markdown(const GateReport& report);  // for a pull request or a job's summary
std::string gate_junit(const GateReport& report);     // one case a rule
// GitHub's workflow commands, a line for each finding that is no pass.
std::string gate_annotations(const GateReport& report);

}  // namespace cachegauge
