#!/usr/bin/env python3
"""usage: stampede_theory.py [--quick] [--virtual] [--row NAME …]

Stampedes beside theory: each row is measured on a private Redis in an open loop (or as it says),
and again in virtual time, and both are held against the formula at the rate and over the window
that were achieved. docs/benchmarks.md has the formulas and what each row may be off by.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Callable, NamedTuple

import bench

LATENCY_S = 0.05
LOAD = ("--rate", 1000, "--origin", "50ms")
RTT = ("--cache-rtt", "100us")
ERRORS = 3  # so many standard errors
QUICK_SHARE = 0.2
PLATEAU_MS = (-100, 150)
PLATEAU_KEYS, PLATEAU_JITTER_S = 100, 0.2
GUMBEL_SPREAD = math.pi / math.sqrt(6)
EULER = 0.5772156649


class Measured(NamedTuple):
    value: float
    error: float  # standard
    expected: float


def spread_error(result):
    return result["episode"]["calls_stddev"] / math.sqrt(result["episodes"])


def rate_and_latency(result):
    """As achieved: requests per second, seconds."""
    achieved = result["achieved"]
    return achieved["rate"], achieved["origin_latency_ms"] / 1e3


def calls(result, expected, error=None):
    return Measured(result["origin_calls_per_expiry"],
                    spread_error(result) if error is None else error, expected)


def as_reported(result):
    """What the program itself expects, which knows the window."""
    expected = result["expected"]
    return calls(result, expected["origin_calls_per_expiry"], expected["standard_error"])


def xfetch_calls(beta):
    def measure(result):
        mean = math.exp(1 / beta)
        return calls(result, mean, mean * math.sqrt(1 - 1 / mean) / math.sqrt(result["episodes"]))
    return measure


def early_gap(result):
    """From the first recomputation to the end of the value that it replaces, in ms."""
    rate, latency = rate_and_latency(result)
    expected = 1e3 * latency * (math.log(rate * latency) + EULER)
    error = 1e3 * latency * GUMBEL_SPREAD / math.sqrt(result["episodes"])
    return Measured(result["ttl_ms"] - result["episode"]["rest_ms"], error, expected)


def hard_misses(result):
    rate, latency = rate_and_latency(result)
    share = math.exp(-rate * latency)
    error = math.sqrt(share * (1 - share) / result["episodes"])
    return Measured(result["episode"]["hard_misses"] / result["episodes"], error, share)


def stale_share(result):
    """Who finds the value expired is served stale, too, and with that begins the window."""
    rate, ttl_s = result["achieved"]["rate"], result["ttl_ms"] / 1e3
    window_s = result["episode"]["window_ms"] / 1e3
    share = (1 + rate * window_s) / (1 + rate * (ttl_s + window_s))
    return Measured(result["requests"]["stale_share"],
                    share / math.sqrt(max(1, result["stale_served"])), share)


def shared_origin(capacity):
    def measure(result):
        work = result["achieved"]["rate"] * LATENCY_S
        return calls(result, capacity * math.exp((work - capacity + 1) / capacity))
    return measure


def once(result):
    return calls(result, 1, 0)


def short_lock(lock_s):
    def measure(result):
        return calls(result, math.ceil(rate_and_latency(result)[1] / lock_s))
    return measure


def dead_holders(times, lock_s):
    """From the first miss to the fill, in ms."""
    def measure(result):
        expected = times * lock_s + rate_and_latency(result)[1]
        return Measured(result["episode"]["window_ms"], 0, 1e3 * expected)
    return measure


def plateau(result):
    """Keys that expire a second, in the middle of it."""
    points = [p for p in result["series"] if PLATEAU_MS[0] <= p["t_ms"] < PLATEAU_MS[1]]
    expected = PLATEAU_KEYS / (2 * PLATEAU_JITTER_S)
    seconds = len(points) * result["series_interval_ms"] / 1e3
    share = seconds / (2 * PLATEAU_JITTER_S)
    error = math.sqrt(result["rounds"]["count"] * PLATEAU_KEYS * share * (1 - share))
    return Measured(sum(p["origin_calls_rps"] for p in points) / len(points),
                    error / (seconds * result["rounds"]["count"]), expected)


# What a measurement may be: (holds, in words).


def within_errors(m):
    return abs(m.value - m.expected) <= ERRORS * m.error + 1e-9, f"within {ERRORS} errors"


def within(share):
    def holds(m):
        return abs(m.value / m.expected - 1) <= share, f"within {share:.0%}"
    return holds


def roughly(m):
    """Of a formula that is an approximation, and counts that spread widely."""
    return abs(m.value - m.expected) <= 0.1 * m.expected + m.error, "within 10% and an error"


def exactly(m):
    return m.value == m.expected, "exactly"


def above(m):
    return m.value > m.expected, "more"


class Row(NamedTuple):
    name: str
    formula: str
    flags: tuple
    measure: Callable
    holds: Callable
    real: int  # episodes on a Redis; 0: not measured there
    virtual: int
    loses_errors: bool = False  # real and virtual differ by more than errors: by round trips


def guard(name, *flags, ttl="300ms"):
    return ("--guard", name, "--ttl", ttl, *flags)


ROWS = (
    Row("none", "1 + rate x window", guard("none", *LOAD), as_reported, within_errors, 60, 400),
    Row("closed loop", "1 + (N - 1)(1 - e^(-rate x window / N))",
        guard("none", "--clients", 50, *LOAD), as_reported, within_errors, 60, 400),
    Row("shared origin, c = 20", "c e^((rate x latency - c + 1) / c)",
        guard("none", "--rate", 1000, "--origin", "shared:latency=50ms,capacity=20", ttl="2s"),
        shared_origin(20), roughly, 20, 200),
    Row("shared origin, c = 10", "c e^((rate x latency - c + 1) / c)",
        guard("none", "--rate", 1000, "--origin", "shared:latency=50ms,capacity=10", ttl="20s"),
        shared_origin(10), roughly, 0, 400),
    Row("xfetch, beta = 1", "e^(1 / beta)", guard("xfetch:beta=1", *LOAD, ttl="600ms"),
        xfetch_calls(1), within(0.1), 400, 2000),
    Row("xfetch, beta = 2", "e^(1 / beta)", guard("xfetch:beta=2", *LOAD, ttl="1200ms"),
        xfetch_calls(2), within(0.1), 200, 2000),
    Row("xfetch, beta = 1/2", "e^(1 / beta)", guard("xfetch:beta=0.5", *LOAD, ttl="500ms"),
        xfetch_calls(0.5), within(0.1), 1000, 4000),
    Row("xfetch, early by (ms)", "latency (ln(rate x latency) + 0.5772)",
        guard("xfetch:beta=1", *LOAD, ttl="1s"), early_gap, within_errors, 100, 2000),
    Row("xfetch, hard misses", "e^(-rate x latency)",
        guard("xfetch:beta=1", "--rate", 20, "--origin", "50ms", ttl="400ms"), hard_misses,
        within_errors, 100, 2000),
    Row("swr", "1", guard("swr", *LOAD), once, exactly, 60, 400),
    Row("swr, stale", "(1 + rate x window) / (1 + rate x (TTL + window))",
        guard("swr", *LOAD, ttl="1s"), stale_share, within_errors, 20, 400),
    Row("token-lock", "1", guard("token-lock", *LOAD), once, exactly, 60, 400),
    Row("lease", "1", guard("lease", *LOAD), once, exactly, 60, 400),
    Row("lock too short", "ceil(latency / lock TTL)",
        guard("token-lock:ttl=20ms,poll=500us", *LOAD), short_lock(0.02), within(0.05), 60, 400),
    Row("lock without a second look", "more than 1", guard("lock:poll=5ms", *LOAD), once, above,
        200, 400, True),
    Row("lock holder dies 3 times (ms)", "3 x lock TTL + latency",
        guard("token-lock:ttl=200ms,poll=1ms", "--fault", "dies-before:times=3", *LOAD, ttl="2s"),
        dead_holders(3, 0.2), within(0.05), 10, 50),
    Row("singleflight, P = 20", "1 + (P - 1)(1 - e^(-rate x window / P))",
        guard("singleflight", "--processes", 20, *LOAD, ttl="500ms"), as_reported, within_errors,
        40, 400),
    Row("singleflight, P = 50", "1 + (P - 1)(1 - e^(-rate x window / P))",
        guard("singleflight", "--processes", 50, *LOAD, ttl="500ms"), as_reported, within_errors, 0,
        400),
    Row("jitter, plateau", "K / 2J",
        guard("jitter:spread=20%+singleflight:recheck=yes", "--rate", 5000, "--origin", "50ms",
              "--scenario", f"mass-expiry:keys={PLATEAU_KEYS}", ttl="1s"),
        plateau, within_errors, 20, 200),
)


def stampede(flags, episodes, *more):
    """The only result of a stampede on Redis."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = pathlib.Path(folder) / "report.json"
        command = [bench.program(), "stampede", "redis", *map(str, flags), "--episodes",
                   str(episodes), *more, "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\nfailed ({done.returncode}):\n{done.stderr}")
        return json.loads(out.read_text())["results"][0]


def agree(real, virtual):
    """Each relative to its own theory, since rates and windows differ."""
    if real.expected == 0 or virtual.expected == 0:
        return True
    error = math.hypot(real.error / real.expected, virtual.error / virtual.expected)
    return abs(real.value / real.expected - virtual.value / virtual.expected) <= ERRORS * error + 0.01


def shown(m):
    return f"{m.value:.4g} +-{m.error:.2g} ({m.expected:.4g})"


def check(bounds, row, where, result):
    measured = row.measure(result)
    holds, how = row.holds(measured)
    rate, latency = rate_and_latency(result)
    valid = not {"rate_missed", "generator_late"} & set(result["flags"])
    bounds.require(f"{row.name}, {where}: {row.formula}", holds and valid,
                   f"{shown(measured)} {how}; {rate:.0f}/s, {latency * 1e3:.1f} ms"
                   f"{'' if valid else '; INVALID: ' + ', '.join(result['flags'])}")
    return measured


def knows_flags(row):
    text = subprocess.run([bench.program(), "stampede", "--help"], capture_output=True, text=True)
    return all(flag in text.stdout for flag in row.flags if str(flag).startswith("--"))


def check_row(bounds, row, options):
    if not knows_flags(row):
        bounds.skip(f"{row.name}: {row.formula}", "this program has no such flag")
        return
    share = QUICK_SHARE if options.quick else 1
    more = () if "shared" in row.name else RTT
    virtual = check(bounds, row, "virtual", stampede(row.flags, max(20, int(row.virtual * share)),
                                                     "--simulate", *more))
    if options.virtual:
        return
    if row.real == 0:
        bounds.skip(f"{row.name}, real", "more than this machine does in real time")
        return
    real = check(bounds, row, "real", stampede(row.flags, max(5, int(row.real * share))))
    if not row.loses_errors:
        bounds.require(f"{row.name}, real beside virtual", agree(real, virtual))


def check_speed(bounds):
    start = time.monotonic()
    stampede(("--guard", "singleflight", "--rate", "1M", "--origin", "10ms", "--processes", "10k"),
             3, "--simulate")
    seconds = time.monotonic() - start
    bounds.require("1M requests/s of 10,000 processes, virtual: under 10 s", seconds < 10,
                   f"{seconds:.1f} s")


def check_generator(bounds, options):
    """500 requests wait at a time, and none starts late."""
    result = stampede(("--guard", "none", "--rate", 5000, "--origin", "100ms", "--ttl", "1s"),
                      3 if options.quick else 20)
    rate = result["achieved"]["rate"]
    waiting = result["peak_origin_concurrency"]
    lag_ns = result["schedule_lag_ns"]["p99"]
    bounds.require("honest generator: 500 wait at once", waiting >= 450, f"{waiting}")
    # Poisson arrivals are as many as chance has it.
    chance = ERRORS / math.sqrt(result["schedule_lag_ns"]["count"])
    bounds.require("honest generator: 5,000/s within 1 %",
                   abs(rate / 5000 - 1) <= max(0.01, chance), f"{rate:.1f}/s")
    bounds.require("honest generator: lag p99 at most 2 ms", lag_ns <= 2e6, bench.duration(lag_ns))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[2],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="a fifth of the episodes: to see that all works, not to quote")
    parser.add_argument("--virtual", action="store_true", help="in virtual time alone")
    parser.add_argument("--row", action="append", metavar="NAME",
                        help="rows whose names begin so, such as xfetch or honest")
    return parser.parse_args()


def main():
    options = parse()
    bounds = bench.Bounds()

    def wanted(name):
        return not options.row or any(name.startswith(row) for row in options.row)

    for row in ROWS:
        if wanted(row.name):
            bench.progress(row.name)
            check_row(bounds, row, options)
    if wanted("speed"):
        check_speed(bounds)
    if wanted("honest generator") and not options.virtual:
        check_generator(bounds, options)
    bounds.exit()


if __name__ == "__main__":
    main()
