#!/usr/bin/python3
"""Google Benchmark's compare.py over many pairs of samples at once: its own report of a difference,
with the U test.

Reads a list of [baseline times, candidate times] as JSON, and writes for each its p-value and the
change of the medians. Needs Debian's python3 with libbenchmark-tools and python3-scipy, which is
why gate_power.py runs it as a program.
"""

import json
import statistics
import sys

FOLDER = "/usr/share/benchmark"


def as_benchmarks(times):
    return {"benchmarks": [{"name": "study", "run_type": "iteration", "time_unit": "ns",
                            "real_time": time, "cpu_time": time} for time in times]}


def main():
    sys.path.insert(0, FOLDER)
    from gbench import report
    answers = []
    for old, new in json.load(sys.stdin):
        found = report.get_difference_report(as_benchmarks(old), as_benchmarks(new), utest=True)
        answers.append([found[0]["utest"].get("time_pvalue", 1.0),
                        statistics.median(new) / statistics.median(old) - 1])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
