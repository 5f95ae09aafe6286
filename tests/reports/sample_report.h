// Reports for the tests of this box.
#pragma once

#include <string>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/core/report.h"
#include "harness/core/simulation_report.h"

namespace cachegauge {

// A cell of the workload t.csv, with round numbers; `hits` of 1,000 gets.
CellReport sample_cell(const std::string& adapter, uint64_t hits, int repetition = 1);

// Of these cells, and nothing else.
RunReport report_of(std::vector<CellReport> cells);

// lru, lfu, unbounded in virtual time and redis in real time, behind a simulated origin, once.
RunReport sample_report();

// The same, lru by two classes of keys, of which one has a pattern that writes to the origin.
RunReport report_by_class();

// Two servers in an open loop: memcached at a rate, redis with the capacity that was searched for.
RunReport open_loop_report();

// The least there can be: one cell that failed before it began.
RunReport failed_report();

// One whose process was killed, and whose writes were counted at the origin.
RunReport killed_report();

// Everything that comes from outside holds bytes that are not UTF-8, quotes, newlines, escapes.
RunReport hostile_report();

// lru and fifo at two sizes, and unbounded; of 1,000 gets after a warm-up of 200 requests.
SimulationReport sample_simulation();

// Of 1,000 gets, with points at 1 to 1000.
MissRatioCurve sample_curve(const std::string& policy);

// The same by a sample of 5 % of the keys, and curves of lru and s3fifo.
SimulationReport sample_estimate();

// With all there can be, in round numbers.
ProfileReport sample_profile();

}  // namespace cachegauge
