#!/usr/bin/env python3
"""usage: honest.py [--rounds N] [--quick]

A stall shows where it belongs: a server that stands still, in the response times of an open loop in
full and in those of a closed loop in the maximum alone; a client that does, not in the server's.

For Redis and for Memcached, each on a unix socket, something is stopped (SIGSTOP) for 1 s in the
middle of 10 s:

  server, open loop     5,000 requests/s go on being due. A tenth of them meet the stall, and what
                        is left of it for them is uniform on [0, 1 s]: p95 of the response time is
                        0.5 s and p99 0.9 s. Service time counts from when a command was sent, and
                        only as many as there are connections met the stall.
  server, closed loop   50 clients send nothing while they wait. The maximum shows the stall, p99
                        does not, and the run warns of that.
  client, open loop     the run is marked client_bound, its own pause is reported, and service time
                        is as if nothing had been.

And the schedule is the one asked for, by a Kolmogorov-Smirnov test at alpha = 0.01 on a log of
every request of 10 s at 1,000 requests/s:

  poisson    gaps between neighbours, as intended and as sent, against the exponential distribution
             with the mean asked for (not one fitted to them).
  constant   a distribution in one point has no such test, so each intended gap is the spacing to
             the nanosecond, and the times sent are tested as uniform over the interval.

A sent gap is the intended one plus the difference of two delays. Requests that are due while the
client handles another leave in one flush, with one stamp, and the gap between them is 0, which the
exponential distribution never is: that adds about (rate x the time for one request) to D. The test
must not hide that, but with enough requests it would refuse any sender. Hence 1,000 requests/s,
where 10,000 gaps resolve a delay of 16 us; at 5,000 requests/s D is printed for every gap and the
test is on the sum of each 10 gaps (an Erlang distribution), which sees the schedule and not the
microseconds.
"""

import csv
import os
import pathlib
import random
import signal
import statistics
import sys
import tempfile
import time

import bench
import figures

RUN_S = 10
STALL_S = 1.0
STALL_AT_S = 4.0
RATE = 5000
KEYS = 10_000
WORKLOAD = f"zipf:keys={KEYS},requests=5M,value=32"
POINTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "max": 1}
ALPHA = 0.01
KS_RATE = 1000
ERLANG_STEPS = 10

OPEN = ["--rate", RATE, "--duration", f"{RUN_S}s", "--preload", "--fills", "none"]
CLOSED = ["--clients", 50, "--duration", f"{RUN_S}s", "--preload", "--fills", "none"]
CASES = {
    "server stopped, open loop": (OPEN, "server"),
    "server stopped, closed loop": (CLOSED, "server"),
    "client stopped, open loop": (OPEN, "client"),
}


def stall(kind, flags, who):
    """(result, how long `who` was stopped, report) of a run in which it was."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with bench.Server(kind, folder) as server:
            with bench.Cell(WORKLOAD, server.spec(), *flags) as cell:
                # The measured interval begins with the first get.
                while server.gets() == 0 and cell.process.poll() is None:
                    time.sleep(0.01)
                time.sleep(STALL_AT_S)
                if cell.process.poll() is None:
                    stopped_s = stop_for(server.pid if who == "server" else cell.client_pid())
                report = cell.report()
    return report["results"][0], stopped_s, report


def stop_for(pid):
    begin = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(STALL_S)
    finally:
        os.kill(pid, signal.SIGCONT)
    return time.monotonic() - begin


def of(timing):
    """The points that are looked at, of one op's times in a report."""
    histogram = figures.Histogram(timing["histogram"])
    return {point: timing["max"] if share == 1 else histogram.quantile(share)
            for point, share in POINTS.items()}


def print_stalls(kind, rounds):
    print(f"\n{kind:<39}" + "".join(f"{point:>11}" for point in POINTS))
    for name in CASES:
        for times in ("response", "service"):
            rows = [of(one[name][0][f"{times}_time_ns"]["get"]) for one in rounds]
            print_points(name if times == "response" else "", times,
                         [statistics.median(row[point] for row in rows) for point in POINTS])
    run_s = rounds[0]["server stopped, open loop"][0]["duration_s"]
    stall_s = statistics.median(one["server stopped, open loop"][1] for one in rounds)
    print_points("theory, open loop", "response", [
        1e9 * figures.stalled_quantile(share, stall_s, run_s) for share in POINTS.values()])


def print_points(name, times, values):
    print(f"{name:<28} {times:<10}" + "".join(f"{bench.duration(value):>11}" for value in values))


def check_stalls(kind, rounds, bounds):
    def values(name, times, point):
        return [of(one[name][0][f"{times}_time_ns"]["get"])[point] for one in rounds]

    def check(name, times, point, **limits):
        bounds.check(f"{kind}: {name}: {times} {point}", values(name, times, point), bench.duration,
                     **limits)

    check("server stopped, open loop", "response", "p95", low=0.4e9, high=0.6e9)
    check("server stopped, open loop", "response", "p99", low=0.8e9, high=1.0e9)
    check("server stopped, open loop", "service", "p95", high=5e6)
    check("server stopped, closed loop", "response", "max", low=0.9e9)
    check("server stopped, closed loop", "response", "p99", high=50e6)
    closed = [one["server stopped, closed loop"][0] for one in rounds]
    bounds.require(f"{kind}: server stopped, closed loop: warns of it",
                   all(any("a stall of" in text for text in result["warnings"])
                       for result in closed))
    stopped = [one["client stopped, open loop"][0] for one in rounds]
    bounds.require(f"{kind}: client stopped, open loop: marked client_bound",
                   all("client_bound" in result["flags"] for result in stopped))
    check("client stopped, open loop", "service", "p95", high=5e6)
    bounds.check(f"{kind}: client stopped, open loop: its longest pause",
                 [result["client_pauses"]["longest_s"] * 1e9 for result in stopped],
                 bench.duration, low=0.9e9, high=1.3e9)


# The schedule


def read_log(path):
    """(intended, started) of the measured requests, in nanoseconds from the interval's begin."""
    with open(path, newline="") as file:
        rows = [(int(row["intended_ns"]), int(row["started_ns"])) for row in csv.DictReader(file)
                if row["started_ns"]]
    return [intended for intended, _ in rows], [started for _, started in rows]


def gaps(times, step=1):
    times = sorted(times)[::step]
    return [after - before for before, after in zip(times, times[1:])]


def logged_run(rate, arrival, run_s, seed):
    apart = bench.cpus_apart()  # so that the server does not take the CPU when a request is due
    pin, server_cpu = (["--pin", f"client={apart[0]}"], apart[1]) if apart else ([], None)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = pathlib.Path(folder) / "requests.csv"
        with bench.Server("redis", folder, cpu=server_cpu) as server:
            report = bench.run(WORKLOAD, server.spec(), "--rate", rate, "--arrival", arrival,
                               "--duration", f"{run_s}s", "--preload", "--fills", "none", "--seed",
                               seed, "--log", log, *pin)
        return *read_log(log), report["results"][0]["duration_s"] * 1e9


def schedule_of(rate, arrival, run_s, seed):
    intended, started, run_ns = logged_run(rate, arrival, run_s, seed)
    mean = 1e9 / rate
    delays = sorted(after - before for before, after in zip(intended, started))
    row = {"requests": len(intended),
           "together": gaps(started).count(0) / len(started),
           "delay": {share: figures.quantile(delays, share) for share in (0.5, 0.9, 0.99, 1)}}
    ks = figures.kolmogorov_smirnov
    if arrival == "poisson":
        row["intended gaps"] = ks(gaps(intended), figures.exponential(mean))
        row["sent gaps"] = ks(gaps(started), figures.exponential(mean))
        row["sent, 10 gaps"] = ks(gaps(started, ERLANG_STEPS), figures.erlang(ERLANG_STEPS, mean))
    else:
        row["off spacing"] = max(abs(gap - mean) for gap in gaps(intended))
    row["sent times"] = ks(started, figures.uniform(0, run_ns))
    return row


def print_schedules(schedules):
    tests = ("intended gaps", "sent gaps", "sent, 10 gaps", "sent times")
    print("\nKolmogorov-Smirnov, D (p):" + "".join(f"{test:>20}" for test in tests)
          + f"{'one stamp':>12}   sent - intended: p50, p90, p99, max")
    for (rate, arrival), rows in schedules.items():
        shown = []
        for test in tests:
            known = [row[test] for row in rows if test in row]
            shown.append("-" if not known else "{:.4f} ({:.3f})".format(
                *(statistics.median(column) for column in zip(*known))))
        together = statistics.median(row["together"] for row in rows)
        delays = [bench.duration(statistics.median(row["delay"][share] for row in rows))
                  for share in (0.5, 0.9, 0.99, 1)]
        print(f"{arrival + f' {rate}/s':<26}" + "".join(f"{text:>20}" for text in shown)
              + f"{together:>12.2%}   {', '.join(delays)}")


def check_schedules(schedules, bounds):
    def check(rate, arrival, test):
        bounds.check(f"{arrival} {rate}/s: {test}: p of Kolmogorov-Smirnov",
                     [row[test][1] for row in schedules[rate, arrival]], bench.ratio, low=ALPHA)

    check(KS_RATE, "poisson", "intended gaps")
    check(KS_RATE, "poisson", "sent gaps")
    check(RATE, "poisson", "intended gaps")
    check(RATE, "poisson", "sent, 10 gaps")
    check(KS_RATE, "constant", "sent times")
    bounds.check(f"constant {KS_RATE}/s: an intended gap off the spacing",
                 [row["off spacing"] for row in schedules[KS_RATE, "constant"]], bench.duration,
                 high=1)


def main():
    options = bench.parse_arguments(__doc__, rounds=3)
    kinds = [kind for kind, name in (("redis", "redis-server"), ("memcached", "memcached"))
             if bench.found(name)]
    schedule_cases = [(KS_RATE, "poisson"), (RATE, "poisson"), (KS_RATE, "constant")]
    if "redis" not in kinds:
        schedule_cases = []
    elif not bench.knows_option("--log"):
        print("skipped: the schedule, since this cachegauge has no --log", file=sys.stderr)
        schedule_cases = []

    rng = random.Random(1)
    stalls = {kind: [{} for _ in range(options.rounds)] for kind in kinds}
    schedules = {case: [] for case in schedule_cases}
    context = None
    for number in range(options.rounds):
        bench.progress(f"round {number + 1} of {options.rounds}")
        cells = [(kind, name) for kind in kinds for name in CASES]
        for kind, name in rng.sample(cells, len(cells)):
            *stalls[kind][number][name], report = stall(kind, *CASES[name])
            context = context or bench.machine(report)
        for case in rng.sample(schedule_cases, len(schedule_cases)):
            run_s = 5 if options.quick else RUN_S
            schedules[case].append(schedule_of(*case, run_s, seed=number + 1))

    print(f"# {context}; {options.rounds} rounds, medians")
    for kind in kinds:
        print_stalls(kind, stalls[kind])
    if schedules:
        print_schedules(schedules)
    print()
    bounds = bench.Bounds()
    for kind in kinds:
        check_stalls(kind, stalls[kind], bounds)
    if schedules:
        check_schedules(schedules, bounds)
    bounds.exit()


if __name__ == "__main__":
    main()
